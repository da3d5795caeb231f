import type * as z from 'zod';
import type { EndedReason } from '../../contracts/schemas/activation.ts';
import type { LicenseType } from '../../contracts/schemas/subscription.ts';
import type { Actor } from '../accounts/actor.ts';
import { dayMs, dayOf, type TimeRange } from '../dates.ts';
import { type ClaimEnd, isRecordOf, type Session } from '../holder-record.ts';

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
  /** When the session was activated, before it moved to its machine, epoch ms; absent if it has not moved. */
  activatedAt?: number;
  /** The actor of the start. Absent if an event of its own tells the start: a move, or a start of an earlier release. */
  startedBy?: Actor;
  /** The session's earlier activation, if this start ended it. */
  lapsed?: LapsedActivation;
}

/** An activation whose lapse nobody had noticed when its session was activated again. */
export type LapsedActivation = Pick<RunningSession, 'number' | 'fence' | 'userId' | 'machineId'> & {
  /** Epoch ms. */
  activatedAt: number;
  reason: EndedReason;
};

/** An activation that has ended. A later change may still move its end to an earlier time, and changes nothing else. */
export interface EndedSession extends RunningSession {
  /** Epoch ms. */
  endedAt: number;
  endedReason: EndedReason;
  /** The actor of the end. Absent if another event tells the end: a move, a start, or an end of an earlier release. */
  endedBy?: Actor;
}

export type HistorySession = RunningSession | EndedSession;

export const isEnded = (session: HistorySession): session is EndedSession => 'endedAt' in session;

/** Returns when the claim of a record began, epoch ms: at the activation, or at the move to the present machine. */
const startOf = ({ activatedAt, ...session }: Session): number =>
  Math.max(activatedAt, moveOf(session)?.at ?? activatedAt);

/** Returns the end of the claim that moved to become the present one; undefined if the session did not move. */
const moveOf = ({ licensed, previous: [before] }: Pick<Session, 'licensed' | 'previous'>): ClaimEnd | undefined =>
  // A session can't be activated again after this end, so the present claim comes from a move.
  !licensed && before?.reason === 'license-transferred' ? before : undefined;

const runningSession = (session: Session): RunningSession => {
  const { sessionId, fence, number, userId, machineId, hostname, activatedAt, startedBy, leaseSeconds } = session;
  const startedAt = startOf(session);
  return {
    sessionId,
    fence,
    number,
    userId,
    machineId,
    hostname,
    licenseType: session.licensed ? 'per-user' : 'floating',
    leaseSeconds,
    waitedSeconds: session.waitedSeconds,
    startedAt,
    ...(moveOf(session) ? { activatedAt } : { startedBy, lapsed: lapsedBefore(session) }),
  };
};

const lapsedBefore = ({ previous: [last] }: Session): LapsedActivation | undefined => {
  if (!last?.unnoticed) return undefined;
  const { unnoticed, at: _, ...lapsed } = last;
  return { ...lapsed, ...unnoticed };
};

const withEnd = (
  running: RunningSession,
  { reason, at, by }: { reason: EndedReason; at: number; by?: Actor | undefined },
): EndedSession => ({
  ...running,
  endedReason: reason,
  endedAt: Math.max(at, running.startedAt),
  ...(by && { endedBy: by }),
});

/**
 * Returns an activation with its end, if its session's record tells it: as its own, or among the earlier ends that the record
 * remembers.
 */
export const endOnRecord = (running: RunningSession, record: Session): EndedSession | undefined => {
  const { status, endedReason, endedAt, endedBy, previous } = record;
  if (isRecordOf(record, running))
    return status === 'ended' && endedReason && endedAt !== undefined
      ? withEnd(running, { reason: endedReason, at: endedAt, by: endedBy })
      : undefined;
  const end = previous.find(({ number, fence }) => number === running.number && fence === running.fence);
  return end && withEnd(running, end);
};

/** Returns the activation of a record, with its end if it has ended; undefined for a claim that was never answered. */
export const historySessionOf = (record: Session): HistorySession | undefined => {
  const running = runningSession(record);
  return record.untold ? undefined : (endOnRecord(running, record) ?? running);
};

/** Returns an activation with its end, if it has ended: an end that the record no longer remembers was a lapse. */
export const endOrLapse = (running: RunningSession, record: Session): EndedSession | undefined =>
  endOnRecord(running, record) ??
  (isRecordOf(record, running) ? undefined : withEnd(running, { reason: 'lease-expired', at: record.activatedAt }));

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
  ...(after.status === 'active' && before?.fence !== after.fence && { started: startedOf(before, after) }),
  ...(before?.status === 'active' && { ended: endedOf(before, after) }),
  ...(before && isDatedEarlier(before, after) && { ended: endOf(after), later: endOf(before) }),
});

/** The record of a claim from an earlier release does not tell the lapse before it. */
const startedOf = (before: Session | undefined, after: Session): RunningSession => {
  const started = runningSession(after);
  if (before?.status !== 'active' || started.activatedAt !== undefined || started.lapsed) return started;
  const end = endOrLapse(runningSession(before), after);
  const { number, fence, userId, machineId, activatedAt } = before;
  const lapsed = end && { number, fence, userId, machineId, activatedAt, reason: end.endedReason };
  return { ...started, lapsed };
};

/** A record of another claim that begins as ended, also ends a live one before it: by the same actor. */
const endedOf = (before: Session, after: Session): EndedSession | undefined => {
  const ended = endOrLapse(runningSession(before), after);
  return ended && { ...ended, endedBy: after.endedBy };
};

const endOf = (record: Session) => endOrLapse(runningSession(record), record);

const isDatedEarlier = (before: Session, after: Session): boolean =>
  isRecordOf(after, before) && (after.endedAt ?? Infinity) < (before.endedAt ?? 0);

/** Returns the midnights (UTC) that an activation ran through, epoch ms. */
export const midnightsDuring = ({ startedAt, endedAt }: Pick<EndedSession, 'startedAt' | 'endedAt'>): number[] => {
  const first = dayOf(startedAt) + dayMs;
  return Array.from({ length: Math.ceil((endedAt - first) / dayMs) }, (_, index) => first + index * dayMs);
};

/** Returns whether an activation ran at some time of a range. */
export const overlaps = (session: HistorySession, { from, to }: TimeRange): boolean =>
  session.startedAt < to && (session.startedAt >= from || !isEnded(session) || session.endedAt > from);

/** Returns how long an activation ran, or has run until `now` (epoch ms), in whole seconds. */
export const durationSeconds = (session: HistorySession, now: number): number =>
  Math.max(0, Math.floor(((isEnded(session) ? session.endedAt : now) - session.startedAt) / 1000));
