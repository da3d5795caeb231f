import type { Role } from '../../contracts/schemas/organization.ts';
import { type EverMember, type Mailbox, type Member, presentMember } from '../../domain/accounts/member.ts';
import { newId } from '../../ids.ts';
import { readFiltered } from '../store/filtered-page.ts';
import { keys, type Page, type PageRequest, ranges } from '../store/keys.ts';
import { getItem, put, readAll, readItems, readPage, type Table } from '../store/table.ts';
import { followMember, joinAsRead } from './memberships.ts';

/**
 * Returns the person behind an email address. The first request gives the address a user ID, before any sign-in; the first
 * verified sign-in with the address then becomes that user.
 */
export const mailboxOf = async (table: Table, email: string): Promise<Mailbox> => {
  const known = await findMailbox(table, email);
  if (known) return known;
  const userId = newId('usr');
  const { done, item } = await put(table, {
    Item: { ...keys.mailbox(email), userId },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  return done || !item ? { userId } : item;
};

/** Reads the person behind an email address, if the address has one. */
const findMailbox = (table: Table, email: string): Promise<Mailbox | undefined> => getItem(table, keys.mailbox(email));

/** Gives a new address to a person with another address, who has verified this one too. */
export const nameMailbox = async (
  table: Table,
  email: string,
  { userId, subject }: { userId: string; subject: string },
): Promise<void> => {
  await put(table, {
    Item: { ...keys.mailbox(email), userId, subject },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
};

/** Reads the set of an organization's owners. */
export const readOwners = async (table: Table, organizationId: string): Promise<ReadonlySet<string>> =>
  (await getItem(table, keys.owners(organizationId)))?.owners ?? new Set();

/** Makes the person behind an email address a member. A member keeps its role. */
export const addMember = async (
  table: Table,
  {
    organizationId,
    email,
    role,
    name = email,
    now,
  }: { organizationId: string; email: string; role: Role; name?: string; now: number },
): Promise<{ userId: string }> => {
  const { userId } = await mailboxOf(table, email);
  const before = await readEverMember(table, organizationId, userId);
  if (!presentMember(before))
    await joinAsRead(table, organizationId, before, { userId, email, name, role, joinedAt: now });
  await followMember(table, organizationId, userId);
  return { userId };
};

export const readMember = async (table: Table, organizationId: string, userId: string): Promise<Member | undefined> =>
  presentMember(await getItem(table, keys.member(organizationId, userId)));

/** Reads the member with an email address. */
export const readMemberByEmail = async (
  table: Table,
  organizationId: string,
  email: string,
): Promise<Member | undefined> => {
  const mailbox = await findMailbox(table, email);
  return mailbox && readMember(table, organizationId, mailbox.userId);
};

/** Reads a present or former member of an organization. */
export const readEverMember = (table: Table, organizationId: string, userId: string): Promise<EverMember | undefined> =>
  getItem(table, keys.member(organizationId, userId));

/** Reads the present and former members among these users, by ID. */
export const readEverMembers = async (
  table: Table,
  organizationId: string,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, EverMember>> => {
  const wanted = userIds.map((userId) => keys.member(organizationId, userId));
  const found = await readItems(table, wanted);
  return new Map(wanted.map(found.get).flatMap((member) => (member ? [[member.userId, member]] : [])));
};

export const listMembers = (table: Table, organizationId: string, options: PageRequest): Promise<Page<Member>> =>
  readFiltered(
    (after) => readPage(table, ranges.members(organizationId), { limit: 100, after }),
    (found) => found.filter(({ removedAt }) => removedAt === undefined),
    ({ userId }) => keys.member(organizationId, userId),
    { ...options, most: 1000 },
  );

/** Returns the role of each of these organizations in which a user is a member. */
export const readRoles = async (
  table: Table,
  userId: string,
  organizationIds: readonly string[],
): Promise<ReadonlyMap<string, Role>> => {
  const keyOf = (organizationId: string) => keys.member(organizationId, userId);
  const found = await readItems(table, organizationIds.map(keyOf));
  return new Map(
    organizationIds.flatMap((organizationId) => {
      const member = presentMember(found.get(keyOf(organizationId)));
      return member ? [[organizationId, member.role]] : [];
    }),
  );
};

/** Returns a user's roles by organization. The list of its memberships names the organizations; the members' items decide. */
export const readMemberships = async (table: Table, userId: string): Promise<Record<string, Role>> => {
  const listed = await readAll(table, ranges.memberships(userId));
  const organizationIds = listed.map(({ organizationId }) => organizationId);
  return Object.fromEntries(await readRoles(table, userId, organizationIds));
};

export const readRole = async (table: Table, organizationId: string, userId: string): Promise<Role | undefined> =>
  (await readMember(table, organizationId, userId))?.role;
