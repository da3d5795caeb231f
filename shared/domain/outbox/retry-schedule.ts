import { dayMs } from '../dates.ts';

/**
 * Something that is sent by attempts until it is settled: a webhook's delivery, a mail. Times are epoch ms.
 *
 * @typeParam Settled what may become of it
 */
export interface Retried<Settled extends string = string> {
  status: 'pending' | Settled;
  createdAt: number;
  /** How many attempts were begun, since it was made or asked for again. */
  attempts: number;
  /** The name of the last attempt that began. */
  attemptId?: string;
  /** Of a pending one: when an attempt is due. */
  nextAttemptAt: number;
  /** When an attempt was last asked for: the stream hands each new one to the queue. */
  queuedAt: number;
  /** When it became what it is, unless it is pending. */
  settledAt?: number;
}

/** What is new: its first attempt is asked for. */
export const firstAttempt = (now: number): Retried<never> => ({
  status: 'pending',
  createdAt: now,
  attempts: 0,
  nextAttemptAt: now,
  queuedAt: now,
});

const minuteMs = 60_000;
/** The pauses after each attempt but the last, ms: ten attempts within a day. */
const pauses = [1, 5, 15, 30, 60, 120, 240, 360, 600].map((minutes) => minutes * minuteMs);

/** How often something is attempted before it is parked. */
export const mostAttempts = pauses.length + 1;

/**
 * When the next attempt is due, if this one, begun `now`, fails; the last one's is when it is given up.
 *
 * @param attempt the first is 1
 * @param random 0..1: spreads what failed together by a tenth
 */
export const nextAttemptAt = (attempt: number, now: number, random: number): number => {
  const pause = pauses[attempt - 1] ?? minuteMs;
  return Math.round(now + pause * (0.9 + 0.2 * random));
};

/** For how long something is kept after it was settled, ms. */
export const keptMs = 30 * dayMs;
/**
 * Returns whether the message of a change may have been sent and forgotten. Such a message is not sent again.
 *
 * @param change.at when the change was made, epoch ms
 */
export const mayBeForgotten = ({ at }: { at: number }, now: number): boolean => now - at >= keptMs;

/** How long after it was asked for an attempt should have begun, ms. */
const queuePatienceMs = 300_000;

/** Whether a change asks for an attempt: the first, a further one, or one by hand. */
export const isQueued = (before: Retried | undefined, after: Retried): boolean =>
  after.status === 'pending' && before?.queuedAt !== after.queuedAt;

/** When the schedule must look: when the next attempt is due, if one that was asked for is not begun, when to forget it. */
export const checkAttemptsAt = ({
  status,
  nextAttemptAt: next,
  queuedAt,
  settledAt = 0,
}: Pick<Retried, 'status' | 'nextAttemptAt' | 'queuedAt' | 'settledAt'>): number => {
  if (status !== 'pending') return settledAt + keptMs;
  return next > queuedAt ? next : queuedAt + queuePatienceMs;
};
