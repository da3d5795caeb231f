import { operation } from './operation.ts';

export const removeMember = operation({
  name: 'removeMember',
  method: 'DELETE',
  path: '/v1/organizations/{organizationId}/members/{userId}',
  tag: 'Members',
  summary: 'Remove a member',
  description:
    'Ends the membership, revokes the member’s API keys, those that it made for others and its open invitations, ends its ' +
    'activations (`user-removed`) and takes its licenses away. Offline licenses stay until their expiry. Only an owner ' +
    'removes an owner, and no API key does; the last owner cannot be removed ' +
    '(400, at `/path/userId`): make another member an owner first. Repeating is harmless, and finishes a removal that ' +
    'failed half way. The member’s credentials stop working within 30 seconds (the authorizer’s cache); a session that ' +
    'it begins in these ends a minute later.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  answers: { 204: { description: 'It is no member any more, and uses nothing.' } },
  table: {
    ORG: ['BatchGetItem', 'GetItem', 'Query', 'UpdateItem', 'DeleteItem'],
    USER: ['DeleteItem'],
    KEYS: ['BatchGetItem', 'Query', 'UpdateItem'],
    POOL: ['BatchGetItem', 'GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    SESSION: ['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'],
    WEBHOOKS: ['Query', 'DeleteItem'],
    DUE: ['PutItem'],
    TRAIL: ['UpdateItem'],
  },
  impact: 'Members cannot be removed: who left keeps its licenses and keys.',
});
