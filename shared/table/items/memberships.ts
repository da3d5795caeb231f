import { type EverMember, type Owners, presentMember } from '../../domain/accounts/member.ts';
import { keys } from '../store/keys.ts';
import { repeatUntilSettled } from '../store/retry.ts';
import { getItem, getItems, put, remove, type Table, update, type Written } from '../store/table.ts';

/**
 * Returns the revision of a member's item; 0: there is none. Each write of a membership raises it, so that it names one state
 * for ever. Earlier releases wrote none: that is 1.
 */
export const revisionOf = (member: EverMember | undefined): number => (member ? (member.revision ?? 1) : 0);

/** The condition that a member's item is as it was read. The former release changes roles and ends without a new revision. */
const asRead = (member: EverMember | undefined) =>
  member
    ? {
        ConditionExpression: [
          member.revision === undefined ? 'attribute_not_exists(revision)' : 'revision = :revision',
          '#role = :asRead',
          `attribute_${member.removedAt === undefined ? 'not_' : ''}exists(removedAt)`,
        ].join(' AND '),
        values: { ':revision': member.revision, ':asRead': member.role },
      }
    : { ConditionExpression: 'attribute_not_exists(pk)', values: undefined };

/**
 * Changes a membership, if it is as it was read.
 *
 * @param changes the new attributes; none: a new revision alone, so that a write of another who read the membership before fails
 */
export const changeAsRead = (
  table: Table,
  organizationId: string,
  member: EverMember,
  changes: Partial<Pick<EverMember, 'role' | 'removedAt' | 'recoveredAs'>> = {},
): Promise<Written<EverMember>> => {
  const { ConditionExpression, values } = asRead(member);
  const set = Object.keys(changes).map((name) => `, #${name} = :${name}`);
  return update(table, {
    Key: keys.member(organizationId, member.userId),
    UpdateExpression: `SET revision = :next${set.join('')}`,
    ConditionExpression,
    ExpressionAttributeValues: {
      ...values,
      ':next': revisionOf(member) + 1,
      ...Object.fromEntries(Object.entries(changes).map(([name, value]) => [`:${name}`, value])),
    },
  });
};

/** Makes a user a member, if its item is as it was read: `before`. */
export const joinAsRead = (
  table: Table,
  organizationId: string,
  before: EverMember | undefined,
  member: EverMember,
): Promise<Written<EverMember>> => {
  const { ConditionExpression, values } = asRead(before);
  return put(table, {
    Item: { ...keys.member(organizationId, member.userId), ...member, revision: revisionOf(before) + 1 },
    ConditionExpression,
    ExpressionAttributeValues: values,
  });
};

/** Gives a present member a new revision: each write of another who read the membership before fails. */
export const raiseRevision = (table: Table, organizationId: string, userId: string): Promise<'raised' | 'gone'> =>
  repeatUntilSettled(async () => {
    const member = presentMember(await getItem(table, keys.member(organizationId, userId)));
    if (!member) return 'gone';
    return (await changeAsRead(table, organizationId, member)).done ? 'raised' : undefined;
  });

/**
 * Lets the set of owners and the user's list of memberships follow the member's item. A repetition finishes what stopped half
 * way.
 */
export const followMember = async (table: Table, organizationId: string, userId: string): Promise<void> => {
  await countOwner(table, organizationId, userId);
  const member = await getItem(table, keys.member(organizationId, userId));
  if (member) await listMembership(table, organizationId, member);
};

/** Lets the user's list of memberships follow a member's item. A late write replaces no newer one. */
export const listMembership = async (table: Table, organizationId: string, member: EverMember): Promise<void> => {
  const { userId, role, removedAt } = member;
  const key = keys.membership(userId, organizationId);
  const revision = revisionOf(member);
  const isOlder = {
    ConditionExpression: 'attribute_not_exists(revision) OR revision < :revision',
    ExpressionAttributeValues: { ':revision': revision },
  };
  if (removedAt === undefined) await put(table, { Item: { ...key, role, revision }, ...isOlder });
  else await remove(table, { Key: key, ...isOlder });
};

const isVersion = ({ version }: Owners) => ({
  ConditionExpression: version === undefined ? 'attribute_not_exists(version)' : 'version = :version',
  values: { ':version': version, ':next': (version ?? 0) + 1 },
});

/**
 * Lets the set of owners name a member if it is an owner, and else not. An owner raises its revision between the look at the
 * set and its place in the set. So the end of an ownership that began with the look at an earlier revision fails, and begins
 * again with the set.
 */
export const countOwner = async (table: Table, organizationId: string, userId: string): Promise<void> => {
  await repeatUntilSettled(async () => {
    const { set = {}, member } = await getItems(table, {
      set: keys.owners(organizationId),
      member: keys.member(organizationId, userId),
    });
    const owner = presentMember(member)?.role === 'owner' ? member : undefined;
    if ((set.owners?.has(userId) ?? false) === (owner !== undefined)) return 'counted';
    if (owner && !(await changeAsRead(table, organizationId, owner)).done) return undefined;
    const { ConditionExpression, values } = isVersion(set);
    const { done } = await update(table, {
      Key: keys.owners(organizationId),
      UpdateExpression: `SET version = :next ${owner ? 'ADD' : 'DELETE'} owners :users`,
      ConditionExpression,
      ExpressionAttributeValues: { ...values, ':users': new Set([userId]) },
    });
    return done ? 'counted' : undefined;
  });
};

/** Takes a user out of the set of owners, unless it is the last one. An owner leaves the set before its ownership ends. */
export const leaveOwners = async (table: Table, organizationId: string, userId: string): Promise<boolean> => {
  const { done } = await update(table, {
    Key: keys.owners(organizationId),
    UpdateExpression: 'DELETE owners :users ADD version :one',
    ConditionExpression: 'attribute_exists(owners) AND (size(owners) > :one OR NOT contains(owners, :user))',
    ExpressionAttributeValues: { ':users': new Set([userId]), ':user': userId, ':one': 1 },
  });
  return done;
};

/**
 * Gives the place of an owner in the set to another user, unless `isOver`: the other has become a member, and may have left
 * since.
 */
export const replaceOwner = async (
  table: Table,
  organizationId: string,
  { from, to, isOver }: { from: string; to: string; isOver: (member: EverMember | undefined) => boolean },
): Promise<void> => {
  await repeatUntilSettled(async () => {
    const set = (await getItem(table, keys.owners(organizationId))) ?? {};
    const owners = set.owners ?? new Set<string>();
    if (isOver(await getItem(table, keys.member(organizationId, to)))) return 'over';
    if (owners.has(to) && !owners.has(from)) return 'replaced';
    const { ConditionExpression, values } = isVersion(set);
    const { done } = await update(table, {
      Key: keys.owners(organizationId),
      UpdateExpression: 'SET version = :next, owners = :owners',
      ConditionExpression,
      ExpressionAttributeValues: { ...values, ':owners': new Set([...owners, to].filter((id) => id !== from)) },
    });
    return done ? 'replaced' : undefined;
  });
};
