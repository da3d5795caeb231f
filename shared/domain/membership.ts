import type { Role } from '../contracts/schemas/organization.ts';

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
 * Whether a member of one role may make API keys for another member.
 *
 * @param of the role of the other member
 */
export const mayMakeKeysFor = (by: Role | undefined, of: Role | undefined): boolean =>
  by === 'owner' || (by === 'admin' && of !== 'owner');

/**
 * The role in which an API key acts; undefined: it does nothing any more. A key that somebody made for another member has
 * no more rights than its maker has.
 *
 * @param of the role of the key's member
 * @param key.belowOwner whether it never acts as an owner
 * @param key.maker the role of who made it; undefined: none. Absent if its own member made it
 */
export const roleOfKey = (
  of: Role | undefined,
  { belowOwner, maker }: { belowOwner?: boolean; maker?: { role: Role | undefined } },
): Role | undefined => {
  if (maker && maker.role !== 'owner' && maker.role !== 'admin') return undefined;
  const below = belowOwner || (maker && maker.role !== 'owner');
  return of === 'owner' && below ? 'admin' : of;
};

/** From the fewest rights to the most: each role may do what the ones before it may. */
const byRights = ['user', 'billing-manager', 'admin', 'owner'] as const satisfies readonly Role[];

/** The roles with all the rights of this one. */
export const rolesFrom = (least: Role): Role[] => byRights.slice(byRights.indexOf(least));

/** Whether a role has all the rights of another one. */
export const isAtLeast = (role: Role, least: Role): boolean => rolesFrom(least).includes(role);
