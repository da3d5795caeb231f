import { utc } from '../../../../domain/activation.ts';
import { isReported } from '../../../../domain/history/tally.ts';
import type { Reactions } from '../../reactions.ts';
import { newlyRetained } from '../../retention.ts';

/** The service counts the refusals of an hour. */
export const tally: Reactions<'tally'> = {
  /** At the first refusal of an hour, and whenever the count gains a digit. */
  event: ({ before, after }) => {
    if (!isReported(before?.count ?? 0, after.count)) return undefined;
    const counted = { count: after.count, firstAt: utc(after.firstAt), lastAt: utc(after.lastAt) };
    return after.kind === 'authentication'
      ? {
          action: 'authentication.failed',
          target: { type: 'api-key', id: after.keyId },
          at: after.lastAt,
          details: { reason: after.reason, source: after.source, ...counted },
        }
      : {
          action: 'authorization.refused',
          target: { type: 'organization', id: after.organizationId },
          at: after.lastAt,
          details: { operation: after.operation, ...counted },
        };
  },

  retention: (change) => newlyRetained(change, ({ hour }) => ({ since: hour, unchanged: { hour } })),
};
