import * as z from 'zod';
import { InvitationId, OrganizationId, UserId, UtcTime } from './primitives.ts';

/** The roles of a member. What each may do stands in each operation's `access`. */
export const Role = z.enum(['owner', 'admin', 'billing-manager', 'user']).meta({ id: 'Role' });
export type Role = z.infer<typeof Role>;

export const Organization = z
  .object({ id: OrganizationId, name: z.string(), createdAt: UtcTime })
  .meta({ id: 'Organization' });

/** An organization as whoever asks stands to it. */
export const YourOrganization = Organization.extend({
  role: Role.nullable().meta({ description: 'Yours. null: you are the vendor, and no member.' }),
}).meta({ id: 'YourOrganization' });

export const Member = z
  .object({ userId: UserId, email: z.string(), name: z.string(), role: Role, joinedAt: UtcTime })
  .meta({ id: 'Member' });

/** What an invitation shows: never its token. */
export const Invitation = z
  .object({
    id: InvitationId,
    email: z.string(),
    role: Role,
    invitedAt: UtcTime,
    expiresAt: UtcTime.meta({ description: 'It can be accepted until then.' }),
    invitedBy: UserId.meta({ description: 'The member who invited.' }),
  })
  .meta({ id: 'Invitation' });

/** An email address, compared without regard to case. */
export const Email = z
  .email()
  .max(254)
  .transform((address) => address.toLowerCase())
  .meta({ example: 'ada@example.com' });
