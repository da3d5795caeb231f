import type { Subscription } from '../../../client/index.ts';
import { isWithin } from '../../components/fields/number-field.tsx';
import { dayOf, endOf, isDay } from '../../components/time/local-day.ts';
import type { Terms } from './describe-terms.ts';

/** The terms in the form. Numbers are text; optional ones may be empty. */
export interface TermsInput {
  licenseType: Subscription['licenseType'];
  productName: string;
  quota: string;
  /** Empty: as many as licenses. */
  machineQuota: string;
  /** In the user's time zone; incomplete while the user types. */
  lastDay: string;
  suspended: boolean;
  trial: boolean;
  leaseSeconds: string;
  /** Empty: none. */
  idleTimeoutMinutes: string;
  offlineAllowed: boolean;
  /** Empty: until the subscription expires. */
  maxDays: string;
  reserveOnline: string;
}

/** The ranges that the service accepts. */
export const ranges = {
  quota: { from: 0, to: 100_000 },
  machineQuota: { from: 0, to: 100_000 },
  leaseSeconds: { from: 5, to: 86_400 },
  idleTimeoutMinutes: { from: 1, to: 10_080 },
  maxDays: { from: 1, to: 3650 },
  reserveOnline: { from: 0, to: 100_000 },
} as const;
export const LONGEST_NAME = 100;

/** Returns the terms of a subscription, or the defaults for a new one. */
export const termsInputOf = (subscription: Subscription | undefined): TermsInput => {
  if (!subscription)
    return {
      licenseType: 'floating',
      productName: '',
      quota: '',
      machineQuota: '',
      lastDay: '',
      suspended: false,
      trial: false,
      leaseSeconds: '120',
      idleTimeoutMinutes: '',
      offlineAllowed: false,
      maxDays: '60',
      reserveOnline: '1',
    };
  const { quota, machineQuota, offline } = subscription;
  return {
    licenseType: subscription.licenseType,
    productName: subscription.productName,
    quota: String(quota),
    machineQuota: machineQuota === quota ? '' : String(machineQuota),
    lastDay: dayOf(Date.parse(subscription.expiresAt)),
    suspended: subscription.status === 'suspended',
    trial: subscription.trial ?? false,
    leaseSeconds: String(subscription.leaseSeconds),
    idleTimeoutMinutes: String(subscription.idleTimeoutMinutes ?? ''),
    offlineAllowed: offline.allowed,
    maxDays: String(offline.maxDays ?? ''),
    reserveOnline: String(offline.reserveOnline),
  };
};

/** Returns whether the form is complete and valid. */
export const isComplete = (input: TermsInput): boolean => {
  const optional = (name: 'machineQuota' | 'idleTimeoutMinutes' | 'maxDays') =>
    input[name] === '' || isWithin(input[name], ranges[name]);
  return (
    input.productName.trim().length <= LONGEST_NAME &&
    isDay(input.lastDay) &&
    isWithin(input.quota, ranges.quota) &&
    isWithin(input.leaseSeconds, ranges.leaseSeconds) &&
    isWithin(input.reserveOnline, ranges.reserveOnline) &&
    optional('machineQuota') &&
    optional('idleTimeoutMinutes') &&
    optional('maxDays')
  );
};

/**
 * Returns the terms in the form.
 *
 * @param product the code, which is the default name
 * @param before the current subscription; its exact expiry is kept, unless another last day was chosen
 */
export const termsOf = (input: TermsInput, product: string, before: Subscription | undefined): Terms => {
  const quota = Number(input.quota);
  const endsAsBefore = before && dayOf(Date.parse(before.expiresAt)) === input.lastDay;
  const optional = (text: string) => (text === '' ? null : Number(text));
  return {
    licenseType: input.licenseType,
    productName: input.productName.trim() || product,
    quota,
    machineQuota: optional(input.machineQuota) ?? quota,
    expiresAt: endsAsBefore ? before.expiresAt : new Date(endOf(input.lastDay)).toISOString(),
    status: input.suspended ? 'suspended' : 'active',
    ...(input.trial && { trial: true }),
    leaseSeconds: Number(input.leaseSeconds),
    idleTimeoutMinutes: input.licenseType === 'per-user' ? optional(input.idleTimeoutMinutes) : null,
    offline: {
      allowed: input.offlineAllowed,
      maxDays: optional(input.maxDays),
      reserveOnline: Number(input.reserveOnline),
    },
  };
};
