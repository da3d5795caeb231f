import { limitsOf } from '../../../domain/accounts/limits.ts';
import { changedValues } from '../event-draft.ts';
import type { Reactions } from '../reactions.ts';

/** An organization is created, and the vendor sets its limits. */
export const organization: Reactions<'organization'> = {
  event: ({ before, after: { id, name, createdAt, limits } }) => {
    const target = { type: 'organization', id } as const;
    if (!before) return { action: 'organization.created', target, at: createdAt, details: { name } };
    const details = changedValues(limitsOf(before.limits), limitsOf(limits));
    return details && { action: 'organization.limits-set', target, details };
  },
};
