import type { Role } from '../../contracts/schemas/organization.ts';

/**
 * Returns whether a member may change another member's role, or end its membership. Only an owner makes, changes or removes
 * an owner.
 *
 * @param by the role of the caller: owner or admin
 * @param change.from the present role of the other person; undefined if it is not a member
 * @param change.to the new role of the other person; undefined to end its membership
 */
export const mayAppoint = (by: Role, { from, to }: { from?: Role; to?: Role }): boolean =>
  by === 'owner' || (from !== 'owner' && to !== 'owner');

/** Returns the roles whose members may invite a person with this role. */
export const appointersOf = (role: Role): Role[] =>
  (['admin', 'owner'] as const).filter((by) => mayAppoint(by, { to: role }));

/**
 * Returns whether a member may make API keys for another member.
 *
 * @param by the role of the maker
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

/** The roles from the fewest rights to the most. Each role has all rights of the roles before it. */
const byRights = ['user', 'billing-manager', 'admin', 'owner'] as const satisfies readonly Role[];

/** Returns the roles that have at least the rights of this role, itself included. */
const rolesFrom = (least: Role): Role[] => byRights.slice(byRights.indexOf(least));

/** Returns whether a role has all rights of another role. */
export const isAtLeast = (role: Role, least: Role): boolean => rolesFrom(least).includes(role);
