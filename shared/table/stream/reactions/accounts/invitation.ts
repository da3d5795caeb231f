import { utc } from '../../../../domain/activation.ts';
import { expiryCheck, rightLingersMs } from '../../due-checks.ts';
import type { Reactions } from '../../reactions.ts';
import { newlyRetained } from '../../retention.ts';

/** An address is invited, and its invitation is accepted, revoked, expires, or is replaced by a new one. */
export const invitation: Reactions<'invitation'> = {
  /** At the end of each invitation: mark it as expired. After its acceptance: is the membership there? */
  due: (change) => {
    const { before, after, at } = change;
    if (before?.secretHash !== after.secretHash) return [expiryCheck(change, after.expiresAt)];
    const { organizationId, acceptedBy: userId, joining } = after;
    if (before.joining || !joining || userId === undefined) return undefined;
    return [{ kind: 'member', organizationId, userId, at: at + rightLingersMs }];
  },

  event: ({ before, after }) => {
    const { id, email, role } = after;
    const target = { type: 'invitation', id } as const;
    // A new invitation of the same address replaces the one before.
    if (before?.secretHash !== after.secretHash)
      return {
        action: 'invitation.created',
        target,
        at: after.invitedAt,
        details: { email, role, expiresAt: utc(after.expiresAt) },
      };
    if (before.acceptedBy !== after.acceptedBy)
      return { action: 'invitation.accepted', target, details: { email, role, userId: after.acceptedBy } };
    // A revocation after the end changes nothing: the invitation ended once.
    const isEnded = before.acceptedBy !== undefined || before.expiredAt !== undefined;
    if (!isEnded && before.revokedAt === undefined && after.revokedAt !== undefined)
      return { action: 'invitation.revoked', target, at: after.revokedAt, details: { email, role } };
    if (before.expiredAt === undefined && after.expiredAt !== undefined)
      return { action: 'invitation.expired', target, at: after.expiredAt, details: { email, role } };
    return undefined;
  },

  /** The list of the address's invitations follows each invitation until it is accepted, revoked or expires. */
  pending: ({ before, after }) => {
    const isOpen = after.acceptedBy === undefined && after.revokedAt === undefined && after.expiredAt === undefined;
    if (isOpen && before?.secretHash === after.secretHash) return undefined;
    return { invitation: after, isOpen };
  },

  /** For each invitation, a mail to the address. */
  mails: ({ before, after: { organizationId, id: invitationId, nonce, invitedAt } }) =>
    before?.nonce === nonce
      ? undefined
      : { organizationId, at: invitedAt, about: { kind: 'invitation', invitationId, nonce } },

  /** From the acceptance, the revocation or the expiry, until the address is invited again. */
  retention: (change) =>
    newlyRetained(change, ({ acceptedBy, revokedAt, expiredAt, invitedAt }) => {
      const since = revokedAt ?? expiredAt ?? (acceptedBy === undefined ? undefined : change.at);
      return since === undefined ? undefined : { since, unchanged: { invitedAt } };
    }),
};
