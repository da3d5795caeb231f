import { rightLingersMs } from '../../due-checks.ts';
import type { Reactions } from '../../reactions.ts';
import { newlyRetained } from '../../retention.ts';

/** A member is added, gets another role, is removed, and may be added again. */
export const member: Reactions<'member'> = {
  /** After a removal, or a change of the role: did everything end that depended on the lost right? */
  due: ({ at, before, after: { userId, role, removedAt }, pool: { organizationId } }) => {
    if (!before) return undefined;
    const check = { kind: 'member', organizationId, userId } as const;
    if (removedAt !== undefined)
      return before.removedAt === removedAt ? undefined : [{ ...check, at: removedAt + rightLingersMs, removedAt }];
    const isOther = before.removedAt === undefined && before.role !== role;
    return isOther ? [{ ...check, at: at + rightLingersMs }] : undefined;
  },

  event: ({ before, after }) => {
    const { userId, email, role, joinedAt, removedAt, recoveredAs } = after;
    const target = { type: 'member', id: userId } as const;
    if (removedAt !== undefined)
      return before?.removedAt === undefined
        ? { action: 'member.removed', target, at: removedAt, details: { email, role, recoveredAs } }
        : undefined;
    if (!before || before.removedAt !== undefined)
      return { action: 'member.added', target, at: joinedAt, details: { email, role } };
    if (before.role === role) return undefined;
    const roles = { before: { role: before.role }, after: { role } };
    return { action: 'member.role-changed', target, details: { email, ...roles } };
  },

  /** From the removal until the person is a member again. The purge deletes the name and address with the item. */
  retention: (change) =>
    newlyRetained(change, ({ removedAt }) =>
      removedAt === undefined ? undefined : { since: removedAt, unchanged: { removedAt } },
    ),
};
