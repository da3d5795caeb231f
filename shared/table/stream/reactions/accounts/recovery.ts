import { utc } from '../../../../domain/activation.ts';
import { rightLingersMs } from '../../due-checks.ts';
import type { Reactions } from '../../reactions.ts';
import { newlyRetained } from '../../retention.ts';

/** A member's recovery is started, consented to, and completed or cancelled. A later one replaces it. */
export const recovery: Reactions<'recovery'> = {
  /** After the beginning of a completion: is it complete? */
  due: ({ before, after: { organizationId, userId, claim }, at }) =>
    claim && !before?.claim ? [{ kind: 'member', organizationId, userId, at: at + rightLingersMs }] : undefined,

  event: ({ before, after }) => {
    const { id: recoveryId, userId, email, role, effectiveAt, expiresAt } = after;
    const target = { type: 'member', id: userId } as const;
    const what = { recoveryId, email, role };
    if (before?.id !== recoveryId)
      return {
        action: 'member.recovery-started',
        target,
        at: after.startedAt,
        details: { ...what, effectiveAt: utc(effectiveAt), expiresAt: utc(expiresAt) },
      };
    if (before.completedAt === undefined && after.completedAt !== undefined)
      return {
        action: 'member.recovery-completed',
        target,
        at: after.completedAt,
        details: { ...what, recoveredAs: after.completedAs },
      };
    if (before.cancelledAt === undefined && after.cancelledAt !== undefined)
      return { action: 'member.recovery-cancelled', target, at: after.cancelledAt, details: what };
    if (before.consentedBy !== after.consentedBy)
      return { action: 'member.recovery-consented', target, at: after.consentedAt, details: what };
    return undefined;
  },

  /** At the start, a mail to each member. */
  mails: ({ before, after: { organizationId, id: recoveryId, startedAt } }) =>
    before?.id === recoveryId
      ? undefined
      : {
          organizationId,
          at: startedAt,
          to: ({ removedAt }) => removedAt === undefined,
          about: (userId) => ({ kind: 'recovery', recoveryId, userId }),
        },

  /** From the end of the time to complete it, until another recovery replaces it. */
  retention: (change) => newlyRetained(change, ({ id, expiresAt }) => ({ since: expiresAt, unchanged: { id } })),
};
