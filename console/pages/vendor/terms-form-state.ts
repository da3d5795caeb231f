import type { Product, Subscription } from '../../../client/index.ts';
import { isWithin } from '../../components/fields/number-field.tsx';
import { dayAfter, dayOf, endOf, isDay } from '../../components/time/local-day.ts';
import type { Terms } from './describe-terms.ts';

/** The terms of the use of a license, in a form. Numbers are text; optional ones may be empty. */
export interface UseInput {
  licenseType: Subscription['licenseType'];
  leaseSeconds: string;
  /** Empty: none. */
  idleTimeoutMinutes: string;
  offlineAllowed: boolean;
  /** Empty: until the subscription expires. */
  maxDays: string;
  reserveOnline: string;
}

/** The terms in the form. */
export interface TermsInput extends UseInput {
  productName: string;
  quota: string;
  /** Empty: as many as licenses. */
  machineQuota: string;
  /** In the user's time zone; incomplete while the user types. */
  lastDay: string;
  suspended: boolean;
  trial: boolean;
  /** The vendor's note; empty: none. */
  note: string;
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
export const LONGEST_NOTE = 1000;

/** A product of the catalogue that is sold now (epoch ms), and whether as a trial. */
export interface Offer {
  product: Product;
  trial: boolean;
  now: number;
}

/** Returns the terms of the use that a subscription, or a product of the catalogue, has. */
export const inputOfUse = (
  {
    leaseSeconds,
    idleTimeoutMinutes,
    offline,
  }: Pick<Product['terms'], 'leaseSeconds' | 'idleTimeoutMinutes' | 'offline'>,
  licenseType: Subscription['licenseType'],
): UseInput => ({
  licenseType,
  leaseSeconds: String(leaseSeconds),
  idleTimeoutMinutes: String(idleTimeoutMinutes ?? ''),
  offlineAllowed: offline.allowed,
  maxDays: String(offline.maxDays ?? ''),
  reserveOnline: String(offline.reserveOnline ?? 1),
});

const offeredInput = ({ product: { name, licenseType, terms }, trial, now }: Offer): TermsInput => ({
  ...inputOfUse(terms, licenseType),
  productName: name,
  quota: String(terms.quota),
  machineQuota: '',
  lastDay: dayAfter(now, trial ? { days: terms.trialDays } : { months: terms.months }),
  suspended: false,
  trial,
  note: '',
});

/** Returns the terms of a subscription, or the defaults for a new one: those of the catalogue, if it has the product. */
export const termsInputOf = (subscription: Subscription | undefined, offer: Offer | undefined): TermsInput => {
  if (!subscription && offer) return offeredInput(offer);
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
      note: '',
    };
  const { quota, machineQuota, licenseType } = subscription;
  return {
    ...inputOfUse(subscription, licenseType),
    productName: subscription.productName,
    quota: String(quota),
    machineQuota: machineQuota === quota ? '' : String(machineQuota),
    lastDay: dayOf(Date.parse(subscription.expiresAt)),
    suspended: subscription.suspended ?? false,
    trial: subscription.trial ?? false,
    note: subscription.note ?? '',
  };
};

/** Returns whether the terms of the use are complete and valid. */
export const isUseComplete = (input: UseInput): boolean =>
  isWithin(input.leaseSeconds, ranges.leaseSeconds) &&
  isWithin(input.reserveOnline, ranges.reserveOnline) &&
  (input.idleTimeoutMinutes === '' || isWithin(input.idleTimeoutMinutes, ranges.idleTimeoutMinutes)) &&
  (input.maxDays === '' || isWithin(input.maxDays, ranges.maxDays));

/** Returns whether the form is complete and valid. */
export const isComplete = (input: TermsInput): boolean =>
  input.productName.trim().length <= LONGEST_NAME &&
  input.note.trim().length <= LONGEST_NOTE &&
  isDay(input.lastDay) &&
  isWithin(input.quota, ranges.quota) &&
  (input.machineQuota === '' || isWithin(input.machineQuota, ranges.machineQuota)) &&
  isUseComplete(input);

const optional = (text: string) => (text === '' ? null : Number(text));

/** Returns the terms of the use in a form. */
export const termsOfUse = (input: UseInput) => ({
  leaseSeconds: Number(input.leaseSeconds),
  idleTimeoutMinutes: input.licenseType === 'per-user' ? optional(input.idleTimeoutMinutes) : null,
  offline: {
    allowed: input.offlineAllowed,
    maxDays: optional(input.maxDays),
    reserveOnline: Number(input.reserveOnline),
  },
});

/**
 * Returns the terms in the form.
 *
 * @param product the code, which is the default name
 * @param before the current subscription; its exact expiry is kept, unless another last day was chosen
 */
export const termsOf = (input: TermsInput, product: string, before: Subscription | undefined): Terms => {
  const quota = Number(input.quota);
  const endsAsBefore = before && dayOf(Date.parse(before.expiresAt)) === input.lastDay;
  return {
    licenseType: input.licenseType,
    productName: input.productName.trim() || product,
    quota,
    machineQuota: optional(input.machineQuota) ?? quota,
    expiresAt: endsAsBefore ? before.expiresAt : new Date(endOf(input.lastDay)).toISOString(),
    status: input.suspended ? 'suspended' : 'active',
    ...(input.trial && { trial: true }),
    note: input.note.trim() || null,
    ...termsOfUse(input),
  };
};
