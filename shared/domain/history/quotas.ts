import type { TimeRange } from '../dates.ts';

/** A quota that the vendor set. Times are epoch ms. */
export interface QuotaSet {
  at: number;
  quota: number;
  /** The quota before; absent for a new subscription. */
  before?: number;
}

/**
 * Returns the highest quota of a time range.
 *
 * @param set the quotas that were set, oldest first
 * @param now the present quota: the quota of all times if none was recorded
 */
export const quotaIn = (set: readonly QuotaSet[], { from, to }: TimeRange, now: number): number => {
  const atStart = set.findLast(({ at }) => at <= from)?.quota ?? (set[0] ? set[0].before : now) ?? 0;
  return Math.max(atStart, ...set.filter(({ at }) => at > from && at < to).map(({ quota }) => quota));
};
