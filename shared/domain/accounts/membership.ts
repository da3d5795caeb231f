import type { Role } from '../../contracts/schemas/organization.ts';

/**
 * Whether a member of one role may give another member a role, or take its membership away: owners are made, changed and
 * removed by owners alone.
 *
 * @param by the role of who asks: an owner or admin
 * @param change.from the other's present role; undefined: it is no member
 * @param change.to the role that it shall have; undefined: none any more
 */
export const mayAppoint = (by: Role, { from, to }: { from?: Role; to?: Role }): boolean =>
  by === 'owner' || (from !== 'owner' && to !== 'owner');

/** The roles whose members may invite somebody with a role. */
export const appointersOf = (role: Role): Role[] =>
  (['admin', 'owner'] as const).filter((by) => mayAppoint(by, { to: role }));

/**
 * Returns whether a member of one role may make API keys for another member.
 *
 * @param of the role of the other member
 */
export const mayMakeKeysFor = (by: Role | undefined, of: Role | undefined): boolean =>
  by === 'owner' || (by === 'admin' && of !== 'owner');

/**
 * Returns the role in which an API key acts; undefined if the key has no rights left. A key made for another member has no
 * more rights than its maker.
 *
 * @param of the role of the key's member
 * @param key.belowOwner whether the key never acts as an owner
 * @param key.maker the maker's role; undefined if the maker is no member any more, absent if the key's own member made it
 */
export const roleOfKey = (
  of: Role | undefined,
  { belowOwner, maker }: { belowOwner?: boolean; maker?: { role: Role | undefined } },
): Role | undefined => {
  if (maker && maker.role !== 'owner' && maker.role !== 'admin') return undefined;
  const below = belowOwner || (maker && maker.role !== 'owner');
  return of === 'owner' && below ? 'admin' : of;
};

/** The roles from the fewest rights to the most: each may do all that the roles before it may. */
const byRights = ['user', 'billing-manager', 'admin', 'owner'] as const satisfies readonly Role[];

/** The roles with all the rights of this one. */
export const rolesFrom = (least: Role): Role[] => byRights.slice(byRights.indexOf(least));

/** Whether a role has all the rights of another one. */
export const isAtLeast = (role: Role, least: Role): boolean => rolesFrom(least).includes(role);
