import type { Session } from './holder-record.ts';
import { isHeld, type Seat, sessionHolder } from './seat.ts';
import type { Subscription } from './subscription.ts';

/** A session's place in the queue for a pool's seats. It counts only while its runner polls. Times are epoch ms. */
export interface Ticket {
  sessionId: string;
  userId: string;
  machineId: string;
  hostname?: string;
  /** The API key by which the session waits, if any. */
  keyId?: string;
  /** Since when it waits: its place. */
  arrivedAt: number;
  /** Until when the ticket counts unless its runner polls again, epoch ms; 0 once its session left the queue. */
  aliveUntil: number;
  /** Until when its runner is willing to wait. */
  giveUpAt: number;
  /** How many waited when it came. */
  aheadAtFirst: number;
  /** When the session left the queue by its own DELETE. The ticket stays for a while, so that the DELETE can be repeated. */
  leftAt?: number;
}

/** Those who wait, as one request sees them. */
export interface Line {
  /** Who counts, first come first. */
  waiting: readonly Ticket[];
  /** The requester's own place in it. */
  own?: Ticket;
  /** Tickets that count no longer. */
  dead: readonly Ticket[];
}

/** How much the clocks of two functions may differ, ms: tickets and the stamp count for that much longer than they say. */
const clockToleranceMs = 30_000;

/**
 * Whether anybody may be waiting: only then are tickets read. The stamp lasts at least as long as every ticket does, since
 * whoever makes or renews one stamps first.
 */
export const isQueued = ({ queueUntil }: Pick<Subscription, 'queueUntil'>, now: number): boolean =>
  queueUntil !== undefined && queueUntil + clockToleranceMs > now;

/** Returns whether a ticket counts, for its own session and all others. */
export const isWaiting = ({ aliveUntil }: Ticket, now: number): boolean => aliveUntil + clockToleranceMs > now;

/** Returns whether a ticket counts nowhere, even by a clock that is behind this one. */
export const isDead = (ticket: Ticket, now: number): boolean => !isWaiting(ticket, now - clockToleranceMs);

/** How long the queue remembers a session that left, ms. */
const rememberedMs = 300_000;

/** Whether a ticket is of no use any more. */
export const isForgettable = (ticket: Ticket, now: number): boolean =>
  isDead(ticket, now) && (ticket.leftAt === undefined || ticket.leftAt + rememberedMs <= now);

/** Whether the session got its seat already, and the ticket is what a crash left: it must not wait in its old place again. */
export const isServed = (ticket: Ticket, record: Pick<Session, 'activatedAt'> | undefined): boolean =>
  record !== undefined && record.activatedAt > ticket.arrivedAt;

/**
 * Returns whether a session that waited and got its seat may still have a ticket that counts. Until the session leaves the
 * queue, that ticket keeps others waiting.
 */
export const mayHaveTicket = ({ waitedSeconds, activatedAt }: Session, now: number): boolean =>
  waitedSeconds !== undefined && now - activatedAt < longestAliveMs + 2 * clockToleranceMs;

/** How long after its time a runner that asks once more is told that it has waited in vain, ms. */
const waitedOutMs = 60_000;

/** Whether a ticket that is dead was polled to the end: its runner has waited for as long as it wanted. */
export const hasWaitedOut = ({ aliveUntil, giveUpAt }: Ticket, now: number): boolean =>
  aliveUntil === giveUpAt && giveUpAt <= now && now < giveUpAt + waitedOutMs;

/** First come, first served. At the same millisecond the session ID decides: any rule does, if all have the same. */
const byArrival = (a: Ticket, b: Ticket): number => a.arrivedAt - b.arrivedAt || (a.sessionId < b.sessionId ? -1 : 1);

/** @param sessionId of the requester */
export const lineOf = (tickets: readonly Ticket[], sessionId: string, now: number): Line => {
  const counts = (ticket: Ticket) =>
    // The runner's own ticket ends without tolerance, so it learns at once that its wait is over.
    isWaiting(ticket, now) && (ticket.sessionId !== sessionId || ticket.giveUpAt > now);
  const waiting = tickets.filter(counts).sort(byArrival);
  return {
    waiting,
    own: waiting.find((ticket) => ticket.sessionId === sessionId),
    dead: tickets.filter((ticket) => !counts(ticket)),
  };
};

/** Those of a line who stand on no seat yet. Who has one leaves a moment later, or has died before it could. */
const unseated = (tickets: readonly Ticket[], seats: readonly Seat[], now: number): readonly Ticket[] => {
  const seated = new Set(seats.filter((seat) => isHeld(seat, now)).map(({ hold }) => hold.holder));
  return tickets.filter(({ sessionId }) => !seated.has(sessionHolder(sessionId)));
};

/** The fewest places in a queue that one API key may have: a small pool may have more waiting sessions than seats. */
const leastPlacesPerKey = 10;

/** Returns how many sessions may wait for a product by one API key. */
export const placesPerKey = (maxSessions: number | undefined, quota: number): number =>
  Math.max(maxSessions ?? quota, leastPlacesPerKey);

/** Returns how many sessions wait by an API key before the requester; all of them if the requester has no place. */
export const aheadByKey = ({ waiting, own }: Line, keyId: string): number =>
  (own ? waiting.slice(0, waiting.indexOf(own)) : waiting).filter((ticket) => ticket.keyId === keyId).length;

/**
 * How many go first: those before the requester's own ticket, or all if it has none. It may claim a seat only if more than
 * as many are free.
 *
 * @param seats what was seen of the pool
 */
export const aheadIn = ({ waiting, own }: Line, seats: readonly Seat[], now: number): number =>
  unseated(own ? waiting.slice(0, waiting.indexOf(own)) : waiting, seats, now).length;

/** How many wait, and since when the first of them does (epoch ms). */
export const lengthOf = (
  { waiting }: Line,
  seats: readonly Seat[],
  now: number,
): { length: number; since: number | undefined } => {
  const left = unseated(waiting, seats, now);
  return { length: left.length, since: left[0]?.arrivedAt };
};

// How often a runner polls: a seat that is free waits for the poll of its next holder, so those in front poll often;
// each poll reads all tickets, so those further back poll seldom.
const frontSeconds = 4;
const backSeconds = 30;
const placesPerSecond = 4;

/** The longest that a runner is asked to wait between two polls, seconds. */
export const pollSeconds = (ahead: number): number =>
  Math.min(backSeconds, frontSeconds + Math.floor(ahead / placesPerSecond));

/** A ticket is renewed for so many polls… */
const pollsAlive = 6;
/** …once less than so many are left: at every fourth poll at most, and two may be late or lost at any time. */
const pollsLeft = 3;
/** …or when it would outlive its runner by more than so many: it has come forward, and polls more often now. */
const pollsTooMany = 8;

/** The longest time for which a poll lets its ticket count, ms. */
export const longestAliveMs = pollsAlive * backSeconds * 1000;

/** Until when a ticket counts that is made or renewed now, epoch ms. */
export const aliveUntil = (ahead: number, giveUpAt: number, now: number): number =>
  Math.min(giveUpAt, now + pollsAlive * pollSeconds(ahead) * 1000);

/** Whether a poll has to write: all others only read. */
export const isRenewalDue = (ticket: Ticket, ahead: number, now: number): boolean => {
  const left = ticket.aliveUntil - now;
  const poll = pollSeconds(ahead) * 1000;
  return (left < pollsLeft * poll && ticket.aliveUntil < ticket.giveUpAt) || left > pollsTooMany * poll;
};

/** How much longer than it must the stamp on the subscription lasts, ms: so it is written once in this time at most. */
const stampSpareMs = 60_000;

/**
 * The stamp that has to be on the subscription before a ticket is written.
 *
 * @returns undefined if the one that is there lasts long enough
 */
export const stampFor = (
  { aliveUntil: until }: Ticket,
  { queueUntil = 0 }: Pick<Subscription, 'queueUntil'>,
  now: number,
): number | undefined => (queueUntil >= until ? undefined : now + longestAliveMs + stampSpareMs);

/**
 * When the next poll is worth it, seconds: between a half and the whole of `pollSeconds`, so that runners that came
 * together don't poll together; never after the end of the waiting.
 */
export const retryAfterSeconds = (ahead: number, giveUpAt: number, now: number, random = Math.random): number => {
  const longest = pollSeconds(ahead);
  const jittered = Math.ceil(longest / 2 + random() * (longest / 2));
  return Math.max(1, Math.min(jittered, Math.ceil((giveUpAt - now) / 1000)));
};

/**
 * How long a place may still take, by how fast the queue has moved so far: for those who have come forward most, all that
 * was before them and is gone, served or given up, over all the time since they came.
 *
 * @returns seconds; undefined while nobody has come forward yet: what leases say of their ends is only what happens if
 *   nobody extends them
 */
export const estimatedSeconds = ({ waiting }: Line, ahead: number, now: number): number | undefined => {
  const moved = (ticket: Ticket, place: number) => ticket.aheadAtFirst - place;
  const [best] = waiting
    .map((ticket, place) => ({ places: moved(ticket, place), ms: now - ticket.arrivedAt }))
    .sort((a, b) => b.places - a.places);
  if (!best || best.places <= 0 || best.ms <= 0) return undefined;
  return Math.ceil(((ahead + 1) * best.ms) / best.places / 1000);
};
