import type { DayUsage, Usage, Used } from './usage.ts';

/** The fields of every cached item of an interval. Times are epoch ms. */
export interface CountedItem {
  /** The beginning of the interval. */
  at: number;
  /** The end of the interval. */
  until: number;
  version: number;
}

/**
 * A past day or month, and its usage once a request has counted it. A later change of its history increments the version and
 * removes the usage.
 *
 * The stream function tells an end some seconds after it. In between a session is neither live nor on the list of ended ones, and
 * a count may lack it. So the telling of an end discards the counts that read the live sessions after that end. A count before
 * it has the session as running, and it did run then.
 *
 * A request that counts first increments the version, or creates the interval; then it reads the history, and stores its count
 * only if the version is unchanged. A write of history increments the version afterwards. So one of the two always sees the
 * other, and of two counts at once the later is cached.
 */
export interface CachedInterval<U> extends CountedItem {
  usage?: U;
  /** With the usage: a time (epoch ms) after the count read the live sessions. Absent in items of earlier releases. */
  liveAt?: number;
}

/** The cached usage, by the length of its interval. */
export interface CachedUsage {
  day: DayUsage;
  month: Usage;
  /** Not kept: the usage of a day has its hours. */
  hour: never;
}

/** A part of the users or machines of a day: as many IDs as fit into one item. */
export interface UsedItem extends CountedItem {
  kind: keyof Used;
  ids: string[];
}
