import type { Session } from './holder-record.ts';
import { isHeld, type Seat, sessionHolder } from './seat.ts';
import type { Subscription } from './subscription.ts';

/**
 * A waiting session's entry in the line, by arrival: the part of its place that others read. An entry counts only while its
 * runner polls. Times are epoch ms.
 */
export interface Entry {
  sessionId: string;
  /** When the session joined the queue. This decides its place. */
  arrivedAt: number;
  /** Until when the entry counts unless its runner polls again. */
  aliveUntil: number;
  /** How many were ahead when the session joined. */
  aheadAtFirst: number;
  /** The entry's number in the line: larger than that of each entry before it. Absent until its request has counted. */
  ordinal?: number;
}

/** A session's place in the queue for a pool's seats, by session ID. Its entry in the line follows from it. */
export interface Ticket extends Omit<Entry, 'ordinal'> {
  userId: string;
  machineId: string;
  hostname?: string;
  /** The API key by which the session waits, if any. */
  keyId?: string;
  /** Until when the runner is willing to wait. */
  giveUpAt: number;
  /** The fence of the session's record before it joined: a larger one shows that it has been served. Absent in old tickets. */
  fence?: number;
  /** When the session left the queue by its own DELETE. The ticket stays for a while, so that the DELETE can be repeated. */
  leftAt?: number;
}

/** The queue, as one request sees it. */
export interface Line {
  /** The requester. */
  sessionId: string;
  /** The entries that count, in order of arrival, as far as they were read. */
  waiting: readonly Entry[];
  /** The requester's own ticket, if it counts. */
  own?: Ticket;
  /** The requester's own entry in the line, if it is there. */
  entry?: Entry;
  /** The requester's ticket, if it no longer counts. */
  former?: Ticket;
  /** The entries that no longer count. */
  dead: readonly Entry[];
  /** The last entry that was read, if others may follow before the requester's own. */
  readTo?: Entry;
  /**
   * The estimated number of entries after `readTo` and before the requester's own. It is told, and a line that seems to be shorter
   * than a caller's limit of places is not counted. No claim rests on it.
   */
  unread: number;
}

/** How much the clocks of two functions may differ, ms. Tickets and the stamp count for this long after their time. */
const clockToleranceMs = 30_000;

type Stamps = Pick<Subscription, 'lineUntil' | 'queueUntil'>;
const isLasting = (stamp: number | undefined, now: number) => stamp !== undefined && stamp + clockToleranceMs > now;

/**
 * Returns whether any session may be waiting. Only then does a request read the line. The stamp on the subscription lasts
 * at least as long as every ticket, since a request writes the stamp before it makes or renews a ticket.
 */
export const mayHaveQueue = ({ lineUntil, queueUntil }: Stamps, now: number): boolean =>
  isLasting(lineUntil, now) || isLasting(queueUntil, now);

/**
 * Returns whether there may be tickets without an entry in the line: an earlier release made them, and stamped `queueUntil`.
 * Only then does a request read all tickets.
 */
export const mayHaveUnlisted = ({ queueUntil }: Pick<Stamps, 'queueUntil'>, now: number): boolean =>
  isLasting(queueUntil, now);

/** Returns whether a ticket or an entry counts. */
export const isWaiting = ({ aliveUntil }: Pick<Entry, 'aliveUntil'>, now: number): boolean =>
  aliveUntil + clockToleranceMs > now;

/** Returns whether a ticket or an entry no longer counts, even by a clock that is behind this one. */
export const isDead = (entry: Pick<Entry, 'aliveUntil'>, now: number): boolean =>
  !isWaiting(entry, now - clockToleranceMs);

/** How long the queue remembers a session that left, ms. */
const rememberedMs = 300_000;

/** Returns whether a ticket or an entry may be deleted. */
export const isForgettable = (ticket: Pick<Ticket, 'aliveUntil' | 'leftAt'>, now: number): boolean =>
  isDead(ticket, now) && (ticket.leftAt === undefined || ticket.leftAt + rememberedMs <= now);

/**
 * Returns whether the session has had its seat since it joined the queue, so that the ticket is the leftover of a crash. The
 * session must not wait in that old place again.
 */
export const isServed = (
  { fence, arrivedAt }: Ticket,
  record: Pick<Session, 'activatedAt' | 'fence' | 'untold'> | undefined,
): boolean => {
  if (!record) return false;
  // A claim that was never told is no license.
  return fence === undefined ? record.activatedAt > arrivedAt : record.fence > fence && !record.untold;
};

/**
 * Returns whether a session that waited and got its seat may still have a ticket that counts. Such a ticket makes others
 * wait until the session leaves the queue.
 */
export const mayHaveTicket = (
  { waitedSeconds, activatedAt }: Pick<Session, 'waitedSeconds' | 'activatedAt'>,
  now: number,
): boolean => waitedSeconds !== undefined && now - activatedAt < longestAliveMs + 2 * clockToleranceMs;

/** How long after the end of its wait a runner that asks again learns that its wait is over, ms. */
const waitedOutMs = 60_000;

/** Returns whether the runner of a dead ticket polled to the end: it has waited for as long as it wanted. */
export const hasWaitedOut = ({ aliveUntil, giveUpAt }: Ticket, now: number): boolean =>
  aliveUntil === giveUpAt && giveUpAt <= now && now < giveUpAt + waitedOutMs;

/** Orders entries: first come, first served. In the same millisecond the session ID decides, so all requests agree. */
export const byArrival = (a: Entry, b: Entry): number =>
  a.arrivedAt - b.arrivedAt || (a.sessionId === b.sessionId ? 0 : a.sessionId < b.sessionId ? -1 : 1);

/**
 * Returns the queue, as a session sees it.
 *
 * @param tickets all tickets of the pool
 * @param sessionId the requester
 */
export const lineOf = (tickets: readonly Ticket[], sessionId: string, now: number): Line => {
  const ticket = tickets.find((one) => one.sessionId === sessionId);
  return lineOfEntries(tickets, { sessionId, ticket, isAll: true }, now);
};

/**
 * Returns the queue, as a session sees it.
 *
 * @param entries the first entries of the line
 * @param requester.ticket the requester's ticket, also if it no longer counts
 * @param requester.isAll whether these are all entries
 */
export const lineOfEntries = (
  entries: readonly Entry[],
  { sessionId, ticket, isAll }: { sessionId: string; ticket: Ticket | undefined; isAll: boolean },
  now: number,
): Line => {
  // The runner's own ticket ends without tolerance, so it learns at once that its wait is over.
  const own = ticket && isWaiting(ticket, now) && ticket.giveUpAt > now ? ticket : undefined;
  const sorted = [...entries].sort(byArrival);
  const last = sorted.at(-1);
  const entry = own && sorted.find((one) => byArrival(one, own) === 0);
  const counts = (one: Entry) => (one.sessionId === sessionId ? one === entry : isWaiting(one, now));
  const mayFollow = !isAll && last !== undefined && (!own || byArrival(last, own) < 0);
  return {
    sessionId,
    waiting: sorted.filter(counts),
    own,
    entry,
    former: own ? undefined : ticket,
    dead: sorted.filter((one) => !counts(one)),
    readTo: mayFollow ? last : undefined,
    unread: 0,
  };
};

/** Returns the entries before the requester's own, or all if it has none, as far as they were read. */
export const entriesBefore = ({ waiting, own }: Pick<Line, 'waiting' | 'own'>): readonly Entry[] =>
  own ? waiting.filter((entry) => byArrival(entry, own) < 0) : waiting;

/**
 * Estimates how many entries are between those that were read and one with this ordinal. Entries that were removed since
 * they got their numbers count, too.
 */
export const unreadBefore = ({ waiting, readTo }: Line, ordinal: number | undefined): number => {
  const counted = waiting.findLastIndex((entry) => entry.ordinal !== undefined);
  const { ordinal: last } = waiting[counted] ?? {};
  if (!readTo || ordinal === undefined || last === undefined) return 0;
  return Math.max(0, ordinal - last - (waiting.length - counted));
};

/**
 * Returns the ordinal of an entry.
 *
 * @param before the entries just before it, the last one first, back to one that has an ordinal, or to the beginning
 */
export const ordinalAfter = (before: readonly Entry[]): number => {
  const counted = before.findIndex(({ ordinal }) => ordinal !== undefined);
  return counted < 0 ? before.length + 1 : (before[counted]?.ordinal ?? 0) + counted + 1;
};

/**
 * Returns the entries whose sessions hold no seat yet. A session that holds one is about to delete its entry, or has
 * crashed before it could.
 */
export const unseated = (entries: readonly Entry[], seats: readonly Seat[], now: number): readonly Entry[] => {
  const seated = new Set(seats.filter((seat) => isHeld(seat, now)).map(({ hold }) => hold.holder));
  return entries.filter(({ sessionId }) => !seated.has(sessionHolder(sessionId)));
};

/** How many entries of the line a poll reads: the places that are told exactly. */
export const headSize = 100;

/**
 * The least limits on the queue places of one caller. In a small pool more sessions than seats may well wait. A person has more:
 * other keys are at hand for a pipeline, but a person has one sign-in. Some 5,000 places use up a pool's partition.
 */
const leastPlaces = { key: 10, person: 1000 };

/** Returns how many sessions may wait for a product by one API key, or without one by one person who signed in. */
export const placesPerCaller = (key: { maxSessions?: number } | undefined, quota: number): number =>
  key ? Math.max(key.maxSessions ?? quota, leastPlaces.key) : Math.max(quota, leastPlaces.person);

/**
 * Returns how many sessions of a caller wait ahead of a session; all of them if the session has no ticket that counts. The caller
 * is an API key, or without one the person who signed in.
 */
export const aheadByCaller = (
  tickets: readonly Ticket[],
  { sessionId, userId, keyId }: Pick<Ticket, 'sessionId' | 'userId' | 'keyId'>,
  now: number,
): number => {
  const isByCaller = (ticket: Ticket) => ticket.keyId === keyId && (keyId !== undefined || ticket.userId === userId);
  const ofCaller = tickets.filter((ticket) => isByCaller(ticket) || ticket.sessionId === sessionId);
  return entriesBefore(lineOf(ofCaller, sessionId, now)).length;
};

/**
 * Returns how many sessions are ahead of the requester: those before its own ticket, or all if it has none; of a line that
 * was not read to there, at least so many. The requester may claim a seat only if more seats than that are free.
 *
 * @param seats the seats that the request has read
 */
export const aheadIn = (line: Line, seats: readonly Seat[], now: number): number =>
  unseated(entriesBefore(line), seats, now).length;

/** Returns how many sessions wait, as far as they were read, and since when the first of them waits (epoch ms). */
export const queueLengthOf = (
  { waiting }: Pick<Line, 'waiting'>,
  seats: readonly Seat[],
  now: number,
): { length: number; waitingSince: number | undefined } => {
  const unserved = unseated(waiting, seats, now);
  return { length: unserved.length, waitingSince: unserved[0]?.arrivedAt };
};

// The time between two polls. A free seat waits for the poll of its next holder, so runners in front poll often. Runners
// further back poll less often, so that many of them together don't read too much.
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
export const isRenewalDue = (ticket: Pick<Ticket, 'aliveUntil' | 'giveUpAt'>, ahead: number, now: number): boolean => {
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
  { lineUntil = 0 }: Pick<Stamps, 'lineUntil'>,
  now: number,
): number | undefined => (lineUntil >= until ? undefined : now + longestAliveMs + stampSpareMs);

/**
 * Returns the time until the runner's next poll, seconds: a random part, from half to all, of `pollSeconds`, so that runners
 * that came together don't poll together. Never later than the end of the wait.
 */
export const pollAfterSeconds = (ahead: number, giveUpAt: number, now: number, random = Math.random): number => {
  const longest = pollSeconds(ahead);
  const jittered = Math.ceil(longest / 2 + random() * (longest / 2));
  return Math.max(1, Math.min(jittered, Math.ceil((giveUpAt - now) / 1000)));
};

/**
 * Estimates the remaining wait from the queue's speed so far: of the entries that were read, the one that has moved up the
 * most places, over the time since its arrival. Both served and abandoned tickets ahead of it count.
 *
 * @returns seconds; undefined while no ticket has moved up. The ends of leases allow no estimate, since heartbeats extend
 *   them
 */
export const estimatedSeconds = ({ waiting }: Line, ahead: number, now: number): number | undefined => {
  const moved = (entry: Entry, place: number) => entry.aheadAtFirst - place;
  const [best] = waiting
    .map((entry, place) => ({ places: moved(entry, place), ms: now - entry.arrivedAt }))
    .sort((a, b) => b.places - a.places);
  if (!best || best.places <= 0 || best.ms <= 0) return undefined;
  return Math.ceil(((ahead + 1) * best.ms) / best.places / 1000);
};
