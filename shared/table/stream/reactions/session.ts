import { utc } from '../../../domain/activation.ts';
import { endEventOf, startEventOf } from '../../../domain/history/activation-events.ts';
import { historyOf } from '../../../domain/history/session-history.ts';
import { isRecordOf, type Session } from '../../../domain/holder-record.ts';
import type { EventDraft } from '../event-draft.ts';
import type { Reactions } from '../reactions.ts';
import { newlyRetained } from '../retention.ts';

/** Returns the event of a session without a seat: somebody ended its wait in the queue. */
const endOfWaiting = ({ sessionId, userId, machineId, hostname, endedReason, endedAt }: Session): EventDraft => ({
  action: 'activation.ended',
  target: { type: 'activation', id: sessionId },
  at: endedAt,
  details: { userId, machineId, hostname, seat: null, reason: endedReason },
});

/** Returns the event of a session that moved to another machine. */
const moveOf = (before: Session, after: Session, at: number): EventDraft => ({
  action: 'activation.transferred',
  target: { type: 'activation', id: after.sessionId },
  at,
  details: {
    userId: after.userId,
    seat: after.number,
    fence: after.fence,
    startedAt: utc(after.activatedAt),
    before: { machineId: before.machineId },
    after: { machineId: after.machineId },
  },
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
  event: ({ id, pool, before, after, actor }) => {
    const { started, ended, later } = historyOf(before, after);
    if (after.status === 'ended') {
      if (!ended || later) return after.number === 0 ? endOfWaiting(after) : undefined;
      const { endedBy } = ended;
      return endedBy ? endEventOf(pool, ended, endedBy) : { ...endEventOf(pool, ended, actor), id };
    }
    if (!started) return undefined;
    if (before && ended?.endedReason === 'license-transferred') return moveOf(before, after, ended.endedAt);
    const { startedBy } = started;
    return startedBy ? startEventOf(pool, started, startedBy) : { ...startEventOf(pool, started, actor), id };
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
