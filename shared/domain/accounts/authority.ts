import type { Role } from '../../contracts/schemas/organization.ts';
import { isAtLeast } from './membership.ts';

/**
 * The basis of a caller's right to grant power: its membership and, if it calls by an API key, that key, as the gateway's
 * authorizer found them up to 30 seconds ago.
 */
export interface Authority {
  organizationId: string;
  userId: string;
  role: Role;
  /** The key of the request. `madeBy`: the member who made the key, if not its own member. */
  key?: { id: string; madeBy?: string };
}

/** The part of an authority that ended meanwhile: the membership, the caller's role, or its API key. */
export type Lost = 'membership' | 'role' | 'key';

/** The caller may no longer do what it asks for, though the gateway's authorizer still says so. */
export class LostAuthority extends Error {
  override name = 'LostAuthority';
  readonly lost: Lost;

  constructor(lost: Lost) {
    super(`The caller's ${lost} has ended or changed`);
    this.lost = lost;
  }
}

/** Returns the part of the caller's right that a membership, as it is now, lacks. */
export const lostOfMembership = (membership: { role: Role } | undefined, role: Role): Lost | undefined => {
  if (!membership) return 'membership';
  return isAtLeast(membership.role, role) ? undefined : 'role';
};
