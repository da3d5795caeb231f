import type { Role } from '../../contracts/schemas/organization.ts';
import type { EverMember } from '../../domain/accounts/member.ts';
import { planDue } from '../items/due-items.ts';
import { changeAsRead, countOwner, followMember, leaveOwners } from '../items/memberships.ts';
import { checkAuthority } from '../store/authority.ts';
import type { Table } from '../store/table.ts';

/** How often a change begins again because the member changed meanwhile. */
export const changeTries = 5;

/** When the schedule looks after a change that may have stopped half way, ms. */
const checkAfterMs = 60_000;

/**
 * Changes a membership by one write, unless it changed since the read; the set of owners and the list of the user's
 * memberships follow. The end of an ownership begins with the set: all ends meet there, and none takes its last element. If
 * two owners remove each other at once, one stays.
 *
 * @param now epoch ms
 * @returns `again` if the membership changed since the read
 * @throws LostAuthority if the caller's membership, role or key has ended
 */
export const changeMember = async (
  table: Table,
  organizationId: string,
  member: EverMember,
  to: { role: Role } | { removedAt: number },
  now: number,
): Promise<'changed' | 'last-owner' | 'again'> => {
  const { userId } = member;
  await checkAuthority(table);
  const endsOwner = member.role === 'owner' && ('removedAt' in to || to.role !== 'owner');
  if (endsOwner) {
    // If this request dies, the member is an owner outside the set: the check counts it again.
    await planDue(table, { kind: 'member', organizationId, userId, at: now + checkAfterMs });
    if (!(await leaveOwners(table, organizationId, userId))) return 'last-owner';
  }
  const { done } = await changeAsRead(table, organizationId, member, to);
  if (done) await followMember(table, organizationId, userId);
  else if (endsOwner) await countOwner(table, organizationId, userId);
  return done ? 'changed' : 'again';
};
