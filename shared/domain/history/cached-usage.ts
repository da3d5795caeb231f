import type { DayUsage, Usage, Used } from './usage.ts';

/** What the service keeps of a counted interval. Times are epoch ms. */
export interface CountedItem {
  /** The beginning of the interval. */
  at: number;
  /** The end of the interval. */
  until: number;
  version: number;
}

/**
 * A past day or month, with its usage once that was counted. A later change of its history moves the version on and takes the
 * usage away.
 *
 * A request that counts opens the interval first, then reads the history, and keeps its count on condition of the version; a
 * request that writes history does that first, and moves versions on after it. So one of the two always sees the other.
 */
export interface CachedInterval<U> extends CountedItem {
  usage?: U;
}

/** The usage that is kept, by the length of its interval. */
export interface CachedUsage {
  day: DayUsage;
  month: Usage;
}

/** A part of the users, or machines, of a day: as many ids as one item holds well. */
export interface UsedItem extends CountedItem {
  kind: keyof Used;
  ids: string[];
}
