import { dayMs } from '../dates.ts';
import type { Subscription } from '../subscription.ts';

/** How many days before the end of a subscription its owners and admins get a warning, earliest warning first. */
const warningDays = [30, 7, 1] as const;

/** A step towards the end of a subscription: 30, 7 or 1 days before the end, or 0 for the end itself. */
export type NoticeStep = (typeof warningDays)[number] | 0;

/** A notice to the owners and admins of an organization about the end of a subscription. Each step has one notice. */
export interface Notice {
  organizationId: string;
  product: string;
  kind: 'expiring' | 'expired';
  step: NoticeStep;
  /** How many days were left when the notice was written, rounded up: fewer than `step` if it was written late. */
  daysLeft: number;
  /** The end of the subscription, epoch ms. */
  expiresAt: number;
  /** When the notice was written, epoch ms. */
  noticedAt: number;
  /** For step 0, when the subscription ended, epoch ms: `expiresAt`, or the time of a setting that put it into the past. */
  endedAt?: number;
}

/** Returns when a step is reached, epoch ms. */
export const stepAt = (expiresAt: number, step: NoticeStep): number => expiresAt - step * dayMs;

/**
 * Returns the warnings that are still to come at `now`. A subscription that is set to end in 20 days gets the warnings of
 * 7 days and 1 day, and no late warning of 30 days: the vendor has just set this end.
 */
export const warningsAhead = (expiresAt: number, now: number): (typeof warningDays)[number][] =>
  warningDays.filter((days) => stepAt(expiresAt, days) > now);

/**
 * Returns the notice of a step. Returns undefined if the step is not reached, or if a later step is: if the schedule did not
 * run for a while, nobody reads "30 days" when 2 days are left.
 */
export const noticeOf = (
  { organizationId, product, expiresAt }: Pick<Subscription, 'organizationId' | 'product' | 'expiresAt'>,
  step: NoticeStep,
  now: number,
): Notice | undefined => {
  const next = [...warningDays, 0 as const].find((days) => days < step);
  if (stepAt(expiresAt, step) > now || (next !== undefined && stepAt(expiresAt, next) <= now)) return undefined;
  return {
    organizationId,
    product,
    kind: step === 0 ? 'expired' : 'expiring',
    step,
    daysLeft: step === 0 ? 0 : Math.ceil((expiresAt - now) / dayMs),
    expiresAt,
    noticedAt: now,
  };
};
