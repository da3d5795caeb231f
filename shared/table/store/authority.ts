import type { Role } from '../../contracts/schemas/organization.ts';
import { type Authority, type Lost, LostAuthority, lostOfMembership } from '../../domain/accounts/authority.ts';
import { type EverMember, presentMember } from '../../domain/accounts/member.ts';
import { rolesFrom } from '../../domain/accounts/membership.ts';
import type { Item } from './item.ts';
import { type Key, keys } from './keys.ts';
import { readItems, type Table, update, type Written } from './table.ts';

/** A condition of an authority on one item: for DynamoDB, and as a check of the item as read. */
export interface Condition {
  key: Key;
  expression: string;
  values: Record<string, unknown>;
  lost: (item: Item | undefined) => Lost | undefined;
}

/** Returns the conditions under which an authority is valid at `now` (epoch ms); none without an authority. */
export const conditionsOf = (authority: Authority | undefined, now: number): Condition[] => {
  if (!authority) return [];
  const { organizationId, userId, role, key } = authority;
  const conditions = [membership(organizationId, userId, role)];
  if (!key) return conditions;
  conditions.push(goodKey(organizationId, key.id, now));
  if (key.madeBy === undefined || key.madeBy === userId) return conditions;
  // An admin or owner made this key for its member: the key has no more rights than its maker.
  const maker = membership(organizationId, key.madeBy, role === 'owner' ? 'owner' : 'admin');
  return [...conditions, { ...maker, lost: (item) => maker.lost(item) && 'key' }];
};

const membership = (organizationId: string, userId: string, role: Role): Condition => {
  const roles = rolesFrom(role).map((each, index) => [`:authority${index}`, each] as const);
  return {
    key: keys.member(organizationId, userId),
    expression: `#role IN (${roles.map(([name]) => name).join(', ')}) AND attribute_not_exists(removedAt)`,
    values: Object.fromEntries(roles),
    lost: (item) => lostOfMembership(presentMember(item as EverMember | undefined), role),
  };
};

const goodKey = (organizationId: string, keyId: string, now: number): Condition => ({
  key: keys.apiKey(organizationId, keyId),
  expression:
    'attribute_exists(pk) AND attribute_not_exists(revokedAt) AND (attribute_type(expiresAt, :authorityNull) OR expiresAt > :authorityNow)',
  values: { ':authorityNull': 'NULL', ':authorityNow': now },
  lost: (item) => {
    const expiresAt = item?.expiresAt as number | null | undefined;
    const good = item && item.revokedAt === undefined && expiresAt !== undefined && (expiresAt ?? Infinity) > now;
    return good ? undefined : 'key';
  },
});

/** Returns the keys of the items behind a caller's authority, for `requireAuthority`. */
export const authorityKeys = (authority: Authority | undefined): Key[] =>
  conditionsOf(authority, 0).map(({ key }) => key);

/**
 * Refuses, before its write, a request whose authority is no longer valid.
 *
 * @param itemOf returns the item of a key, as read
 * @throws LostAuthority if the authority is no longer valid
 */
export const requireAuthority = (authority: Authority, itemOf: (key: Key) => unknown, now: number): void => {
  for (const condition of conditionsOf(authority, now)) {
    const lost = condition.lost(itemOf(condition.key) as Item | undefined);
    if (lost) throw new LostAuthority(lost);
  }
};

/**
 * Refuses a request whose authority is no longer valid. Reads the items behind the authority, strongly consistent. A table
 * without an authority refuses nothing.
 *
 * @throws LostAuthority if the caller's membership, role or key has ended
 */
export const checkAuthority = async ({ authority, ...table }: Table): Promise<void> => {
  if (!authority) return;
  const found = await readItems(table, authorityKeys(authority));
  requireAuthority(authority, found.get, Date.now());
};

/**
 * Updates one item under its condition, if the table's authority stands just before. For a write that gives nobody a power: a
 * write that takes one away, or whose effect others check or undo. A request that stalls between the two may write after the
 * end of its right was answered, within its time limit.
 *
 * @throws LostAuthority if the caller's membership, role or key has ended
 */
export const updateUnderAuthority = async <T>(
  table: Table,
  input: Parameters<typeof update<T>>[1],
): Promise<Written<T>> => {
  await checkAuthority(table);
  return update(table, input);
};
