import * as z from 'zod';
import { operation } from './operation.ts';
import { InvitationId, OrganizationId } from './schemas/primitives.ts';

export const revokeInvitation = operation({
  name: 'revokeInvitation',
  method: 'DELETE',
  path: '/v1/organizations/{organizationId}/invitations/{invitationId}',
  tag: 'Members',
  summary: 'Revoke an invitation',
  description:
    'It can be accepted no longer, from now on. Who accepted it before stays a member. Repeating is harmless.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  input: { path: z.strictObject({ organizationId: OrganizationId, invitationId: InvitationId }) },
  answers: { 204: { description: 'Revoked.' } },
  problems: [],
  table: {
    ORG: ['UpdateItem'],
    TRAIL: ['UpdateItem'],
    USER: ['ConditionCheckItem'],
    KEYS: ['ConditionCheckItem'],
  },
  impact: 'Invitations cannot be revoked; they expire by themselves.',
});
