import type { Role } from '../../contracts/schemas/organization.ts';

/** An invitation as the table keeps it: with a hash instead of its secret. Times are epoch ms. */
export interface Invitation {
  id: string;
  organizationId: string;
  email: string;
  role: Role;
  invitedAt: number;
  expiresAt: number;
  /** The member who made the invitation. */
  invitedBy: string;
  /** Distinguishes the invitations of one address. The token's secret derives from it and the service's secret. */
  nonce: string;
  /** The version of the service's secret for invitations from which the token derives. Absent: 0. */
  derivedFrom?: number;
  secretHash: string;
  revokedAt?: number;
  /** `expiresAt`, set once the schedule has handled it. Only the history uses it. */
  expiredAt?: number;
  /** The user who accepted the invitation. */
  acceptedBy?: string;
  /** The membership that comes of an acceptance, until it is there. `revision`: of the user's item before. */
  joining?: { name: string; at: number; revision: number };
  /** Names the making of an invitation that is not complete: nobody knows its token yet. */
  pending?: string;
}

/** Returns whether an invitation, made or pending, is neither accepted, revoked nor expired at `now` (epoch ms). */
export const isUnendedInvitation = ({ acceptedBy, revokedAt, expiresAt }: Invitation, now: number): boolean =>
  acceptedBy === undefined && revokedAt === undefined && expiresAt > now;

/** Returns whether an invitation can be accepted at `now` (epoch ms). */
export const isOpenInvitation = (invitation: Invitation, now: number): boolean =>
  invitation.pending === undefined && isUnendedInvitation(invitation, now);

/**
 * The entry of an invitation in the list of its address. The invitation itself says whether it can still be accepted. Entries of
 * earlier releases have neither `nonce` nor `invitedAt`.
 */
export type PendingInvitation = Pick<Invitation, 'organizationId' | 'id'> &
  Partial<Pick<Invitation, 'nonce' | 'invitedAt'>>;
