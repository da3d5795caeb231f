import { dayMs, minuteMs } from '../dates.ts';

/**
 * A message (a webhook's delivery, a mail) that the service attempts to send until it is settled. Times are epoch ms.
 *
 * @typeParam Settled the final statuses
 */
export interface Retried<Settled extends string = string> {
  status: 'pending' | Settled;
  createdAt: number;
  /** How many attempts have started since the message was created, or requested again by hand. */
  attempts: number;
  /** Identifies the last attempt that started. */
  attemptId?: string;
  /** When the next attempt of a pending message is due. */
  nextAttemptAt: number;
  /** When an attempt was last requested. The stream function puts each new request on the queue. */
  queuedAt: number;
  /** When the message got its final status; absent while it is pending. */
  settledAt?: number;
}

/** Returns the fields of a new message, whose first attempt is requested now (epoch ms). */
export const firstAttempt = (now: number): Retried<never> => ({
  status: 'pending',
  createdAt: now,
  attempts: 0,
  nextAttemptAt: now,
  queuedAt: now,
});

/** The pauses after each attempt except the last, ms: ten attempts within a day. */
const pauses = [1, 5, 15, 30, 60, 120, 240, 360, 600].map((minutes) => minutes * minuteMs);

/** How many attempts fail before a message is parked. */
export const maxAttempts = pauses.length + 1;

/**
 * Returns when the next attempt is due if this attempt fails, epoch ms. After the last attempt: when the message is parked.
 *
 * @param attempt the number of this attempt; the first is 1
 * @param now when this attempt starts, epoch ms
 * @param random 0..1: varies the pause by up to a tenth, so that messages that failed together spread
 */
export const nextAttemptAt = (attempt: number, now: number, random: number): number => {
  const pause = pauses[attempt - 1] ?? minuteMs;
  return Math.round(now + pause * (0.9 + 0.2 * random));
};

/** How long a settled message is kept, ms. */
export const retentionMs = 30 * dayMs;

/**
 * Returns whether the message of a change may have been sent and deleted. Such a message must not be sent again.
 *
 * @param change.at when the change was made, epoch ms
 */
export const mayBeForgotten = ({ at }: { at: number }, now: number): boolean => now - at >= retentionMs;

/** The time within which a requested attempt should start, ms. */
const queuePatienceMs = 300_000;

/** Returns whether a change requests an attempt: the first, a retry, or a redelivery by hand. */
export const requestsAttempt = (before: Retried | undefined, after: Retried): boolean =>
  after.status === 'pending' && before?.queuedAt !== after.queuedAt;

/**
 * Returns when the schedule must check a message, epoch ms: when its next attempt is due, when a requested attempt should
 * have started, or when to delete it.
 */
export const checkAttemptsAt = ({
  status,
  nextAttemptAt: next,
  queuedAt,
  settledAt = 0,
}: Pick<Retried, 'status' | 'nextAttemptAt' | 'queuedAt' | 'settledAt'>): number => {
  if (status !== 'pending') return settledAt + retentionMs;
  return next > queuedAt ? next : queuedAt + queuePatienceMs;
};
