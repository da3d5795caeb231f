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
