import { seatClaimOf } from '../../items/licenses.ts';
import { claimCheck } from '../due-checks.ts';
import type { Reactions } from '../reactions.ts';

/** A user's license is granted, transferred, used by sessions, and removed. */
export const license: Reactions<'license'> = {
  /** The license is pending, or ended: was that completed? */
  due: (change) => {
    const { before, after } = change;
    if (after.status === 'active' || after.status === before?.status) return undefined;
    return [claimCheck(change, seatClaimOf(after), after.endedAt ?? after.licensedAt)];
  },

  /** An activation took the license: its session has no seat of its own. */
  sweep: ({ before, after: { inUse, useFence } }) => (inUse && before?.useFence !== useFence ? 'licenses' : undefined),

  /** A use was closed after its lease ended. (For a displaced use, see `ended-uses.ts`.) */
  lapse: ({ before, after: { inUse: use, closedUse } }) => {
    if (!before?.inUse || use?.fence === before.inUse.fence || closedUse?.fence !== before.inUse.fence)
      return undefined;
    const { sessionId, fence } = before.inUse;
    const { availableAt: end, reason } = closedUse;
    return { sessionId, claim: { number: before.number, fence }, end, reason };
  },

  /** A pending license makes no event. One event has both licenses of a transfer. */
  event: ({ before, after, actorBefore }) => {
    const target = { type: 'licensed-user', id: after.userId } as const;
    const seat = after.number;
    if (before?.status === 'pending' && after.status === 'active') {
      // By the actor of the request: any actor that meets a pending license may complete it.
      const granted = { target, at: after.licensedAt, actor: actorBefore };
      return after.from
        ? { ...granted, action: 'license.transferred', details: { seat, from: after.from.userId } }
        : { ...granted, action: 'license.granted', details: { seat } };
    }
    // Also during a transfer to the user: its seat was taken from another user all the same.
    const wasLive = before?.status === 'active' || (before?.status === 'pending' && before.from !== undefined);
    if (wasLive && after.status === 'ended' && after.endedReason === 'user-removed')
      return { action: 'license.removed', target, at: after.endedAt, details: { seat, reason: after.endedReason } };
    return undefined;
  },
};
