import type { Role } from '../../contracts/schemas/organization.ts';
import { isAtLeast } from './membership.ts';

/**
 * The basis of a caller's right to grant power: its membership and, if it calls by an API key, that key. The gateway's
 * authorizer read both, up to 30 seconds ago.
 */
export interface Authority {
  organizationId: string;
  userId: string;
  role: Role;
  /** The key of the request. `madeBy`: the member who made the key, if not its own member. */
  key?: { id: string; madeBy?: string };
}

/** The part of an authority that has ended since the authorizer read it. */
export type Lost = 'membership' | 'role' | 'key';

/** The caller has lost the right to do what it asks for, but the authorizer's cached answer still allows it. */
export class LostAuthority extends Error {
  override name = 'LostAuthority';
  readonly lost: Lost;

  constructor(lost: Lost) {
    super(`The caller's ${lost} has ended or changed`);
    this.lost = lost;
  }
}

/**
 * Returns the part of a caller's authority that has ended, judged by its membership as it is now; undefined if the authority
 * stands.
 *
 * @param role the role that the caller needs
 */
export const lostOfMembership = (membership: { role: Role } | undefined, role: Role): Lost | undefined => {
  if (!membership) return 'membership';
  return isAtLeast(membership.role, role) ? undefined : 'role';
};
