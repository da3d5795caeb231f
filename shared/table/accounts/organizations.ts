import type { Limits } from '../../contracts/schemas/limits.ts';
import type { Role } from '../../contracts/schemas/organization.ts';
import { limitsOf } from '../../domain/accounts/limits.ts';
import type { Organization } from '../../domain/accounts/organization.ts';
import { newId } from '../../ids.ts';
import { mailboxOf, readRoles } from '../items/members.ts';
import { followMember, joinAsRead } from '../items/memberships.ts';
import { keys, type Page, type PageRequest, ranges } from '../store/keys.ts';
import { hashOf } from '../store/secrets.ts';
import { getItem, put, readItems, readPage, type Table, update } from '../store/table.ts';

/** Reads an organization, strongly consistent. */
export const readOrganization = (table: Table, organizationId: string): Promise<Organization | undefined> =>
  getItem(table, keys.organization(organizationId));

/** Reads the limits of an organization that exists. */
export const readLimits = async (table: Table, organizationId: string): Promise<Limits> =>
  limitsOf((await readOrganization(table, organizationId))?.limits);

/**
 * Sets the limits of an organization.
 *
 * @param limits omitted ones take their defaults, whatever these become
 * @returns all limits; undefined if there is no such organization
 */
export const setLimits = async (
  table: Table,
  organizationId: string,
  limits: Partial<Limits>,
): Promise<Limits | undefined> => {
  const { done } = await update(table, {
    Key: keys.organization(organizationId),
    UpdateExpression: 'SET limits = :limits',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':limits': limits },
  });
  return done ? limitsOf(limits) : undefined;
};

/** An organization, and the caller's role in it; null: none. */
type OrganizationWithRole = Organization & { role: Role | null };

/** Reads a page of the organizations that a user is a member of; empty for a sign-in without a user. */
export const listOrganizationsOf = async (
  table: Table,
  userId: string | undefined,
  options: PageRequest,
): Promise<Page<OrganizationWithRole>> => {
  if (userId === undefined) return { items: [] };
  const { items, next } = await readPage(table, ranges.memberships(userId), options);
  const organizationIds = items.map(({ organizationId }) => organizationId);
  const roles = await readRoles(table, userId, organizationIds);
  const joined = items.filter(({ organizationId }) => roles.has(organizationId));
  return { items: await withRoles(table, joined, ({ organizationId }) => roles.get(organizationId) ?? null), next };
};

/** Reads a page of all organizations, in the order of their creation. `roles`: the caller's, by organization. */
export const listAllOrganizations = async (
  table: Table,
  roles: Readonly<Record<string, Role>>,
  options: PageRequest,
): Promise<Page<OrganizationWithRole>> => {
  const { items, next } = await readPage(table, ranges.organizations(), options);
  return { items: await withRoles(table, items, ({ organizationId }) => roles[organizationId] ?? null), next };
};

/** Reads the organizations that the entries of a list name. */
const withRoles = async <E extends { organizationId: string }>(
  table: Table,
  entries: readonly E[],
  roleOf: (entry: E) => Role | null,
): Promise<OrganizationWithRole[]> => {
  const keyOf = ({ organizationId }: E) => keys.organization(organizationId);
  const found = await readItems(table, entries.map(keyOf));
  return entries.flatMap((entry) => {
    const organization = found.get(keyOf(entry));
    return organization ? [{ ...organization, role: roleOf(entry) }] : [];
  });
};

/**
 * Returns the ID and the time of the organization that requests with this idempotency key create. The first request sets them,
 * so the list of all organizations keeps the order of their creation.
 *
 * @returns undefined if the caller used the key for another request
 */
export const startCreation = async (
  table: Table,
  { name, ownerEmail, now }: { name: string; ownerEmail: string; now: number },
  idempotencyKey: string,
): Promise<Pick<Organization, 'id' | 'createdAt'> | undefined> => {
  const creation = { id: newId('org'), createdAt: now, request: hashOf(`${name}\n${ownerEmail}`) };
  const { item = creation } = await put(table, {
    Item: { ...keys.creation(hashOf(`${table.actor}\n${idempotencyKey}`)), ...creation },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  return item.request === creation.request ? { id: item.id, createdAt: item.createdAt } : undefined;
};

/**
 * Creates an organization with its first owner, its place in the list of all, and at last its own item: before that, the
 * organization does not exist. A repetition with the same ID finishes an interrupted creation, and changes nothing else: a
 * former owner stays one.
 */
export const createOrganization = async (
  table: Table,
  {
    name,
    ownerEmail: email,
    now,
    id = newId('org'),
    createdAt = now,
  }: { name: string; ownerEmail: string; now: number } & Partial<Pick<Organization, 'id' | 'createdAt'>>,
): Promise<Organization> => {
  const { userId } = await mailboxOf(table, email);
  await joinAsRead(table, id, undefined, { userId, email, name: email, role: 'owner', joinedAt: createdAt });
  await followMember(table, id, userId);
  await put(table, { Item: keys.listedOrganization(id) });
  await put(table, {
    Item: { ...keys.organization(id), name, createdAt },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  return { id, name, createdAt };
};
