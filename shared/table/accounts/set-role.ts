import type { Role } from '../../contracts/schemas/organization.ts';
import type { Member } from '../../domain/accounts/member.ts';
import { mayAppoint } from '../../domain/accounts/membership.ts';
import { readMember } from '../items/members.ts';
import { followMember } from '../items/memberships.ts';
import { type Clock, systemClock } from '../store/clock.ts';
import { type BeginAgain, retryWhileContended } from '../store/retry.ts';
import type { Table } from '../store/table.ts';
import { appoint } from './appointments.ts';
import { changeMember, changeTries } from './change-member.ts';
import { withdrawGrantsOfMember } from './withdraw-grants.ts';

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
 * @param request.by the caller's role
 * @param now epoch ms
 */
export const setRole = async (
  table: Table,
  { organizationId, userId, role, by }: { organizationId: string; userId: string; role: Role; by: Role },
  now = Date.now(),
  clock: Clock = systemClock,
): Promise<RoleSet> => {
  const attempt = async (): Promise<RoleSet | BeginAgain> => {
    const member = await readMember(table, organizationId, userId);
    if (!member) return { outcome: 'missing' };
    if (!mayAppoint(by, { from: member.role, to: role })) return { outcome: 'forbidden' };
    if (member.role === role) {
      await followMember(table, organizationId, userId);
      return { outcome: 'set', member };
    }
    const changed = await changeMember(table, organizationId, member, { role }, now);
    return changed === 'changed' ? { outcome: 'set', member: { ...member, role } } : { outcome: changed };
  };
  const result = await appoint(table, { organizationId, userId, now }, () =>
    retryWhileContended(clock, { tries: changeTries }, attempt),
  );
  if (result.outcome === 'set') await withdrawGrantsOfMember(table, organizationId, userId, { now });
  return result;
};
