import type { Reactions } from '../../reactions.ts';

/** A quota refuses an activation: noted once per session and reason. A note never changes. */
export const refusal: Reactions<'refusal'> = {
  refusal: ({ before, after }) => (before ? undefined : after),

  event: ({ before, after: { sessionId, at, reason, quota, inUse, userId, machineId, hostname } }) => {
    if (before) return undefined;
    const details = { reason, quota, inUse, userId, machineId, hostname };
    return { action: 'license.refused', target: { type: 'activation', id: sessionId }, at, details };
  },
};
