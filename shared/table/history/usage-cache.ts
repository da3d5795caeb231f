import pMap from 'p-map';
import { dayMs, dayOf, monthOf, type TimeRange } from '../../domain/dates.ts';
import type { CachedInterval, CachedUsage, CountedItem, UsedItem } from '../../domain/history/cached-usage.ts';
import { intervalOf, type Used } from '../../domain/history/usage.ts';
import { keys, type Pool, ranges } from '../store/keys.ts';
import { put, readAll, type Table, update } from '../store/table.ts';

/**
 * An interval is cached only this long after its end, ms, to allow for clock skew: the stream function recounts only the
 * days that are over by its own clock.
 */
const settledMs = 3_600_000;

/** Returns the cached usage among successive intervals, by their beginnings; and those that may be cached. */
export const readUsage = async <L extends keyof CachedUsage>(
  table: Table,
  pool: Pool,
  length: L,
  starts: readonly number[],
  now: number,
): Promise<{ kept: Map<number, CachedInterval<CachedUsage[L]>>; settled: ReadonlySet<number> }> => {
  const settled = starts.filter((at) => intervalOf(length, at, 1) + settledMs <= now);
  const [from, last] = [settled[0], settled.at(-1)];
  if (from === undefined || last === undefined) return { kept: new Map(), settled: new Set() };
  const items = await readAll(table, ranges.usage(pool, length, { from, to: last + 1 }));
  return { kept: new Map(items.map((item) => [item.at, item])), settled: new Set(settled) };
};

/**
 * Begins the count of an interval. Each count has a version of its own: two that run at once may read different sessions as live,
 * so only the later may be cached. Call this before the history is read.
 *
 * @returns undefined if another request has cached its count
 */
export const beginCount = async <L extends keyof CachedUsage>(
  table: Table,
  pool: Pool,
  length: L,
  at: number,
): Promise<CountedItem | undefined> => {
  const { done, item } = await update(table, {
    Key: keys.usage(pool, length, at),
    UpdateExpression: 'SET #at = :at, #until = :until, version = if_not_exists(version, :none) + :one',
    ConditionExpression: 'attribute_not_exists(#usage)',
    ExpressionAttributeValues: { ':at': at, ':until': intervalOf(length, at, 1), ':none': 0, ':one': 1 },
  });
  return done ? item : undefined;
};

/** Caches a count, unless its history has changed since, or another count has begun. */
export const cacheUsage = async <L extends keyof CachedUsage>(
  table: Table,
  pool: Pool,
  length: L,
  { at, version }: CountedItem,
  { usage, liveAt }: { usage: CachedUsage[L]; liveAt: number },
): Promise<void> => {
  await update(table, {
    Key: keys.usage(pool, length, at),
    UpdateExpression: 'SET #usage = :usage, liveAt = :liveAt',
    ConditionExpression: 'version = :version',
    ExpressionAttributeValues: { ':usage': usage, ':liveAt': liveAt, ':version': version },
  });
};

/**
 * Discards the cached usage, also a count in progress, of the days that a change of history touches, and of their months.
 * Call this after the history is written. It costs nothing for days that are not over, nearly all: they are not cached.
 *
 * @param since keep the counts that had read the live sessions by then, epoch ms
 */
export const recountUsage = async (
  table: Table,
  pool: Pool,
  { from, to }: TimeRange,
  since = Number.NEGATIVE_INFINITY,
): Promise<void> => {
  const until = Math.min(to, Date.now());
  if (from >= until || dayOf(from) + dayMs > Date.now()) return;
  // The days first: a count of a month opens the month before its days.
  for (const [length, first] of [
    ['day', dayOf(from)],
    ['month', monthOf(from)],
  ] as const) {
    const items = await readAll(table, ranges.usage(pool, length, { from: first, to: until }));
    await pMap(
      // A count in progress has no time yet.
      items.filter(({ liveAt }) => liveAt === undefined || liveAt >= since),
      ({ at }) =>
        update(table, {
          Key: keys.usage(pool, length, at),
          UpdateExpression: 'SET version = version + :one REMOVE #usage, liveAt',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':one': 1 },
        }),
      { concurrency: 25 },
    );
  }
};

/** The most characters of the ids of one part: an item may have 400 KB. */
const partLength = 250_000;

const partsOf = (ids: ReadonlySet<string>): string[][] => {
  const parts: string[][] = [];
  let room = 0;
  for (const id of ids) {
    if (room < id.length) {
      parts.push([]);
      room = partLength;
    }
    parts.at(-1)?.push(id);
    room -= id.length + 4;
  }
  return parts;
};

/** Caches the users and machines of a day, for one version of its usage and before that usage. */
export const cacheUsedIds = async (table: Table, pool: Pool, day: CountedItem, used: Used): Promise<void> => {
  const { at, until, version } = day;
  const items = (['users', 'machines'] as const).flatMap((kind) =>
    partsOf(used[kind]).map((ids): UsedItem => ({ at, until, version, kind, ids })),
  );
  await pMap(
    items.map((item, part) => ({ ...keys.used(pool, at, version, part), ...item })),
    (Item) => put(table, { Item }),
    { concurrency: 10 },
  );
};

/** Returns the users and machines of the cached days, by the versions of their usage. */
export const readUsed = async (
  table: Table,
  pool: Pool,
  range: TimeRange,
  versions: ReadonlyMap<number, number>,
): Promise<{ [K in keyof Used]: Set<string> }> => {
  const used = { users: new Set<string>(), machines: new Set<string>() };
  const items = await readAll(table, ranges.used(pool, range));
  for (const { at, version, kind, ids } of items)
    if (versions.get(at) === version) for (const id of ids) used[kind].add(id);
  return used;
};
