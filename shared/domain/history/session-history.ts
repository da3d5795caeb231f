import type * as z from 'zod';
import type { EndedReason } from '../../contracts/schemas/activation.ts';
import type { LicenseType } from '../../contracts/schemas/subscription.ts';
import { dayMs, dayOf, type TimeRange } from '../dates.ts';
import { isRecordOf, type Session } from '../holder-record.ts';

/**
 * One activation in the history: a claim of a session, on one machine, from its start to its end. A session that was
 * activated anew, or transferred to another machine, is as many of them as it made claims.
 */
export interface RunningSession {
  sessionId: string;
  fence: number;
  /** Of the seat. */
  number: number;
  userId: string;
  machineId: string;
  hostname?: string;
  licenseType: z.infer<typeof LicenseType>;
  leaseSeconds: number;
  /** How long it waited in the queue, seconds. */
  waitedSeconds?: number;
  /** Epoch ms. */
  startedAt: number;
}

/** An activation that is over. Only its end may still turn out to have been earlier. */
export interface EndedSession extends RunningSession {
  /** Epoch ms. */
  endedAt: number;
  endedReason: EndedReason;
}

export type HistorySession = RunningSession | EndedSession;

export const isEnded = (session: HistorySession): session is EndedSession => 'endedAt' in session;

/** When the claim of a record began: where it was made by a transfer to another machine, that was later than the session. */
const startOf = ({ activatedAt, licensed, previous }: Session): number => {
  const [before] = previous;
  // Nobody activates a session anew after this end: it was moved.
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

/**
 * An activation as over, if its session's record says that it is: as ended, or, once the session was activated anew or
 * moved, by how it remembers that the claims before ended.
 */
export const endedBy = (running: RunningSession, record: Session): EndedSession | undefined => {
  const ended = (endedReason: EndedReason, endedAt: number): EndedSession => ({
    ...running,
    endedReason,
    endedAt: Math.max(endedAt, running.startedAt),
  });
  if (record.fence === running.fence) {
    const { status, endedReason, endedAt } = record;
    return status === 'ended' && endedReason && endedAt !== undefined ? ended(endedReason, endedAt) : undefined;
  }
  const end = record.previous.find(({ number, fence }) => number === running.number && fence === running.fence);
  return ended(end?.reason ?? 'lease-expired', end?.at ?? record.activatedAt);
};

/**
 * What a change of a session's record tells the history: an activation that began, and one that is over. One that was
 * on record as ended from the first was told to nobody, and is no part of it.
 *
 * Each activation begins by one change and ends by one, and of its ends the earliest counts, so that what is told does not
 * depend on the order or number in which changes are heard of.
 *
 * @returns `later`: the end that was on record before, where a change dates it earlier
 */
export const historyOf = (
  before: Session | undefined,
  after: Session,
): { started?: RunningSession; ended?: EndedSession; later?: EndedSession } => ({
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

/** The beginnings of the days (UTC) at which an activation ran that began before them, epoch ms. */
export const daysCarried = ({ startedAt, endedAt }: EndedSession): number[] => {
  const days: number[] = [];
  for (let day = dayOf(startedAt) + dayMs; day < endedAt; day += dayMs) days.push(day);
  return days;
};

/** Whether it ran at some time of a range. */
export const overlaps = (session: HistorySession, { from, to }: TimeRange): boolean =>
  session.startedAt < to && (session.startedAt >= from || !isEnded(session) || session.endedAt > from);

/** For how long it ran, or has run until `now` (epoch ms), in whole seconds. */
export const durationSeconds = (session: HistorySession, now: number): number =>
  Math.max(0, Math.floor(((isEnded(session) ? session.endedAt : now) - session.startedAt) / 1000));
