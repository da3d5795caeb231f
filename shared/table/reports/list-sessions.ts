import type { TimeRange } from '../../domain/dates.ts';
import { type EndedSession, type HistorySession, overlaps } from '../../domain/history/session-history.ts';
import { type EndedList, earliestEnds, endedLists, readListPage } from '../history/ended-sessions.ts';
import { readFiltered } from '../store/filtered-page.ts';
import {
  type Page,
  type PageRequest,
  type Pool,
  type Started,
  sessionPosition,
  startedOf,
  startedSort,
} from '../store/keys.ts';
import type { Table } from '../store/table.ts';
import { activationsOf, readLiveClaims } from './live-activations.ts';

interface ListOptions extends PageRequest {
  range: TimeRange;
  /** Only this member's sessions. */
  userId?: string;
  /** Only sessions on this machine. */
  machineId?: string;
}

/**
 * The most items of a list that a request reads: so many for each that it may show, and at least so many. With a filter more:
 * some 450 read units.
 */
const readsPerShown = 4;
const leastReads = 2000;
const leastFilteredReads = 10_000;

/**
 * Returns a page of the activations of a pool that were active at some time of a range, newest first by their start. Merges
 * the live sessions with the lists of ended ones. A session is on none of them for the moment between its end and the stream
 * function's.
 */
export const listHistory = async (table: Table, pool: Pool, options: ListOptions): Promise<Page<HistorySession>> => {
  const { limit } = options;
  const after = options.after && startedOf(options.after);
  // In this order: `readLiveClaims`.
  const running = await readLive(table, pool, options, after);
  const ended = await Promise.all(
    endedLists(pool, options.range).map((list) => readEnded(table, list, options, after)),
  );
  const lists: Page<HistorySession>[] = [running, ...ended];
  // If a list was not read to its end, nothing older of the others may be shown yet.
  const [floor] = lists.flatMap(({ next }) => (next ? [startedOf(next)] : [])).sort(newestFirst);
  const sessions = earliestEnds(lists.flatMap(({ items }) => items))
    .filter((session) => !floor || newestFirst(session, floor) <= 0)
    .sort(newestFirst);
  const items = sessions.slice(0, limit);
  const next = sessions.length > limit ? items.at(-1) : floor;
  return { items, ...(next && { next: sessionPosition(pool, next) }) };
};

const newestFirst = (a: Started, b: Started): number => {
  const [one, other] = [startedSort(a), startedSort(b)];
  if (one === other) return 0;
  return one > other ? -1 : 1;
};

const isWanted =
  ({ range, userId, machineId }: ListOptions) =>
  (session: HistorySession): boolean =>
    overlaps(session, range) &&
    (userId === undefined || session.userId === userId) &&
    (machineId === undefined || session.machineId === machineId);

const bounds = ({ limit, userId, machineId }: ListOptions) => {
  const least = userId === undefined && machineId === undefined ? leastReads : leastFilteredReads;
  return { limit, most: Math.max(least, readsPerShown * limit) };
};
const perRead = ({ limit }: ListOptions) => Math.min(Math.max(limit + 1, 100), 1000);

/** Reads the claims of all live sessions, and the records of those that the page may show. */
const readLive = async (
  table: Table,
  pool: Pool,
  options: ListOptions,
  after: Started | undefined,
): Promise<Page<HistorySession>> => {
  const { range, userId, machineId, limit } = options;
  const claims = (await readLiveClaims(table, pool, range.to))
    .filter((claim) => !after || newestFirst(after, claim) < 0)
    .filter((claim) => userId === undefined || claim.userId === userId)
    .filter((claim) => machineId === undefined || claim.machineId === machineId)
    .sort(newestFirst);
  const [shown, last] = [claims.slice(0, limit + 1), claims[limit]];
  const items = (await activationsOf(table, pool, shown)).filter(isWanted(options));
  return { items, ...(last && claims.length > limit + 1 && { next: sessionPosition(pool, last) }) };
};

const readEnded = (
  table: Table,
  list: EndedList,
  options: ListOptions,
  after: Started | undefined,
): Promise<Page<EndedSession>> =>
  readFiltered<EndedSession, EndedSession>(
    (position) => readListPage(table, list, { limit: perRead(options), after: position }),
    (sessions) => sessions.filter(isWanted(options)),
    list.positionOf,
    { ...bounds(options), after: after && list.positionOf(after) },
  );
