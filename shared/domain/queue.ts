import type { Session } from './holder-record.ts';
import { isHeld, type Seat, sessionHolder } from './seat.ts';
import type { Subscription } from './subscription.ts';

/** A session's place in the queue for a pool's seats. A ticket counts only while its runner polls. Times are epoch ms. */
export interface Ticket {
  sessionId: string;
  userId: string;
  machineId: string;
  hostname?: string;
  /** The API key by which the session waits, if any. */
  keyId?: string;
  /** When the session joined the queue. This decides its place. */
  arrivedAt: number;
  /** Until when the ticket counts unless its runner polls again; 0 once the session has left the queue. */
  aliveUntil: number;
  /** Until when the runner is willing to wait. */
  giveUpAt: number;
  /** How many were ahead when the session joined. */
  aheadAtFirst: number;
  /** When the session left the queue by its own DELETE. The ticket stays for a while, so that the DELETE can be repeated. */
  leftAt?: number;
}

/** The queue, as one request sees it. */
export interface Line {
  /** The tickets that count, in order of arrival. */
  waiting: readonly Ticket[];
  /** The requester's own ticket, if it counts. */
  own?: Ticket;
  /** The tickets that no longer count. */
  dead: readonly Ticket[];
}

/** How much the clocks of two functions may differ, ms. Tickets and the stamp count for this long after their time. */
const clockToleranceMs = 30_000;

/**
 * Returns whether any session may be waiting. Only then does a request read the tickets. The stamp on the subscription lasts
 * at least as long as every ticket, since a request writes the stamp before it makes or renews a ticket.
 */
export const mayHaveQueue = ({ queueUntil }: Pick<Subscription, 'queueUntil'>, now: number): boolean =>
  queueUntil !== undefined && queueUntil + clockToleranceMs > now;

/** Returns whether a ticket counts. */
export const isWaiting = ({ aliveUntil }: Ticket, now: number): boolean => aliveUntil + clockToleranceMs > now;

/** Returns whether a ticket no longer counts, even by a clock that is behind this one. */
export const isDead = (ticket: Ticket, now: number): boolean => !isWaiting(ticket, now - clockToleranceMs);

/** How long the queue remembers a session that left, ms. */
const rememberedMs = 300_000;

/** Returns whether a ticket may be deleted. */
export const isForgettable = (ticket: Ticket, now: number): boolean =>
  isDead(ticket, now) && (ticket.leftAt === undefined || ticket.leftAt + rememberedMs <= now);

/**
 * Returns whether the session has had its seat since it joined the queue, so that the ticket is the leftover of a crash. The
 * session must not wait in that old place again.
 */
export const isServed = (ticket: Ticket, record: Pick<Session, 'activatedAt'> | undefined): boolean =>
  record !== undefined && record.activatedAt > ticket.arrivedAt;

/**
 * Returns whether a session that waited and got its seat may still have a ticket that counts. Such a ticket makes others
 * wait until the session leaves the queue.
 */
export const mayHaveTicket = ({ waitedSeconds, activatedAt }: Session, now: number): boolean =>
  waitedSeconds !== undefined && now - activatedAt < longestAliveMs + 2 * clockToleranceMs;

/** How long after the end of its wait a runner that asks again learns that its wait is over, ms. */
const waitedOutMs = 60_000;

/** Returns whether the runner of a dead ticket polled to the end: it has waited for as long as it wanted. */
export const hasWaitedOut = ({ aliveUntil, giveUpAt }: Ticket, now: number): boolean =>
  aliveUntil === giveUpAt && giveUpAt <= now && now < giveUpAt + waitedOutMs;

/** Orders tickets: first come, first served. In the same millisecond the session ID decides, so all requests agree. */
const byArrival = (a: Ticket, b: Ticket): number => a.arrivedAt - b.arrivedAt || (a.sessionId < b.sessionId ? -1 : 1);

/**
 * Returns the queue, as a session sees it.
 *
 * @param tickets all tickets of the pool
 * @param sessionId the requester
 */
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

/**
 * Returns the tickets whose sessions hold no seat yet. A session that holds one is about to delete its ticket, or has
 * crashed before it could.
 */
const unseated = (tickets: readonly Ticket[], seats: readonly Seat[], now: number): readonly Ticket[] => {
  const seated = new Set(seats.filter((seat) => isHeld(seat, now)).map(({ hold }) => hold.holder));
  return tickets.filter(({ sessionId }) => !seated.has(sessionHolder(sessionId)));
};

/** The least limit on the queue places of one API key. In a small pool more sessions than seats may well wait. */
const leastPlacesPerKey = 10;

/** Returns how many sessions may wait for a product by one API key. */
export const placesPerKey = (maxSessions: number | undefined, quota: number): number =>
  Math.max(maxSessions ?? quota, leastPlacesPerKey);

/** Returns how many sessions of an API key wait ahead of the requester; all of them if the requester has no ticket. */
export const aheadByKey = ({ waiting, own }: Line, keyId: string): number =>
  (own ? waiting.slice(0, waiting.indexOf(own)) : waiting).filter((ticket) => ticket.keyId === keyId).length;

/**
 * Returns how many sessions are ahead of the requester: those before its own ticket, or all if it has none. The requester
 * may claim a seat only if more seats than that are free.
 *
 * @param seats the seats that the request has read
 */
export const aheadIn = ({ waiting, own }: Line, seats: readonly Seat[], now: number): number =>
  unseated(own ? waiting.slice(0, waiting.indexOf(own)) : waiting, seats, now).length;

/** Returns how many sessions wait, and since when the first of them waits (epoch ms). */
export const queueLengthOf = (
  { waiting }: Line,
  seats: readonly Seat[],
  now: number,
): { length: number; waitingSince: number | undefined } => {
  const unserved = unseated(waiting, seats, now);
  return { length: unserved.length, waitingSince: unserved[0]?.arrivedAt };
};

// The time between two polls. A free seat waits for the poll of its next holder, so runners in front poll often. Each poll
// reads all tickets, so runners further back poll less often.
const frontSeconds = 4;
const backSeconds = 30;
const placesPerSecond = 4;

/** Returns the longest time between two polls of a runner, seconds. */
export const pollSeconds = (ahead: number): number =>
  Math.min(backSeconds, frontSeconds + Math.floor(ahead / placesPerSecond));

/** A new or renewed ticket lives for this many polls. */
const pollsAlive = 6;
/** A ticket is renewed when it lives for fewer polls than this: at most at every fourth poll, and two polls may be lost. */
const minPollsAlive = 3;
/** A ticket is also renewed when it lives for more polls than this: its runner has moved up and polls more often now. */
const maxPollsAlive = 8;

/** The longest life of a ticket after a poll, ms. */
export const longestAliveMs = pollsAlive * backSeconds * 1000;

/** Returns until when a ticket counts that is made or renewed now, epoch ms. */
export const aliveUntil = (ahead: number, giveUpAt: number, now: number): number =>
  Math.min(giveUpAt, now + pollsAlive * pollSeconds(ahead) * 1000);

/** Returns whether a poll must renew its ticket. All other polls only read. */
export const isRenewalDue = (ticket: Ticket, ahead: number, now: number): boolean => {
  const remainingMs = ticket.aliveUntil - now;
  const pollMs = pollSeconds(ahead) * 1000;
  return (
    (remainingMs < minPollsAlive * pollMs && ticket.aliveUntil < ticket.giveUpAt) ||
    remainingMs > maxPollsAlive * pollMs
  );
};

/** How much longer than necessary the stamp on the subscription lasts, ms. So it is written at most once in this time. */
const stampSpareMs = 60_000;

/**
 * Returns the stamp to write on the subscription before the ticket, epoch ms; undefined if the present stamp lasts long
 * enough.
 */
export const stampFor = (
  { aliveUntil: until }: Ticket,
  { queueUntil = 0 }: Pick<Subscription, 'queueUntil'>,
  now: number,
): number | undefined => (queueUntil >= until ? undefined : now + longestAliveMs + stampSpareMs);

/**
 * Returns the time until the runner's next poll, seconds: a random part, from half to all, of `pollSeconds`, so that runners
 * that came together don't poll together. Never later than the end of the wait.
 */
export const retryAfterSeconds = (ahead: number, giveUpAt: number, now: number, random = Math.random): number => {
  const longest = pollSeconds(ahead);
  const jittered = Math.ceil(longest / 2 + random() * (longest / 2));
  return Math.max(1, Math.min(jittered, Math.ceil((giveUpAt - now) / 1000)));
};

/**
 * Estimates the remaining wait from the queue's speed so far: the ticket that has moved up the most places, over the time
 * since its arrival. Both served and abandoned tickets ahead of it count.
 *
 * @returns seconds; undefined while no ticket has moved up. The ends of leases allow no estimate, since heartbeats extend
 *   them
 */
export const estimatedSeconds = ({ waiting }: Line, ahead: number, now: number): number | undefined => {
  const moved = (ticket: Ticket, place: number) => ticket.aheadAtFirst - place;
  const [best] = waiting
    .map((ticket, place) => ({ places: moved(ticket, place), ms: now - ticket.arrivedAt }))
    .sort((a, b) => b.places - a.places);
  if (!best || best.places <= 0 || best.ms <= 0) return undefined;
  return Math.ceil(((ahead + 1) * best.ms) / best.places / 1000);
};
