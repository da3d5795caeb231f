import * as z from 'zod';
import { anyMember, operation } from './operation.ts';
import { KeyId, OrganizationId } from './schemas/primitives.ts';

export const revokeApiKey = operation({
  name: 'revokeApiKey',
  method: 'DELETE',
  path: '/v1/organizations/{organizationId}/api-keys/{keyId}',
  tag: 'API keys',
  summary: 'Revoke an API key',
  description:
    'Its member, an owner or an admin revokes it. It grants nothing more from now on: invitations that were made by it ' +
    'are revoked with it. It stops working within 30 seconds (the authorizer’s cache); what it keeps in use is ended after a minute. Repeating is harmless.',
  access: { to: 'organization', roles: anyMember, vendor: false, keyScope: 'full', grantsPower: true },
  input: { path: z.strictObject({ organizationId: OrganizationId, keyId: KeyId }) },
  answers: { 204: { description: 'Revoked.' } },
  problems: [],
  table: {
    KEYS: ['UpdateItem', 'Query', 'ConditionCheckItem'],
    TRAIL: ['UpdateItem'],
    USER: ['ConditionCheckItem'],
    ORG: ['Query', 'UpdateItem'],
  },
  impact: 'API keys cannot be revoked.',
});
