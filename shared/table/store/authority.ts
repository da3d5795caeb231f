import { isGoodKey } from '../../domain/accounts/api-key.ts';
import { type Authority, type Lost, LostAuthority, lostOfMembership } from '../../domain/accounts/authority.ts';
import { presentMember } from '../../domain/accounts/member.ts';
import { type Key, keys } from './keys.ts';
import { type Found, readItems, type Table, update, type Written } from './table.ts';

/** Returns another member who made the key of a request: the key has no more rights than its maker. */
const otherMaker = ({ userId, key }: Authority): string | undefined =>
  key?.madeBy === userId ? undefined : key?.madeBy;

/** Returns the keys of the items behind a caller's authority, for `requireAuthority`. */
export const authorityKeys = (authority: Authority | undefined): Key[] => {
  if (!authority) return [];
  const { organizationId, userId, key } = authority;
  const maker = otherMaker(authority);
  return [
    keys.member(organizationId, userId),
    ...(key ? [keys.apiKey(organizationId, key.id)] : []),
    ...(maker === undefined ? [] : [keys.member(organizationId, maker)]),
  ];
};

/**
 * Refuses, before its write, a request whose authority is no longer valid at `now` (epoch ms).
 *
 * @param found the items of `authorityKeys`
 * @throws LostAuthority if the authority is no longer valid
 */
export const requireAuthority = (authority: Authority, found: Found, now: number): void => {
  const lost = lostOf(authority, found, now);
  if (lost) throw new LostAuthority(lost);
};

const lostOf = (authority: Authority, { get }: Found, now: number): Lost | undefined => {
  const { organizationId, userId, role, key } = authority;
  const lostBy = (member: string, least: typeof role) =>
    lostOfMembership(presentMember(get(keys.member(organizationId, member))), least);
  const lost = lostBy(userId, role);
  if (lost || !key) return lost;
  const apiKey = get(keys.apiKey(organizationId, key.id));
  if (!apiKey || !isGoodKey(apiKey, now)) return 'key';
  const maker = otherMaker(authority);
  if (maker === undefined) return undefined;
  // An admin or owner made this key for its member.
  return lostBy(maker, role === 'owner' ? 'owner' : 'admin') && 'key';
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
  requireAuthority(authority, found, Date.now());
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
