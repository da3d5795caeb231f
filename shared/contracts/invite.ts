import * as z from 'zod';
import { operation } from './operation.ts';
import { Email, Invitation, Role } from './schemas/organization.ts';
import { InvitationToken, UserId } from './schemas/primitives.ts';

export const invite = operation({
  name: 'invite',
  method: 'POST',
  path: '/v1/organizations/{organizationId}/invitations',
  tag: 'Members',
  summary: 'Invite people by email',
  description:
    'Makes an invitation for each address, unless it is a member’s already, and mails it to the invited where the service ' +
    'sends mails. Its `token` is in that mail and in this answer alone: the invited accepts with it while signed in with ' +
    'that (verified) address. A new invitation ' +
    'replaces the earlier one of its address, whose token is then no longer good. Only an owner invites owners, and no API key ' +
    'does. An invitation ends with its inviter’s right to make it. Outcomes are in the order of the addresses, each address ' +
    'once.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  input: {
    body: z.strictObject({
      emails: z.array(Email).min(1).max(50),
      role: Role,
      expiresInHours: z.int().min(1).max(720).default(24).meta({ description: 'How long they can be accepted.' }),
    }),
  },
  answers: {
    200: {
      description: 'The outcome of each address.',
      body: z.object({
        items: z.array(
          z.discriminatedUnion('outcome', [
            z.object({
              email: z.string(),
              outcome: z.literal('invited'),
              invitation: Invitation.extend({ token: InvitationToken }),
            }),
            z.object({ email: z.string(), outcome: z.literal('already-member'), userId: UserId }),
          ]),
        ),
      }),
    },
  },
  problems: ['limit-exceeded'],
  table: {
    ORG: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem'],
    EMAIL: ['GetItem'],
    'SECRET#invitations': ['Query', 'PutItem'],
    TRAIL: ['UpdateItem'],
    KEYS: ['BatchGetItem'],
    LIMITS: ['UpdateItem'],
  },
  impact: 'Nobody can be invited; licensing itself works.',
});
