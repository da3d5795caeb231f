import pMap from 'p-map';
import type { KeyLimitReached } from '../../domain/accounts/limits.ts';
import type { SessionRequest } from '../../domain/activation.ts';
import { mayComeBack, type Session } from '../../domain/holder-record.ts';
import {
  aheadByCaller,
  aheadIn,
  aliveUntil,
  type Entry,
  estimatedSeconds,
  hasWaitedOut,
  isForgettable,
  isRenewalDue,
  isServed,
  isWaiting,
  type Line,
  lineOf,
  mayHaveQueue,
  mayHaveUnlisted,
  ordinalAfter,
  placesPerCaller,
  queueLengthOf,
  stampFor,
  type Ticket,
} from '../../domain/queue.ts';
import type { HeldSeat, Seat } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import type { Subscription } from '../../domain/subscription.ts';
import {
  numberEntry,
  putEntry,
  readBackToOrdinal,
  removeDeadEntry,
  removeEntry,
  renewEntry,
} from '../items/line-entries.ts';
import {
  putTicket,
  readSomeTickets,
  readTicket,
  readTickets,
  removeDeadTicket,
  removePlace,
  renewTicket,
} from '../items/queue-tickets.ts';
import { readSeats } from '../items/read-seats.ts';
import { readSubscription, stampQueue } from '../items/subscriptions.ts';
import type { Clock } from '../store/clock.ts';
import { keys, type Pool } from '../store/keys.ts';
import { getItems, type Table } from '../store/table.ts';
import { readHead, withOwn } from './read-line.ts';

/** A place in the queue. */
export interface Place {
  ticket: Ticket;
  /** The number of sessions that go first: exact for the first `headSize`, an estimate further back. */
  ahead: number;
  /** The number of sessions that wait, as far as they were read, this one included. */
  length: number;
  /** The estimated wait, seconds; undefined if there is no estimate. */
  estimatedSeconds: number | undefined;
}

/** The pool as read by a request that found no seat. */
export interface SeenPool {
  subscription: Subscription;
  held: readonly HeldSeat[];
  line: Line | undefined;
  /** The session's record. */
  asRead?: Session | undefined;
}

export type WaitResult =
  | { outcome: 'waiting'; place: Place }
  /** The session does not want to wait, or has waited for `waitSeconds`. */
  | { outcome: 'given-up' }
  /** Another member or machine waits by this session ID. */
  | { outcome: 'conflict' }
  /** The API key, or the person who signed in, has its maximum of waiting sessions. */
  | PlacesTaken
  /** Another request changed the place meanwhile. */
  | Again;

interface Again {
  outcome: 'again';
}
const again: Again = { outcome: 'again' };

type PlacesTaken = { outcome: 'key-limited'; reached: KeyLimitReached };

/**
 * Returns a refusal if a caller has its maximum of sessions waiting before this one. Each request checks before it takes a
 * place, and again afterwards; of requests at the same time a few too many may see too few before them. Reads every ticket,
 * unless the line is too short for that.
 */
const placesTaken = async (
  table: Table,
  pool: Pool,
  { key, userId, sessionId }: SessionRequest,
  { subscription, line }: { subscription: Subscription; line: Line | undefined },
  now: number,
): Promise<PlacesTaken | undefined> => {
  if (!line) return undefined;
  const value = placesPerCaller(key, subscription.quota);
  if (line.waiting.length + line.unread < value) return undefined;
  const tickets = await readTickets(table, pool);
  if (aheadByCaller(tickets, { sessionId, userId, keyId: key?.id }, now) < value) return undefined;
  return { outcome: 'key-limited', reached: { limit: key ? 'queuePlacesPerKey' : 'queuePlacesPerPerson', value } };
};

/** Returns the refusal of a session that wants to wait, if it would get no place. Writes nothing. */
export const dryRunPlace = async (
  table: Table,
  pool: Pool,
  request: SessionRequest,
  subscription: Subscription,
  now: number,
): Promise<PlacesTaken | undefined> => {
  if (!request.waitSeconds || !mayHaveQueue(subscription, now)) return undefined;
  const line = lineOf(await readTickets(table, pool), request.sessionId, now);
  return line.own ? undefined : placesTaken(table, pool, request, { subscription, line }, now);
};

/** Returns the session's ticket that no longer counts, unless another member or machine waited by its ID. */
const formerOf = ({ userId, machineId }: SessionRequest, line: Line | undefined): Ticket | undefined => {
  const former = line?.former;
  return former?.userId === userId && former.machineId === machineId ? former : undefined;
};

/** Returns whether the session has waited for its `waitSeconds`: without a seat it is refused now. */
export const isWaitOver = (request: SessionRequest, line: Line | undefined, now: number): boolean => {
  const former = formerOf(request, line);
  return former !== undefined && hasWaitedOut(former, now);
};

/**
 * Gives a session that found no seat a place in the queue, or keeps its place. A poll writes only if its place is due for
 * renewal; the polls of the first session also remove dead places.
 *
 *     stamp   the subscription, unless it says for long enough that there may be a queue
 *     ticket  put, on condition that the session has no live one; or renewed after its entry
 *     entry   put, if it is absent; or renewed
 *     look    at the ticket and the record again, if the entry was put: has the session left, or been served? remove the entry
 *
 * In this order, every later request sees a place that was answered, and no entry stays without its ticket.
 * `test/models/head-of-line.test.ts` explores the order. A crash leaves a stamp without a ticket, which costs other requests a
 * read, or a place whose runner asks again.
 */
export const waitInLine = async (
  table: Table,
  pool: Pool,
  request: SessionRequest,
  seen: SeenPool,
  clock: Clock,
): Promise<WaitResult> => {
  const { held, line } = seen;
  const now = clock.now();
  const own = line?.own;
  if (!request.waitSeconds || isWaitOver(request, line, now)) {
    const left = own ?? formerOf(request, line);
    if (left) await removePlace(table, pool, left);
    return { outcome: 'given-up' };
  }
  if (!own || !line) return join(table, pool, request, seen, now);
  if (aheadIn(line, held, now) === 0) await clearDead(table, pool, line, now);
  return keepPlace(table, pool, own, { ...seen, line }, now);
};

/** Renews a place if that is due, and returns it. */
const keepPlace = async (
  table: Table,
  pool: Pool,
  own: Ticket,
  { subscription, held, line }: SeenPool & { line: Line },
  now: number,
): Promise<WaitResult> => {
  const place = placeOf(line, own, held, now);
  // A crash came before the entry, or the place is of an earlier release.
  const entry = line.entry ?? (await enterLine(table, pool, own, { subscription, ahead: place.ahead, now }));
  if (!entry) return again;
  const isDue = [own.aliveUntil, entry.aliveUntil].some((until) =>
    isRenewalDue({ ...own, aliveUntil: until }, place.ahead, now),
  );
  if (!isDue) return { outcome: 'waiting', place };
  if (aheadIn(line, held, now) === 0) await clearForgotten(table, pool, line, now);
  const until = aliveUntil(place.ahead, own.giveUpAt, now);
  await stamp(table, { ...own, aliveUntil: until }, subscription, now);
  const renewed = await renewEntry(table, pool, entry, until);
  if (!renewed) return again;
  const ticket = await renewTicket(table, pool, own, renewed.aliveUntil);
  if (ticket) return { outcome: 'waiting', place: { ...place, ticket } };
  // The session has left the queue, or has a new place: the entry that was just renewed must not stay.
  await removeEntry(table, pool, own);
  return again;
};

/** Takes a new place at the end of the queue. */
const join = async (
  table: Table,
  pool: Pool,
  request: SessionRequest,
  { subscription, held, line, asRead }: SeenPool,
  now: number,
): Promise<WaitResult> => {
  const { sessionId, userId, machineId, hostname, key, waitSeconds = 0 } = request;
  const taken = await placesTaken(table, pool, request, { subscription, line }, now);
  if (taken) return taken;
  const aheadAtFirst = line ? aheadIn(line, held, now) + line.unread : 0;
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
    fence: asRead?.fence ?? 0,
  };
  await stamp(table, ticket, subscription, now);
  const there = await putTicket(table, pool, ticket);
  // A slow duplicate may just have renewed the entry of the lost place, or the whole place: then it is not lost.
  if (line?.former && line.former.arrivedAt !== there.arrivedAt) await removeEntry(table, pool, line.former);
  if (there.userId !== userId || there.machineId !== machineId) return { outcome: 'conflict' };
  const entry = await enterLine(table, pool, there, { subscription, ahead: aheadAtFirst, now });
  if (!entry) return again;
  // Read again: places taken at the same time count for the position and the time of the next poll.
  const head = await readHead(table, pool, subscription, now);
  const after = await withOwn(table, pool, head, { sessionId, ticket: there }, now);
  const full = await placesTaken(table, pool, request, { subscription, line: after }, now);
  if (full) {
    await removePlace(table, pool, there);
    return full;
  }
  return keepPlace(table, pool, there, { subscription, held, line: { ...after, entry } }, now);
};

/**
 * Puts the entry of a ticket into the line, and gives it its ordinal. Then the ticket and the record are as a waiting session has
 * them, or the entry goes again: a duplicate may have been served meanwhile, or the session may have left.
 *
 * @param seen.ahead how many were seen ahead
 * @returns undefined if the entry went
 */
const enterLine = async (
  table: Table,
  pool: Pool,
  ticket: Ticket,
  { subscription, ahead, now }: { subscription: Subscription; ahead: number; now: number },
): Promise<Entry | undefined> => {
  const { sessionId, arrivedAt, aliveUntil: until } = ticket;
  const entry = await putEntry(table, pool, { sessionId, arrivedAt, aliveUntil: until, aheadAtFirst: ahead });
  const [current, before] = await Promise.all([
    getItems(table, { ticket: keys.ticket(pool, sessionId), record: keys.session(pool, sessionId) }),
    readBackToOrdinal(table, pool, entry),
  ]);
  const isSame = current.ticket?.arrivedAt === arrivedAt && current.ticket.leftAt === undefined;
  const reason = current.record?.endedReason;
  if (!isSame || isServed(ticket, current.record) || (reason && !mayComeBack(reason))) {
    await removeEntry(table, pool, entry);
    return undefined;
  }
  if (entry.ordinal !== undefined) return entry;
  // Tickets of an earlier release may still be without their entries.
  const ordinal = Math.max(ordinalAfter(before), mayHaveUnlisted(subscription, now) ? ahead + 1 : 0);
  await numberEntry(table, pool, entry, ordinal);
  return { ...entry, ordinal };
};

/**
 * Removes the place of a session that has a seat on record, also one that a duplicate of the request took meanwhile: it would
 * hold others up.
 *
 * @param own the session's ticket as it was read, if it had one
 */
export const leaveLine = async (table: Table, pool: Pool, record: Session, own?: Ticket): Promise<void> => {
  const other = own ? await removePlace(table, pool, own) : await readTicket(table, pool, record.sessionId);
  if (other?.userId === record.userId && (other.fence === undefined || isServed(other, record)))
    await removePlace(table, pool, other);
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
  const [subscription, seats] = await Promise.all([readSubscription(table, pool), readSeats(table, pool, [everySeat])]);
  if (!subscription) return undefined;
  const head = await readHead(table, pool, subscription, now);
  return placeOf(await withOwn(table, pool, head, { sessionId, ticket }, now), ticket, seats, now);
};

const placeOf = (line: Line, ticket: Ticket, seats: readonly Seat[], now: number): Place => {
  const ahead = aheadIn(line, seats, now) + line.unread;
  const { length } = queueLengthOf(line, seats, now);
  return { ticket, ahead, length: Math.max(length, ahead + 1), estimatedSeconds: estimatedSeconds(line, ahead, now) };
};

const stamp = async (table: Table, ticket: Ticket, subscription: Subscription, now: number) => {
  const until = stampFor(ticket, subscription, now);
  if (until !== undefined) await stampQueue(table, subscription, { needed: ticket.aliveUntil, until });
};

/** The most dead places that one poll removes. */
const clearedPerPoll = 10;

/** The most tickets that one poll looks at, to find those without an entry. */
const lookedAtPerPoll = 25;

/** Removes dead places that were read at the head of the line. */
const clearDead = async (table: Table, pool: Pool, { dead }: Line, now: number): Promise<void> => {
  const cleared = dead.filter((entry) => isForgettable(entry, now)).slice(0, clearedPerPoll);
  await pMap(
    cleared,
    async (entry) => {
      if (await removeDeadEntry(table, pool, entry)) await removeDeadTicket(table, pool, entry);
    },
    { concurrency: clearedPerPoll },
  );
};

/**
 * Removes tickets without an entry in the line: their sessions left minutes ago, or a request died. Looks at some: the first of
 * a short line, and in a long one those after a session at random.
 */
const clearForgotten = async (table: Table, pool: Pool, line: Line, now: number): Promise<void> => {
  const isLong = line.waiting.length >= lookedAtPerPoll;
  const from = isLong ? line.waiting[Math.floor(Math.random() * line.waiting.length)]?.sessionId : undefined;
  const { items } = await readSomeTickets(table, pool, { from, limit: lookedAtPerPoll });
  const cleared = items.filter((ticket) => isForgettable(ticket, now)).slice(0, clearedPerPoll);
  await pMap(cleared, (ticket) => removeDeadTicket(table, pool, ticket), { concurrency: clearedPerPoll });
};
