import type { Role } from '../../contracts/schemas/organization.ts';
import type { Member } from '../../domain/accounts/member.ts';
import { mayAppoint } from '../../domain/accounts/membership.ts';
import { readMember } from '../items/members.ts';
import { type Clock, systemClock } from '../store/clock.ts';
import { type BeginAgain, retryWhileContended } from '../store/retry.ts';
import type { Table } from '../store/table.ts';
import { changeMember, changeTries } from './change-member.ts';
import { withdrawGrantsOfMember } from './withdraw-grants.ts';

interface RoleRequest {
  organizationId: string;
  userId: string;
  role: Role;
  /** The caller's role. */
  by: Role;
}

export type RoleSet =
  | { outcome: 'set'; member: Member }
  | { outcome: 'missing' }
  /** Only an owner may do this. */
  | { outcome: 'forbidden' }
  /** An organization always has an owner. */
  | { outcome: 'last-owner' }
  /** Others kept changing the members. */
  | { outcome: 'contended' };

/**
 * Sets a member's role, and withdraws the grants that it could no longer make. A repetition finishes a request that stopped
 * half way.
 *
 * @param now epoch ms
 */
export const setRole = async (
  table: Table,
  request: RoleRequest,
  now = Date.now(),
  clock: Clock = systemClock,
): Promise<RoleSet> => {
  const result = await retryWhileContended(clock, { tries: changeTries }, () => changeRole(table, request));
  if (result.outcome === 'set') await withdrawGrantsOfMember(table, request.organizationId, request.userId, { now });
  return result;
};

const changeRole = async (
  table: Table,
  { organizationId, userId, role, by }: RoleRequest,
): Promise<RoleSet | BeginAgain> => {
  const member = await readMember(table, organizationId, userId);
  if (!member) return { outcome: 'missing' };
  if (!mayAppoint(by, { from: member.role, to: role })) return { outcome: 'forbidden' };
  if (member.role === role) return { outcome: 'set', member };
  const changed = await changeMember(table, organizationId, member, { role });
  return changed === 'changed' ? { outcome: 'set', member: { ...member, role } } : { outcome: changed };
};
