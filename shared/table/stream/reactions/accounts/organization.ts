import { limitsOf } from '../../../../domain/accounts/limits.ts';
import { changedValues } from '../../event-draft.ts';
import type { Reactions } from '../../reactions.ts';

/** An organization is created, and the vendor sets its limits. */
export const organization: Reactions<'organization'> = {
  event: ({ before, after: { id, name, createdAt, limits } }) => {
    const target = { type: 'organization', id } as const;
    if (!before) return { action: 'organization.created', target, at: createdAt, details: { name } };
    const details = changedValues(limitsOf(before.limits), limitsOf(limits));
    return details && { action: 'organization.limits-set', target, details };
  },

  /** For a new organization, a mail to its first owner. */
  mails: ({ before, after: { id: organizationId, createdAt: at } }) =>
    before
      ? undefined
      : {
          organizationId,
          at,
          to: ({ role, joinedAt }) => role === 'owner' && joinedAt === at,
          about: (userId) => ({ kind: 'new-owner', userId }),
        },
};
