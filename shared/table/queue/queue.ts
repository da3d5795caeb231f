import pMap from 'p-map';
import type { KeyLimitReached } from '../../domain/accounts/limits.ts';
import type { SessionRequest } from '../../domain/activation.ts';
import type { Session } from '../../domain/holder-record.ts';
import {
  aheadByKey,
  aheadIn,
  aliveUntil,
  estimatedSeconds,
  hasWaitedOut,
  isForgettable,
  isRenewalDue,
  isServed,
  isWaiting,
  type Line,
  lineOf,
  mayHaveQueue,
  placesPerKey,
  queueLengthOf,
  stampFor,
  type Ticket,
} from '../../domain/queue.ts';
import type { HeldSeat, Seat } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import type { Subscription } from '../../domain/subscription.ts';
import {
  putTicket,
  readTicket,
  readTickets,
  removeDeadTicket,
  removeTicket,
  renewTicket,
} from '../items/queue-tickets.ts';
import { readSeats } from '../items/seats.ts';
import { stampQueue } from '../items/subscriptions.ts';
import type { Clock } from '../store/clock.ts';
import type { Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';

/** A place in the queue. */
export interface Place {
  ticket: Ticket;
  /** The number of sessions that go first. */
  ahead: number;
  /** The number of sessions that wait, this one included. */
  length: number;
  /** The estimated wait, seconds; undefined if there is no estimate. */
  estimatedSeconds: number | undefined;
}

/**
 * Reads the queue of a pool. Reads nothing while the subscription says that the queue is empty.
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
  const tickets = await readTickets(table, pool);
  const line = lineOf(tickets, sessionId, now);
  if (!line.own) return line;
  if (isServed(line.own, record)) {
    await removeTicket(table, pool, line.own);
    const others = tickets.filter((ticket) => ticket !== line.own);
    return lineOf(others, sessionId, now);
  }
  return line.own.userId === userId && line.own.machineId === machineId ? line : 'conflict';
};

/** The pool as read by a request that found no seat. */
export interface SeenPool {
  subscription: Subscription;
  held: readonly HeldSeat[];
  line: Line | undefined;
}

export type WaitResult =
  | { outcome: 'waiting'; place: Place }
  /** The session does not want to wait, or has waited for `waitSeconds`. */
  | { outcome: 'given-up' }
  /** Another member or machine waits by this session ID. */
  | { outcome: 'conflict' }
  /** The API key has its maximum of waiting sessions. */
  | PlacesTaken
  /** Another request removed the ticket meanwhile. */
  | { outcome: 'again' };

type PlacesTaken = { outcome: 'key-limited'; reached: KeyLimitReached };

/**
 * Returns a refusal if an API key has its maximum of sessions waiting before this one. Each request checks before it takes a
 * place, and again afterwards; of requests at the same time a few too many may see too few before them.
 */
const placesTaken = (
  { key }: SessionRequest,
  line: Line | undefined,
  { quota }: Subscription,
): PlacesTaken | undefined => {
  if (!key || !line) return undefined;
  const value = placesPerKey(key.maxSessions, quota);
  if (aheadByKey(line, key.id) < value) return undefined;
  return { outcome: 'key-limited', reached: { limit: 'queuePlacesPerKey', value } };
};

/** Returns the refusal of a session that wants to wait, if it would get no place. Writes nothing. */
export const dryRunPlace = async (
  table: Table,
  pool: Pool,
  request: SessionRequest,
  subscription: Subscription,
  now: number,
): Promise<PlacesTaken | undefined> => {
  if (!request.waitSeconds || !request.key || !mayHaveQueue(subscription, now)) return undefined;
  const line = lineOf(await readTickets(table, pool), request.sessionId, now);
  return line.own ? undefined : placesTaken(request, line, subscription);
};

/**
 * Gives a session that found no seat a place in the queue, or keeps its place. A poll writes only if its ticket is due for
 * renewal; the polls of the first session also remove dead tickets.
 *
 *     stamp   the subscription, unless it says for long enough that there may be a queue
 *     ticket  put, on condition that the session has no live one; or renewed
 *
 * In this order, every later request sees a ticket that was answered. A crash between leaves a stamp without a ticket, which
 * costs other requests a read.
 */
export const waitInLine = async (
  table: Table,
  pool: Pool,
  request: SessionRequest,
  { subscription, held, line }: SeenPool,
  clock: Clock,
): Promise<WaitResult> => {
  const now = clock.now();
  const own = line?.own;
  const waitMs = (request.waitSeconds ?? 0) * 1000;
  const last = line?.dead.find(({ sessionId }) => sessionId === request.sessionId);
  const wasOwn = last?.userId === request.userId && last.machineId === request.machineId;
  if (waitMs === 0 || (!own && wasOwn && hasWaitedOut(last, now))) {
    const left = own ?? (wasOwn ? last : undefined);
    if (left) await removeTicket(table, pool, left);
    return { outcome: 'given-up' };
  }
  if (!own || !line) return join(table, pool, request, { subscription, held, line }, now);
  if (aheadIn(line, held, now) === 0) await clearDead(table, pool, line, now);
  return keepPlace(table, pool, own, { subscription, held, line }, now);
};

/** Renews a ticket if that is due, and returns its place. */
const keepPlace = async (
  table: Table,
  pool: Pool,
  own: Ticket,
  { subscription, held, line }: SeenPool & { line: Line },
  now: number,
): Promise<WaitResult> => {
  const place = placeOf(line, own, held, now);
  if (!isRenewalDue(own, place.ahead, now)) return { outcome: 'waiting', place };
  const ticket = { ...own, aliveUntil: aliveUntil(place.ahead, own.giveUpAt, now) };
  await stamp(table, pool, ticket, subscription, now);
  const renewed = await renewTicket(table, pool, own, ticket.aliveUntil);
  return renewed ? { outcome: 'waiting', place: { ...place, ticket: renewed } } : { outcome: 'again' };
};

/** Takes a new place at the end of the queue. */
const join = async (
  table: Table,
  pool: Pool,
  request: SessionRequest,
  { subscription, held, line }: SeenPool,
  now: number,
): Promise<WaitResult> => {
  const { sessionId, userId, machineId, hostname, key, waitSeconds = 0 } = request;
  const taken = placesTaken(request, line, subscription);
  if (taken) return taken;
  const aheadAtFirst = line ? aheadIn(line, held, now) : 0;
  const giveUpAt = now + waitSeconds * 1000;
  const ticket: Ticket = {
    sessionId,
    userId,
    machineId,
    hostname,
    keyId: key?.id,
    arrivedAt: now,
    giveUpAt,
    aliveUntil: aliveUntil(aheadAtFirst, giveUpAt, now),
    aheadAtFirst,
  };
  await stamp(table, pool, ticket, subscription, now);
  const there = await putTicket(table, pool, ticket);
  if (there.userId !== userId || there.machineId !== machineId) return { outcome: 'conflict' };
  // Read again: tickets put at the same time count for the place and the time of the next poll.
  const after = lineOf(await readTickets(table, pool), sessionId, now);
  const full = placesTaken(request, after, subscription);
  if (full) {
    await removeTicket(table, pool, there);
    return full;
  }
  return keepPlace(table, pool, there, { subscription, held, line: after }, now);
};

/**
 * Returns a session's place in the queue, if it has one.
 *
 * @param options.userId only if the ticket is this member's
 */
export const findPlace = async (
  table: Table,
  pool: Pool,
  sessionId: string,
  { userId, now }: { userId?: string | undefined; now: number },
): Promise<Place | undefined> => {
  const ticket = await readTicket(table, pool, sessionId);
  if (!ticket || !isWaiting(ticket, now) || (userId !== undefined && ticket.userId !== userId)) return undefined;
  const [tickets, seats] = await Promise.all([readTickets(table, pool), readSeats(table, pool, [everySeat])]);
  return placeOf(lineOf(tickets, sessionId, now), ticket, seats, now);
};

const placeOf = (line: Line, ticket: Ticket, seats: readonly Seat[], now: number): Place => {
  const ahead = aheadIn(line, seats, now);
  const { length } = queueLengthOf(line, seats, now);
  return { ticket, ahead, length, estimatedSeconds: estimatedSeconds(line, ahead, now) };
};

const stamp = async (table: Table, pool: Pool, ticket: Ticket, subscription: Subscription, now: number) => {
  const until = stampFor(ticket, subscription, now);
  if (until !== undefined) await stampQueue(table, pool, { needed: ticket.aliveUntil, until });
};

/** The most dead tickets that one poll removes. */
const clearedPerPoll = 10;

const clearDead = async (table: Table, pool: Pool, { dead }: Line, now: number): Promise<void> => {
  const cleared = dead.filter((ticket) => isForgettable(ticket, now)).slice(0, clearedPerPoll);
  await pMap(cleared, (ticket) => removeDeadTicket(table, pool, ticket), { concurrency: clearedPerPoll });
};
