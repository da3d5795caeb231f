import type { SessionRequest } from '../../domain/activation.ts';
import type { Session } from '../../domain/holder-record.ts';
import {
  byArrival,
  type Entry,
  entriesBefore,
  headSize,
  isServed,
  isWaiting,
  type Line,
  lineOfEntries,
  mayHaveQueue,
  mayHaveUnlisted,
  type Ticket,
  unreadBefore,
  unseated,
} from '../../domain/queue.ts';
import { freeNumbers, isWhole, type View } from '../../domain/seat-view.ts';
import type { Subscription } from '../../domain/subscription.ts';
import { readEntries, readEntry, readLastEntry } from '../items/line-entries.ts';
import { readTicket, readTickets, removePlace } from '../items/queue-tickets.ts';
import { readSeats } from '../items/read-seats.ts';
import type { Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';

/**
 * Reads the head of the queue of a pool, and the session's own place. Reads nothing while the subscription says that the queue
 * is empty. The head may be late by a moment, so a claim that rests on it is verified: `isItsTurn`.
 *
 * @param record the session's record as it was read
 * @returns `conflict` if another member or machine waits by this session ID
 */
export const readLine = async (
  table: Table,
  pool: Pool,
  { sessionId, userId, machineId }: SessionRequest,
  { subscription, record, now }: { subscription: Subscription; record: Session | undefined; now: number },
): Promise<Line | 'conflict' | undefined> => {
  if (!mayHaveQueue(subscription, now)) return undefined;
  const [found, head] = await Promise.all([
    readTicket(table, pool, sessionId),
    readHead(table, pool, subscription, now),
  ]);
  const isOver = found !== undefined && isServed(found, record);
  if (isOver) await removePlace(table, pool, found);
  const ticket = isOver ? undefined : found;
  const line = await withOwn(table, pool, head, { sessionId, ticket }, now);
  const isOther = line.own && (line.own.userId !== userId || line.own.machineId !== machineId);
  return isOther ? 'conflict' : line;
};

/** The first entries of the line. */
interface Head {
  entries: readonly Entry[];
  /** Whether these are all. */
  isAll: boolean;
  /** Whether they were read from the tickets: then the session's own entry is not among them. */
  areTickets: boolean;
}

/** Reads the first entries of the line; every ticket while some may have no entry. */
export const readHead = async (table: Table, pool: Pool, subscription: Subscription, now: number): Promise<Head> => {
  if (mayHaveUnlisted(subscription, now))
    return { entries: await readTickets(table, pool), isAll: true, areTickets: true };
  const { items, next } = await readEntries(table, pool, { limit: headSize, consistent: false });
  return { entries: items, isAll: !next, areTickets: false };
};

/** Returns the line as a session sees it, with its own entry and the estimated number of entries that were not read. */
export const withOwn = async (
  table: Table,
  pool: Pool,
  { entries, isAll, areTickets }: Head,
  { sessionId, ticket }: { sessionId: string; ticket: Ticket | undefined },
  now: number,
): Promise<Line> => {
  const line = lineOfEntries(entries, { sessionId, ticket, isAll }, now);
  if (line.own) {
    const entry = (!areTickets && line.entry) || (await readEntry(table, pool, line.own));
    return { ...line, entry, unread: unreadBefore(line, entry?.ordinal) };
  }
  const last = line.readTo && (await readLastEntry(table, pool));
  return { ...line, unread: unreadBefore(line, last?.ordinal === undefined ? undefined : last.ordinal + 1) };
};

/**
 * Reads a line on until more sessions than `free` are known to go before the requester, or all of them are known. Strongly
 * consistent.
 */
export const readOn = async (table: Table, pool: Pool, line: Line, free: number, now: number): Promise<Line> => {
  const { sessionId, own, entry, former } = line;
  let read = line;
  while (read.readTo && entriesBefore(read).length <= free) {
    const page = { after: read.readTo, limit: headSize, consistent: true };
    const { items, next } = await readEntries(table, pool, page);
    const entries = [...read.waiting, ...read.dead, ...items];
    const more = lineOfEntries(entries, { sessionId, ticket: own, isAll: !next }, now);
    const unread = read.unread - (entriesBefore(more).length - entriesBefore(read).length);
    read = { ...more, entry, former, unread: more.readTo ? Math.max(0, unread) : 0 };
  }
  return read;
};

/**
 * Returns whether a session may keep the seat that it has just claimed: each session that goes before it has a seat, or one is
 * left to it. Reads the line, and then the seats on which the claim's choice rested, strongly consistent. In this order, a
 * session that leaves the line meanwhile is seen on its seat.
 *
 * @param options.own the ticket of the session, if it waits
 * @param options.view the seats as they were read before the claim
 */
export const isItsTurn = async (
  table: Table,
  pool: Pool,
  sessionId: string,
  { subscription, own, view, now }: { subscription: Subscription; own: Ticket | undefined; view: View; now: number },
): Promise<boolean> => {
  if (!mayHaveQueue(subscription, now)) return true;
  const { claimable, quota } = subscription;
  const before = await readBefore(table, pool, sessionId, { subscription, own, now });
  if (before.length === 0) return true;
  if (before.length >= quota) return false;
  const ranges = isWhole(view, claimable) ? [{ first: 1, last: claimable }] : view.ranges;
  const seats = await readSeats(table, pool, ranges);
  const left = freeNumbers({ ranges, seats }, claimable, now, { ahead: before.length });
  return left.length >= unseated(before, seats, now).length;
};

/** Reads the entries that go before a session, at most as many as the pool has seats: with so many, no seat is left. */
const readBefore = async (
  table: Table,
  pool: Pool,
  sessionId: string,
  { subscription, own, now }: { subscription: Subscription; own: Ticket | undefined; now: number },
): Promise<readonly Entry[]> => {
  const counts = (entry: Entry) =>
    entry.sessionId !== sessionId && isWaiting(entry, now) && (!own || byArrival(entry, own) < 0);
  if (mayHaveUnlisted(subscription, now)) return (await readTickets(table, pool)).filter(counts);
  const before: Entry[] = [];
  let after: Entry | undefined;
  do {
    const limit = Math.min(subscription.quota + 1, 1000);
    const { items, next } = await readEntries(table, pool, { after, upTo: own, limit, consistent: true });
    before.push(...items.filter(counts));
    after = next && items.at(-1);
  } while (after && before.length < subscription.quota);
  return before;
};
