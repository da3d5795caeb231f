import { anyMember, operation } from './operation.ts';

export const revokeApiKey = operation({
  name: 'revokeApiKey',
  method: 'DELETE',
  path: '/v1/organizations/{organizationId}/api-keys/{keyId}',
  tag: 'API keys',
  summary: 'Revoke an API key',
  description:
    'The key’s member, an owner or an admin revokes it. The key grants nothing more from now on, and the invitations that it ' +
    'made are revoked with it. The key stops working within 30 seconds (the authorizer’s cache); the sessions that it keeps ' +
    'in use end after a minute. Repeating is harmless.',
  access: { to: 'organization', roles: anyMember, vendor: false, keyScope: 'full', grantsPower: true },
  answers: { 204: { description: 'Revoked.' } },
  table: {
    KEYS: ['UpdateItem', 'Query', 'BatchGetItem'],
    WEBHOOKS: ['Query', 'DeleteItem'],
    TRAIL: ['UpdateItem'],
    ORG: ['BatchGetItem', 'GetItem', 'Query', 'UpdateItem', 'DeleteItem'],
  },
  impact: 'API keys cannot be revoked.',
});
