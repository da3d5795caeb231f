import { expect } from 'vitest';
import { day, type Json } from '../support/harness.ts';
import type { Organization, Pool } from './state.ts';

/** The limits of an organization that are counted by the day or the minute (UTC), with the length of that time, ms. */
const windows = {
  invitationsPerDay: day,
  invitationsPerAddressAndDay: day,
  redeliveriesPerMinute: 60_000,
  alertTestsPerDay: day,
  offlineLicensesPerDay: day,
};
type Rate = keyof typeof windows;

/** The documented defaults. */
export const defaultLimits = {
  apiKeysPerMember: 20,
  webhooks: 10,
  invitationsPerDay: 500,
  invitationsPerAddressAndDay: 5,
  redeliveriesPerMinute: 10,
  alertTestsPerDay: 20,
  offlineLicensesPerDay: null as number | null,
};
export type Limits = typeof defaultLimits;

/** An action that counts for a limit. */
export interface Counted {
  rate: Rate;
  /** The address or the product; empty for the whole organization. */
  of: string;
  amount: number;
  limit: number;
}

const nameOf = ({ rate, of }: Counted, now: number): string => `${rate} ${of} ${Math.floor(now / windows[rate])}`;

/** Returns the limits that an action would pass. */
export const passedBy = ({ counts }: Organization, action: readonly Counted[], now: number): Counted[] =>
  action.filter((one) => (counts.get(nameOf(one, now)) ?? 0) + one.amount > one.limit);

export const count = ({ counts }: Organization, action: readonly Counted[], now: number): void => {
  for (const one of action) counts.set(nameOf(one, now), (counts.get(nameOf(one, now)) ?? 0) + one.amount);
};

const isTooLarge = ({ amount, limit }: Counted): boolean => amount > limit;

/** Returns the code of the refusal by these limits: no wait helps an action that is larger than a whole limit. */
export const limitCode = (passed: readonly Counted[]) =>
  passed.some(isTooLarge) ? 'limit-exceeded' : 'too-many-requests';

/** Expects a refusal by these limits to name one, its value and, if a wait helps, when its count starts anew. */
export const expectLimit = (
  { code, limit, value, retryAfterSeconds }: Json,
  passed: readonly Counted[],
  now: number,
): void => {
  if (code !== limitCode(passed)) return;
  const named = code === 'limit-exceeded' ? passed.filter(isTooLarge) : passed;
  expect(named.map((one) => ({ limit: one.rate, value: one.limit }))).toContainEqual({ limit, value });
  const ms = windows[limit as Rate];
  const left = code === 'limit-exceeded' ? undefined : Math.ceil((ms - (now % ms)) / 1000);
  expect(retryAfterSeconds).toBe(left);
};

/** A message that somebody sends by hand, to a webhook or by the alerts. */
export const byHand = ({ limits }: Organization): Counted[] => [
  { rate: 'redeliveriesPerMinute', of: '', amount: 1, limit: limits.redeliveriesPerMinute },
];

export const testedAlerts = (organization: Organization): Counted[] => [
  ...byHand(organization),
  { rate: 'alertTestsPerDay', of: '', amount: 1, limit: organization.limits.alertTestsPerDay },
];

export const invited = ({ limits }: Organization, emails: readonly string[]): Counted[] => [
  { rate: 'invitationsPerDay', of: '', amount: emails.length, limit: limits.invitationsPerDay },
  ...emails.map((of): Counted => {
    return { rate: 'invitationsPerAddressAndDay', of, amount: 1, limit: limits.invitationsPerAddressAndDay };
  }),
];

/** An offline license. Without a limit of the vendor a product has 10 a day, or a tenth of its quota if that is more. */
export const issued = ({ limits }: Organization, { product, quota }: Pick<Pool, 'product' | 'quota'>): Counted[] => [
  {
    rate: 'offlineLicensesPerDay',
    of: product,
    amount: 1,
    limit: limits.offlineLicensesPerDay ?? Math.max(10, Math.ceil(quota / 10)),
  },
];
