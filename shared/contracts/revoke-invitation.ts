import { operation } from './operation.ts';

export const revokeInvitation = operation({
  name: 'revokeInvitation',
  method: 'DELETE',
  path: '/v1/organizations/{organizationId}/invitations/{invitationId}',
  tag: 'Members',
  summary: 'Revoke an invitation',
  description:
    'It can be accepted no longer, from now on. Who accepted it before stays a member. Repeating is harmless.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  answers: { 204: { description: 'Revoked.' } },
  table: {
    ORG: ['BatchGetItem', 'GetItem', 'UpdateItem'],
    TRAIL: ['UpdateItem'],
    KEYS: ['BatchGetItem'],
  },
  impact: 'Invitations cannot be revoked; they expire by themselves.',
});
