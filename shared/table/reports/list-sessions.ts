import { dayOf, type TimeRange } from '../../domain/dates.ts';
import { type HistorySession, overlaps } from '../../domain/history/session-history.ts';
import { readFiltered } from '../store/filtered-page.ts';
import {
  keys,
  type Page,
  type PageRequest,
  type Pool,
  ranges,
  type Started,
  startedOf,
  startedSort,
} from '../store/keys.ts';
import { readPage, type Table } from '../store/table.ts';

interface ListOptions extends PageRequest {
  range: TimeRange;
  /** Only this member's sessions. */
  userId?: string;
  /** Only sessions on this machine. */
  machineId?: string;
}

/** The most items that a request reads: so many for each that it may show, and at least so many. */
const readsPerShown = 4;
const leastReads = 2000;

/**
 * Returns a page of the activations of a pool that were active at some time of a range, newest first by their start.
 *
 * Two lists are merged: active and ended activations. An ended activation sorts by its start, and again by each day that it
 * was carried into. The page reads those that started since the first day of the range, and those carried into that day. So
 * it reads the activations that it shows, and at most one day more.
 */
export const listHistory = async (table: Table, pool: Pool, options: ListOptions): Promise<Page<HistorySession>> => {
  const { limit } = options;
  const after = options.after && startedOf(options.after);
  // In this order: an activation that ends meanwhile is in one of the lists, or in both.
  const running = await readRunning(table, pool, options, after);
  const ended = await readEnded(table, pool, options, after);
  // If one of the lists was not read to its end, nothing older of the other may be shown yet.
  const [floor] = [running.next, ended.next]
    .flatMap((next) => (next ? [startedOf(next)] : []))
    .sort((a, b) => newestFirst(a, b));
  const found = new Map([...running.items, ...ended.items].map((session) => [startedSort(session), session]));
  const sessions = [...found.values()]
    .filter((session) => !floor || newestFirst(session, floor) <= 0)
    .sort(newestFirst);
  const items = sessions.slice(0, limit);
  const next = sessions.length > limit ? items.at(-1) : floor;
  return { items, ...(next && { next: keys.endedSession(pool, next) }) };
};

const newestFirst = (a: Started, b: Started): number => {
  const [one, other] = [startedSort(a), startedSort(b)];
  if (one === other) return 0;
  return one > other ? -1 : 1;
};

const wanted =
  ({ range, userId, machineId }: ListOptions) =>
  (sessions: HistorySession[]) =>
    sessions.filter(
      (session) =>
        overlaps(session, range) &&
        (userId === undefined || session.userId === userId) &&
        (machineId === undefined || session.machineId === machineId),
    );

const bounds = ({ limit }: ListOptions) => ({ limit, most: Math.max(leastReads, readsPerShown * limit) });
const perRead = ({ limit }: ListOptions) => Math.min(Math.max(limit + 1, 100), 1000);

const readRunning = (table: Table, pool: Pool, options: ListOptions, after: Started | undefined) =>
  readFiltered(
    (position) => {
      const range = ranges.runningSessions(pool, options.range.to);
      return readPage(table, range, { backwards: true, limit: perRead(options), after: position });
    },
    wanted(options),
    (session) => keys.runningSession(pool, session),
    { ...bounds(options), after: after && keys.runningSession(pool, after) },
  );

const readEnded = (table: Table, pool: Pool, options: ListOptions, after: Started | undefined) => {
  const { from, to } = options.range;
  const day = dayOf(from);
  const { userId, machineId } = options;
  const of = userId === undefined && machineId !== undefined ? { machineId } : { userId };
  const since = ranges.endedSessions(pool, { from: day, to }, of);
  const carried = ranges.carriedSessions(pool, day);
  /** The position between activations that began on the day, and those carried into it. */
  const between = keys.carriedSession(pool, { startedAt: day, sessionId: '', fence: 0 }, day);
  const positionOf = (session: Started) =>
    session.startedAt < day ? keys.carriedSession(pool, session, day) : keys.endedSession(pool, session, of);
  return readFiltered(
    async (position) => {
      const isOlder = position?.sk.startsWith(carried.from) === true;
      const range = isOlder ? carried : since;
      const page = await readPage(table, range, { backwards: true, limit: perRead(options), after: position });
      return { items: page.items, next: page.next ?? (isOlder ? undefined : between) };
    },
    wanted(options),
    positionOf,
    { ...bounds(options), after: after && positionOf(after) },
  );
};
