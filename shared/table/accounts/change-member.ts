import type { Role } from '../../contracts/schemas/organization.ts';
import type { Member } from '../../domain/accounts/member.ts';
import { ownerAdded } from '../items/members.ts';
import { keys } from '../store/keys.ts';
import type { Table } from '../store/table.ts';
import { transact, type Write } from '../store/transactions.ts';

/** How often a change begins again because the member changed meanwhile. */
export const changeTries = 5;

/**
 * Changes a membership, unless it changed since the read: both of its items together, and the set of owners if the member
 * becomes or ceases to be one. All changes of owners meet in that set, and none takes its last element: if two owners remove
 * each other at once, one stays.
 *
 * @returns `again` if the membership changed since the read
 */
export const changeMember = async (
  table: Table,
  organizationId: string,
  member: Member,
  to: { role: Role } | { removedAt: number },
): Promise<'changed' | 'last-owner' | 'again'> => {
  const owners = ownersChange(organizationId, member, 'role' in to ? to.role : undefined);
  const changed = await transact(table, [...owners, ...membershipChange(organizationId, member, to)]);
  if (changed.done) return 'changed';
  return owners.length > 0 && changed.refused.includes(0) ? 'last-owner' : 'again';
};

const ownersChange = (organizationId: string, { userId, role: from }: Member, to: Role | undefined): Write[] => {
  if (from === to || (from !== 'owner' && to !== 'owner')) return [];
  if (to === 'owner') return [ownerAdded(organizationId, userId)];
  return [
    {
      Update: {
        Key: keys.owners(organizationId),
        UpdateExpression: 'DELETE owners :users',
        // A user who left the set since the read is not the last owner: the membership's own condition refuses.
        ConditionExpression: 'attribute_exists(owners) AND (size(owners) > :one OR NOT contains(owners, :user))',
        ExpressionAttributeValues: { ':users': new Set([userId]), ':user': userId, ':one': 1 },
      },
    },
  ];
};

const membershipChange = (
  organizationId: string,
  { userId, role: asRead }: Member,
  to: { role: Role } | { removedAt: number },
): Write[] => {
  const asItWasRead = { ConditionExpression: '#role = :asRead AND attribute_not_exists(removedAt)' };
  const member = { Key: keys.member(organizationId, userId), ...asItWasRead };
  const membership = { Key: keys.membership(userId, organizationId) };
  if ('removedAt' in to)
    return [
      {
        Update: {
          ...member,
          UpdateExpression: 'SET removedAt = :at',
          ExpressionAttributeValues: { ':asRead': asRead, ':at': to.removedAt },
        },
      },
      { Delete: membership },
    ];
  const values = { ':asRead': asRead, ':role': to.role };
  const set = { UpdateExpression: 'SET #role = :role', ExpressionAttributeValues: values };
  return [{ Update: { ...member, ...set } }, { Update: { ...membership, ...asItWasRead, ...set } }];
};
