import { dayMs } from '../dates.ts';
import type { Subscription } from '../subscription.ts';

/** How many days before its end a subscription's owners and admins are told of it, farthest first. */
const warningDays = [30, 7, 1] as const;

/** A step on the way to a subscription's end: 30, 7 or 1 days before it, or 0, its end itself. */
export type NoticeStep = (typeof warningDays)[number] | 0;

/** What the owners and admins of an organization are told about the end of one of its subscriptions, once. */
export interface Notice {
  organizationId: string;
  product: string;
  kind: 'expiring' | 'expired';
  step: NoticeStep;
  /** How many days were left when it was written, rounded up: fewer than its step says if that was late. */
  daysLeft: number;
  /** The end that it is about, epoch ms. */
  expiresAt: number;
  /** When it was written, epoch ms. */
  noticedAt: number;
  /** Of an end, when it came, epoch ms: `expiresAt`, or when that was set, if it had passed by then. */
  endedAt?: number;
}

/** When a step is reached, epoch ms. */
export const stepAt = (expiresAt: number, step: NoticeStep): number => expiresAt - step * dayMs;

/**
 * The warnings that are still ahead at a time: a subscription that begins, or is set to end, in 20 days gets those of 7
 * days and 1 day. Whoever set it knows that it ends so soon.
 */
export const warningsAhead = (expiresAt: number, now: number): (typeof warningDays)[number][] =>
  warningDays.filter((days) => stepAt(expiresAt, days) > now);

/**
 * The notice of a step, at the time of its writing. None if a later step has been reached too, whose notice then tells
 * more: after a week in which the schedule did not run, nobody is told that 30 days are left when 2 are.
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
