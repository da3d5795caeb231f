import { GetCommand, TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Role } from '../contracts/schemas/organization.ts';
import { newId } from '../ids.ts';
import { keys, type Position, ranges } from './keys.ts';
import { type Item, put, readAll, readPage, signed, type Table } from './table.ts';

export interface Member {
  userId: string;
  email: string;
  name: string;
  role: Role;
  /** Epoch ms. */
  joinedAt: number;
}

/**
 * The person behind an email address. The first who asks gives it a user id, before anyone has signed in with it; the
 * first verified sign-in with the address then becomes that user.
 */
export const mailboxOf = async (table: Table, email: string): Promise<{ userId: string; subject?: string }> => {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.mailbox(email), ConsistentRead: true }),
  );
  if (Item) return { userId: Item.userId, subject: Item.subject };
  const userId = newId('usr');
  const { done, item } = await put(table, {
    Item: { ...keys.mailbox(email), userId },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  return done ? { userId } : { userId: item?.userId as string, subject: item?.subject as string | undefined };
};

/** The two items of a membership: one to list by organization, one to find by user. */
export const memberWrites = (
  table: Table,
  member: { organizationId: string; userId: string; email: string; role: Role; name?: string; now: number },
): NonNullable<TransactWriteCommandInput['TransactItems']> => {
  const { organizationId, userId, email, role, name = email, now } = member;
  return [
    {
      Put: {
        TableName: table.name,
        Item: signed(table, { ...keys.member(organizationId, userId), userId, email, name, role, joinedAt: now }),
      },
    },
    { Put: { TableName: table.name, Item: signed(table, { ...keys.membership(userId, organizationId), role }) } },
  ];
};

/** Makes the person behind an email address a member. */
export const addMember = async (
  table: Table,
  member: { organizationId: string; email: string; role: Role; name?: string; now: number },
): Promise<{ userId: string }> => {
  const { userId } = await mailboxOf(table, member.email);
  await table.client.send(new TransactWriteCommand({ TransactItems: memberWrites(table, { ...member, userId }) }));
  return { userId };
};

/** The member that an item is, if there is one. */
export const memberOf = (item: Item | undefined): Member | undefined => item as unknown as Member | undefined;

/** One member of an organization. */
export const readMember = async (table: Table, organizationId: string, userId: string): Promise<Member | undefined> => {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.member(organizationId, userId), ConsistentRead: true }),
  );
  return memberOf(Item);
};

/** The member with an email address. */
export const readMemberByEmail = async (
  table: Table,
  organizationId: string,
  email: string,
): Promise<Member | undefined> => {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.mailbox(email), ConsistentRead: true }),
  );
  return Item && readMember(table, organizationId, Item.userId);
};

/** A page of an organization's members. */
export const listMembers = async (
  table: Table,
  organizationId: string,
  options: { limit: number; after?: Position },
): Promise<{ members: Member[]; next?: Position }> => {
  const { items, next } = await readPage(table, ranges.members(organizationId), options);
  return { members: items as unknown as Member[], next };
};

/** A user's role in each organization that it is a member of. */
export const readMemberships = async (table: Table, userId: string): Promise<Record<string, Role>> => {
  const items = await readAll(table, ranges.memberships(userId));
  return Object.fromEntries(items.map((item) => [String(item.sk).slice('MEMBERSHIP#'.length), item.role as Role]));
};

/** A user's role in one organization. */
export const readRole = async (table: Table, organizationId: string, userId: string): Promise<Role | undefined> => {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.membership(userId, organizationId), ConsistentRead: true }),
  );
  return Item?.role as Role | undefined;
};
