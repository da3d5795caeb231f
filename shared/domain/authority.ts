import type { Role } from '../contracts/schemas/organization.ts';
import { isAtLeast } from './membership.ts';

/**
 * What a caller's right to grant power rests on: its membership and, if it calls by an API key, that key. As the gateway's
 * authorizer found it, up to 30 seconds ago.
 */
export interface Authority {
  organizationId: string;
  userId: string;
  role: Role;
  /** The key that it calls by. `madeBy`: the member who made the key, if that is another. */
  key?: { id: string; madeBy?: string };
}

/** What ended meanwhile: the membership, the role that the caller had, or its API key. */
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

/** What a membership, as it is now, lacks of the role that the caller had. */
export const lostOfMembership = (membership: { role: Role } | undefined, role: Role): Lost | undefined => {
  if (!membership) return 'membership';
  return isAtLeast(membership.role, role) ? undefined : 'role';
};
