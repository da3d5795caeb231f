import type * as z from 'zod';
import type { EndedReason } from '../../contracts/schemas/activation.ts';
import type { LicenseType } from '../../contracts/schemas/subscription.ts';
import { dayMs, dayOf, type TimeRange } from '../dates.ts';
import { isRecordOf, type Session } from '../holder-record.ts';

/**
 * One activation in the history: one claim of a session, on one machine, from its start to its end. A session that is
 * activated again, or moved to another machine, makes a new claim and gets another entry.
 */
export interface RunningSession {
  sessionId: string;
  fence: number;
  /** The number of the seat. */
  number: number;
  userId: string;
  machineId: string;
  hostname?: string;
  licenseType: z.infer<typeof LicenseType>;
  leaseSeconds: number;
  /** How long the session waited in the queue, seconds. */
  waitedSeconds?: number;
  /** Epoch ms. */
  startedAt: number;
}

/** An activation that has ended. A later change may still move its end to an earlier time, and changes nothing else. */
export interface EndedSession extends RunningSession {
  /** Epoch ms. */
  endedAt: number;
  endedReason: EndedReason;
}

export type HistorySession = RunningSession | EndedSession;

export const isEnded = (session: HistorySession): session is EndedSession => 'endedAt' in session;

/** Returns when the claim of a record began, epoch ms: at the activation, or at the move to the present machine. */
const startOf = ({ activatedAt, licensed, previous }: Session): number => {
  const [before] = previous;
  // A session can't be activated again after this end, so the present claim comes from a move.
  const moved = !licensed && before?.reason === 'license-transferred';
  return moved ? Math.max(activatedAt, before.at) : activatedAt;
};

const runningSession = (session: Session): RunningSession => ({
  sessionId: session.sessionId,
  fence: session.fence,
  number: session.number,
  userId: session.userId,
  machineId: session.machineId,
  hostname: session.hostname,
  licenseType: session.licensed ? 'per-user' : 'floating',
  leaseSeconds: session.leaseSeconds,
  waitedSeconds: session.waitedSeconds,
  startedAt: startOf(session),
});

const withEnd = (running: RunningSession, endedReason: EndedReason, endedAt: number): EndedSession => ({
  ...running,
  endedReason,
  endedAt: Math.max(endedAt, running.startedAt),
});

/**
 * Returns an activation with its end, if its session's record tells it: as its own, or among the earlier ends that the record
 * remembers.
 */
export const endOnRecord = (running: RunningSession, record: Session): EndedSession | undefined => {
  const { status, endedReason, endedAt, previous } = record;
  if (isRecordOf(record, running))
    return status === 'ended' && endedReason && endedAt !== undefined
      ? withEnd(running, endedReason, endedAt)
      : undefined;
  const end = previous.find(({ number, fence }) => number === running.number && fence === running.fence);
  return end && withEnd(running, end.reason, end.at);
};

/** Returns an activation with its end, if it has ended: an end that the record no longer remembers was a lapse. */
export const endedBy = (running: RunningSession, record: Session): EndedSession | undefined =>
  endOnRecord(running, record) ??
  (isRecordOf(record, running) ? undefined : withEnd(running, 'lease-expired', record.activatedAt));

/** The activations that a change of a session's record adds to the history. */
export interface SessionHistory {
  /** The activation that began. */
  started?: RunningSession;
  /** The activation that ended. */
  ended?: EndedSession;
  /** The end that was on record before, if the change dates it earlier. */
  later?: EndedSession;
}

/**
 * Returns what a change of a session's record adds to the history: an activation that started, one that ended, or both. A
 * claim that was first recorded as ended was never answered, so the history leaves it out.
 *
 * One change starts an activation and one change ends it, and the earliest end counts. So the history is the same in
 * whichever order, and however often, the changes arrive.
 */
export const historyOf = (before: Session | undefined, after: Session): SessionHistory => ({
  ...(after.status === 'active' && before?.fence !== after.fence && { started: runningSession(after) }),
  ...(before?.status === 'active' && { ended: endedBy(runningSession(before), after) }),
  ...(before && isDatedEarlier(before, after) && { ended: endOf(after), later: endOf(before) }),
});

const endOf = (record: Session) => endedBy(runningSession(record), record);

const isDatedEarlier = (before: Session, after: Session): boolean =>
  before.endedAt !== undefined &&
  after.endedAt !== undefined &&
  isRecordOf(after, before) &&
  after.endedAt < before.endedAt;

/** Returns the midnights (UTC) that an activation ran through, epoch ms. */
export const midnightsDuring = ({ startedAt, endedAt }: EndedSession): number[] => {
  const days: number[] = [];
  for (let day = dayOf(startedAt) + dayMs; day < endedAt; day += dayMs) days.push(day);
  return days;
};

/** Returns whether an activation ran at some time of a range. */
export const overlaps = (session: HistorySession, { from, to }: TimeRange): boolean =>
  session.startedAt < to && (session.startedAt >= from || !isEnded(session) || session.endedAt > from);

/** Returns how long an activation ran, or has run until `now` (epoch ms), in whole seconds. */
export const durationSeconds = (session: HistorySession, now: number): number =>
  Math.max(0, Math.floor(((isEnded(session) ? session.endedAt : now) - session.startedAt) / 1000));
