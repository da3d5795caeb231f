import { utc } from '../../../domain/activation.ts';
import { isBlocked } from '../../../domain/machine.ts';
import { checkRemovalAfterMs, forgetAt } from '../../machines/settle-machine.ts';
import type { Reactions } from '../reactions.ts';

/** A machine is registered, removed by a person, or leaves idle. The events of its sessions show the idle leave. */
export const machine: Reactions<'machine'> = {
  /** The registration ended: after a removal, did the machine's sessions end? Otherwise: delete the record after a time. */
  due: ({ before, after, pool }) => {
    if (after.status !== 'ended' || before?.revision === after.revision) return undefined;
    const { machineId, endedAt = 0, ran = [] } = after;
    const check = { kind: 'machine', pool, machineId } as const;
    const at = endedAt + checkRemovalAfterMs;
    return [ran.length > 0 || isBlocked(after, at) ? { ...check, at, ran } : { ...check, at: forgetAt(after) }];
  },

  event: ({ before, after }) => {
    const target = { type: 'machine', id: after.machineId } as const;
    if (after.status === 'active')
      return before?.status === 'active'
        ? undefined
        : { action: 'machine.registered', target, at: after.registeredAt, details: { userId: after.userId || null } };
    const { endedReason: reason, endedAt = 0 } = after;
    const removed = reason === 'machine-removed' || reason === 'user-removed';
    if (!removed || before?.endedAt === after.endedAt) return undefined;
    // The record may still have a block whose time is over.
    const blockedUntil = isBlocked(after, endedAt) ? utc(after.blockedUntil) : undefined;
    return { action: 'machine.removed', target, at: endedAt, details: { reason, blockedUntil } };
  },
};
