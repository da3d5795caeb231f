import { utc } from '../../../domain/activation.ts';
import { historyOf } from '../../../domain/history/session-history.ts';
import { type HolderRecord, isRecordOf, type Session } from '../../../domain/holder-record.ts';
import type { EventDraft } from '../event-draft.ts';
import type { Reactions } from '../reactions.ts';
import { newlyRetained } from '../retention.ts';

/** Returns the end of the claim that the record had before; undefined if that claim is still live. */
const endOf = (before: HolderRecord, after: HolderRecord) => {
  if (isRecordOf(after, before)) return after.endedReason && { reason: after.endedReason, at: after.endedAt };
  const end = after.previous.find(({ number, fence }) => number === before.number && fence === before.fence);
  return end && { reason: end.reason, at: end.at };
};

/** Returns the details of a record's activation. */
const activationOf = ({ userId, machineId, number, fence, activatedAt }: Session) => ({
  userId,
  machineId,
  seat: number,
  fence,
  startedAt: utc(activatedAt),
});

/** Returns the event of a session without a seat: somebody ended its wait in the queue. */
const endOfWaiting = ({ sessionId, userId, machineId, hostname, endedReason, endedAt }: Session): EventDraft => ({
  action: 'activation.ended',
  target: { type: 'activation', id: sessionId },
  at: endedAt,
  details: { userId, machineId, hostname, seat: null, reason: endedReason },
});

/**
 * A session is activated, moved to another machine, activated anew, and ended. A record that begins as ended voids an
 * unanswered claim.
 */
export const session: Reactions<'session'> = {
  /**
   * - an active record: does the session still hold its seat?
   * - an ended one: was its seat freed? (Not after a lapse, which closes the seat before the record.)
   */
  record: ({ before, after }) => {
    if (after.status === 'ended')
      return before?.status === 'ended' || after.endedReason === 'lease-expired' ? undefined : after;
    return before && isRecordOf(after, before) ? undefined : after;
  },

  history: ({ before, after }) => historyOf(before, after),

  /** The change also ends an earlier activation that lapsed unseen. Then one event has both. */
  event: ({ before, after }) => {
    const target = { type: 'activation', id: after.sessionId } as const;
    const ended = before?.status === 'active' ? endOf(before, after) : undefined;
    if (after.status === 'ended') {
      if (!before || !ended) return after.number === 0 ? endOfWaiting(after) : undefined;
      const details = { ...activationOf(before), reason: ended.reason };
      return { action: 'activation.ended', target, at: ended.at, details };
    }
    if (before?.status === 'active' && isRecordOf(after, before)) return undefined;
    if (before && ended?.reason === 'license-transferred') {
      const machines = { before: { machineId: before.machineId }, after: { machineId: after.machineId } };
      const { machineId: _, ...details } = activationOf(after);
      return { action: 'activation.transferred', target, at: ended.at, details: { ...details, ...machines } };
    }
    const details = {
      ...activationOf(after),
      hostname: after.hostname,
      ...(before && ended && { ended: { ...activationOf(before), reason: ended.reason } }),
    };
    return { action: 'activation.started', target, at: after.activatedAt, details };
  },

  /**
   * The record of an unanswered claim: until the session claims anew, with a new fence. (The record of an activation is
   * deleted with the history of its day. Until then its end answers 204 or 410.)
   */
  retention: (change) => {
    const { before, after } = change;
    if (historyOf(before, after).ended?.fence === after.fence) return undefined;
    return newlyRetained(change, ({ status, endedAt, number, fence }) =>
      status !== 'ended' || endedAt === undefined
        ? undefined
        : { since: endedAt, unchanged: { status, number, fence } },
    );
  },
};
