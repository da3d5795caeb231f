import { dayMs, dayOf } from './dates.ts';
import { type Subscription, type SubscriptionTerms, statusOf } from './subscription.ts';

/** The most of a subscription's licenses that were in use at a count of a day (its beginning, epoch ms). */
interface DayPeak {
  day: number;
  peak: number;
}

/** How many days a trend compares, and with as many before. */
const trendDays = 7;
const keptDays = 2 * trendDays;

/** The use of a subscription's licenses, as the schedule counted it. */
interface CountedUse {
  inUse: number;
  /** Epoch ms. */
  countedAt: number;
  /** The latest day first. */
  peaks: readonly DayPeak[];
}

/** A subscription in the vendor's list of all. Derived: `version` is that of the subscription it was derived from. */
export interface SoldSubscription
  extends Pick<
    SubscriptionTerms,
    'productName' | 'licenseType' | 'quota' | 'expiresAt' | 'suspended' | 'trial' | 'note'
  > {
  organizationId: string;
  organizationName: string;
  product: string;
  version: number;
  /** Absent until the schedule's first count. */
  use?: CountedUse;
}

/** Returns the entry of a subscription, without its use. */
export const soldSubscription = (
  {
    organizationId,
    product,
    productName,
    licenseType,
    quota,
    expiresAt,
    suspended,
    trial,
    note,
    version,
  }: Subscription,
  organizationName: string,
): SoldSubscription => ({
  organizationId,
  organizationName,
  product,
  productName,
  licenseType,
  quota,
  expiresAt,
  suspended,
  trial,
  note,
  version,
});

/** Returns a use with one more count at `now` (epoch ms). */
export const counted = (before: CountedUse | undefined, inUse: number, now: number): CountedUse => {
  const day = dayOf(now);
  const kept = (before?.peaks ?? []).filter((peak) => peak.day > day - keptDays * dayMs);
  const [last, ...earlier] = kept;
  const peaks =
    last?.day === day ? [{ day, peak: Math.max(last.peak, inUse) }, ...earlier] : [{ day, peak: inUse }, ...kept];
  return { inUse, countedAt: now, peaks };
};

/** Returns the most that was in use in the last seven days, and in the seven days before; null: not counted then. */
export const trendOf = (use: CountedUse | undefined, now: number): { peak: number | null; before: number | null } => {
  const since = dayOf(now) - (trendDays - 1) * dayMs;
  const most = (peaks: readonly DayPeak[]) => (peaks.length > 0 ? Math.max(...peaks.map(({ peak }) => peak)) : null);
  const kept = use?.peaks ?? [];
  return {
    peak: most(kept.filter(({ day }) => day >= since)),
    before: most(kept.filter(({ day }) => day < since && day >= since - trendDays * dayMs)),
  };
};

/** The states by which the vendor filters its list. */
export type SoldState = 'ending' | 'full' | 'unused';

const endingDays = 30;

/**
 * Returns whether a subscription that has not expired is in a state: it ends within 30 days, all its licenses were in use at
 * the last count, or none was at any count of the kept days.
 */
const isIn = (sold: SoldSubscription, state: SoldState, now: number): boolean => {
  if (statusOf(sold, now) === 'expired') return false;
  switch (state) {
    case 'ending':
      return sold.expiresAt <= now + endingDays * dayMs;
    case 'full':
      return sold.use !== undefined && sold.quota > 0 && sold.use.inUse >= sold.quota;
    case 'unused':
      return sold.use?.peaks.every(({ peak }) => peak === 0) ?? false;
  }
};

/** The filters of the vendor's list. `search`: the words that the names and the product code must have. */
export interface SoldFilter {
  state?: SoldState | undefined;
  search?: string | undefined;
}

/** Returns whether a subscription matches all filters. */
export const isWantedSale = (sold: SoldSubscription, { state, search = '' }: SoldFilter, now: number): boolean => {
  const text = `${sold.organizationName} ${sold.organizationId} ${sold.product} ${sold.productName}`.toLowerCase();
  const words = search.toLowerCase().split(/\s/);
  return words.every((word) => text.includes(word)) && (state === undefined || isIn(sold, state, now));
};
