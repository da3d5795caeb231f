import * as z from 'zod';
import { InvitationId, InvitationToken, OrganizationId, RecoveryId, UserId, UtcTime } from './primitives.ts';

/** The roles of members. Each operation's `access` says which roles may call it. */
export const Role = z.enum(['owner', 'admin', 'billing-manager', 'user']).meta({ id: 'Role' });
export type Role = z.infer<typeof Role>;

export const Organization = z
  .object({ id: OrganizationId, name: z.string(), createdAt: UtcTime })
  .meta({ id: 'Organization' });

/** An organization with the caller's own role in it. */
export const YourOrganization = Organization.extend({
  role: Role.nullable().meta({ description: 'Yours. null: you are the vendor, and no member.' }),
}).meta({ id: 'YourOrganization' });

export const Member = z
  .object({ userId: UserId, email: z.string(), name: z.string(), role: Role, joinedAt: UtcTime })
  .meta({ id: 'Member' });

/** An invitation as lists show it: without its token. */
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

/** An invitation as the invited person sees it. */
export const YourInvitation = z
  .object({
    organization: Organization.pick({ id: true, name: true }),
    role: Role,
    expiresAt: UtcTime.meta({ description: 'You can accept it until then.' }),
    invitedBy: z
      .object({ email: z.string(), name: z.string() })
      .nullable()
      .meta({ description: 'The member who invited you. null: its name is not known any more.' }),
    token: InvitationToken,
  })
  .meta({ id: 'YourInvitation' });

export const Recovery = z
  .object({
    id: RecoveryId,
    userId: UserId.meta({ description: 'The member whose membership the recovery hands over.' }),
    email: z.string().meta({ description: 'The address that the new sign-in must have, verified by its issuer.' }),
    role: Role,
    startedAt: UtcTime,
    effectiveAt: UtcTime.meta({ description: 'When the recovery can be completed without consent.' }),
    expiresAt: UtcTime.meta({ description: 'When the recovery can be completed no longer.' }),
    consentedBy: UserId.nullable().meta({ description: 'The consenting member, while it is a member.' }),
    status: z.enum(['waiting', 'ready', 'completed', 'cancelled', 'lapsed']).meta({
      description:
        '`lapsed`: it expired, or its member was removed or has another role since. `completed`, `cancelled` and ' +
        '`lapsed` stay so.',
    }),
  })
  .meta({ id: 'Recovery' });

/** An email address. The service converts it to lower case, so comparison ignores case. */
export const Email = z
  .email()
  .max(254)
  .transform((address) => address.toLowerCase())
  .meta({ example: 'ada@example.com' });
