import { dayMs, type TimeRange } from '../../domain/dates.ts';
import { type HistorySession, overlaps } from '../../domain/history/session-history.ts';
import {
  combinedUsage,
  type DayUsage,
  type Granularity,
  intervalOf,
  intervalsIn,
  type Usage,
  type Used,
  usageOfDay,
} from '../../domain/history/usage.ts';
import { earliestEnds, endedLists, readList } from '../history/ended-sessions.ts';
import { beginCount, cacheUsage, cacheUsedIds, readUsage, readUsed } from '../history/usage-cache.ts';
import { intervalAt, type KeyRange, keys, type Page, type Pool, type Position, ranges } from '../store/keys.ts';
import { readAll, readPage, type Table } from '../store/table.ts';
import { activationsOf, type LiveClaim, readLiveClaims } from './live-activations.ts';

export interface UsageInterval {
  /** Epoch ms. */
  from: number;
  to: number;
  usage: Usage;
}

/**
 * The most items of history that one request counts, about: some seconds. Only cached counts are bounded, so that the next
 * request continues there.
 */
const countedPerRequest = 100_000;
/** The least cost of a day, and the number of cached user and machine ids that cost as much as an item. */
const leastCostOfDay = 100;
const idsPerItem = 10;
/** The most days that are counted at once, within the bound. */
const mostDaysAtOnce = 4;
/** The attributes of a session that count. */
const sessionFields = ['sessionId', 'fence', 'startedAt', 'endedAt', 'userId', 'machineId', 'waitedSeconds'] as const;

interface UsageQuery {
  granularity: Granularity;
  range: TimeRange;
  /** At most this many intervals. */
  limit: number;
  after?: Position;
  now: number;
  /** The most items of history that the request counts, about. */
  most?: number;
}

/** The counting of one request. */
interface Counting {
  now: number;
  live: readonly LiveClaim[];
  /** A time (epoch ms) after the live sessions were read. */
  liveAt: number;
  /** The beginning of the history, epoch ms. */
  begins: number;
  /** How many more items the request may count. */
  left: number;
  /** The items of the largest counted day. */
  largestDay?: number;
}

/**
 * Returns the usage of a pool in the intervals that a range touches, oldest first. The first report on a past day or month
 * pays for the count. A request that reaches its bound returns what it counted, and the next page continues there.
 *
 * An interval that is not over has the usage until now. Future intervals are left out.
 */
export const listUsage = async (table: Table, pool: Pool, options: UsageQuery): Promise<Page<UsageInterval>> => {
  const { granularity, range, limit, after, now, most = countedPerRequest } = options;
  const from = after ? intervalAt(after) : range.from;
  const starts = intervalsIn(granularity, { from, to: Math.min(range.to, now) }, limit + 1);
  const shown = starts.slice(0, limit);
  const [first, last] = [shown[0], shown.at(-1)];
  if (first === undefined || last === undefined) return { items: [] };
  const whole = { from: first, to: intervalOf(granularity, last, 1) };
  // In this order: `readLiveClaims`.
  const live = await readLiveClaims(table, pool, whole.to);
  const begins = await beginningOf(table, pool, whole, live);
  const counting: Counting = { now, live, liveAt: Date.now(), begins, left: most };
  const usages =
    granularity === 'month'
      ? await countMonths(table, pool, shown, counting)
      : await countWithinDays(table, pool, granularity, whole, counting);
  const items = usages.map((usage, index) => {
    const start = shown[index] as number;
    return { from: start, to: intervalOf(granularity, start, 1), usage };
  });
  const next = starts[usages.length];
  return { items, ...(next !== undefined && { next: keys.usage(pool, granularity, next) }) };
};

/** Returns the beginning of the history in a range: earlier days cost nothing. */
const beginningOf = async (
  table: Table,
  pool: Pool,
  { from, to }: TimeRange,
  live: readonly LiveClaim[],
): Promise<number> => {
  const firstOf = async <T>(range: KeyRange<T>) => (await readPage(table, range, { limit: 1 })).items[0];
  const [refused, ...ended] = await Promise.all([
    firstOf(ranges.refused(pool, { from, to })),
    ...endedLists(pool, { from, to }).flatMap(({ parts }) => parts.map(firstOf)),
  ]);
  const started = [...live, ...ended].reduce((first, one) => Math.min(first, one?.startedAt ?? Infinity), Infinity);
  return Math.min(started, refused?.at ?? Infinity);
};

const countWithinDays = async (
  table: Table,
  pool: Pool,
  granularity: 'day' | 'hour',
  range: TimeRange,
  counting: Counting,
): Promise<Usage[]> => {
  const days = await countDays(table, pool, intervalsIn('day', range), counting);
  if (granularity === 'day') return days.map(({ whole }) => whole);
  return days.flatMap(({ day, hours }) =>
    intervalsIn('hour', { from: day, to: day + dayMs }).flatMap((hour, index) =>
      hour >= range.from && hour < range.to ? (hours[index] as Usage) : [],
    ),
  );
};

/** Returns the usage of the first months, as many as may be counted. */
const countMonths = async (
  table: Table,
  pool: Pool,
  months: readonly number[],
  counting: Counting,
): Promise<Usage[]> => {
  const begun = months.filter((month) => intervalOf('month', month, 1) > counting.begins);
  const { kept, settled } = await readUsage(table, pool, 'month', begun, counting.now);
  const usages: Usage[] = [];
  for (const month of months) {
    const usage = kept.get(month)?.usage ?? (await countMonth(table, pool, month, settled.has(month), counting));
    if (!usage) break;
    usages.push(usage);
  }
  return usages;
};

const countMonth = async (
  table: Table,
  pool: Pool,
  month: number,
  isSettled: boolean,
  counting: Counting,
): Promise<Usage | undefined> => {
  const count = isSettled ? await beginCount(table, pool, 'month', month) : undefined;
  const range = { from: month, to: intervalOf('month', month, 1) };
  const days = intervalsIn('day', { ...range, to: Math.min(range.to, counting.now) });
  const counted = await countDays(table, pool, days, counting);
  if (counted.length < days.length) return undefined;
  const versions = new Map(counted.flatMap(({ day, version }) => (version === undefined ? [] : [[day, version]])));
  const noUsed = { users: new Set<string>(), machines: new Set<string>() };
  const { users, machines } = versions.size > 0 ? await readUsed(table, pool, range, versions) : noUsed;
  for (const { used } of counted) {
    for (const user of used?.users ?? []) users.add(user);
    for (const machine of used?.machines ?? []) machines.add(machine);
  }
  const whole = counted.map((day) => day.whole);
  const usage = combinedUsage(whole, { users, machines });
  if (count) {
    counting.left -= whole.reduce((sum, day) => sum + day.users + day.machines, 0) / idsPerItem;
    await cacheUsage(table, pool, 'month', count, { usage, liveAt: counting.liveAt });
  }
  return usage;
};

/** A counted day: with its users and machines, or with the version under which these are cached. */
interface CountedDay extends DayUsage {
  day: number;
  used?: Used;
  version?: number;
}

/** Returns the usage of the first of successive days, as many as may be counted. */
const countDays = async (
  table: Table,
  pool: Pool,
  days: readonly number[],
  counting: Counting,
): Promise<CountedDay[]> => {
  const begun = days.filter((day) => day + dayMs > counting.begins);
  const { kept, settled } = await readUsage(table, pool, 'day', begun, counting.now);
  const to = (days.at(-1) ?? 0) + dayMs;
  const isCounted = begun.every((day) => kept.get(day)?.usage);
  const running = isCounted
    ? []
    : await activationsOf(
        table,
        pool,
        counting.live.filter(({ startedAt }) => startedAt < to),
      );
  const counted: CountedDay[] = [];
  while (counted.length < days.length && counting.left > 0) {
    const room = Math.floor(counting.left / (counting.largestDay ?? counting.left));
    const end = counted.length + Math.max(1, Math.min(mostDaysAtOnce, room));
    const some = days.slice(counted.length, end).map(async (day): Promise<CountedDay> => {
      const cached = kept.get(day);
      if (cached?.usage) return { day, version: cached.version, ...cached.usage };
      if (day + dayMs <= counting.begins) return { day, ...usageOfDay(day, { sessions: [], refusals: [] }, day) };
      return { day, ...(await countDay(table, pool, day, settled.has(day), running, counting)) };
    });
    counted.push(...(await Promise.all(some)));
  }
  return counted;
};

/** Counts a day from its history, and caches the count of a day that is settled. */
const countDay = async (
  table: Table,
  pool: Pool,
  day: number,
  isSettled: boolean,
  running: readonly HistorySession[],
  counting: Counting,
): Promise<DayUsage & { used: Used }> => {
  const range = { from: day, to: day + dayMs };
  const count = isSettled ? await beginCount(table, pool, 'day', day) : undefined;
  const [refusals, ...lists] = await Promise.all([
    readAll(table, ranges.refused(pool, range), { only: ['at', 'reason'] }),
    ...endedLists(pool, range).map((list) => readList(table, list, { only: sessionFields })),
  ]);
  const ended = lists.flat();
  // An activation that is also on a list of ended ones has ended.
  const sessions = earliestEnds<HistorySession>([...running, ...ended]).filter((session) => overlaps(session, range));
  const { used, ...usage } = usageOfDay(day, { sessions, refusals }, counting.now);
  if (count) {
    const items = Math.max(leastCostOfDay, ended.length + refusals.length);
    counting.left -= items;
    counting.largestDay = Math.max(items, counting.largestDay ?? 0);
    await cacheUsedIds(table, pool, count, used);
    await cacheUsage(table, pool, 'day', count, { usage, liveAt: counting.liveAt });
  }
  return { ...usage, used };
};
