import type { Role } from '../../contracts/schemas/organization.ts';

/** An invitation as it is kept: without its secret. Times are epoch ms. */
export interface Invitation {
  id: string;
  organizationId: string;
  email: string;
  role: Role;
  invitedAt: number;
  expiresAt: number;
  /** The member who invited. */
  invitedBy: string;
  /** Tells the address's invitations apart. With the service's secret for invitations, the nonce gives the token's secret. */
  nonce: string;
  /** The version of the service's secret for invitations behind the token. Absent: 0. */
  derivedFrom?: number;
  secretHash: string;
  revokedAt?: number;
  /** `expiresAt`, once the schedule has seen it pass: for the history alone. */
  expiredAt?: number;
  /** The user who accepted it. */
  acceptedBy?: string;
}

/** Whether an invitation can be accepted at `now` (epoch ms). */
export const isOpenInvitation = ({ acceptedBy, revokedAt, expiresAt }: Invitation, now: number): boolean =>
  acceptedBy === undefined && revokedAt === undefined && expiresAt > now;
