import { anyMember, operation } from './operation.ts';
import { ApiKey } from './schemas/api-key.ts';
import { pageOf, pageQuery } from './schemas/primitives.ts';
import { signsCursors } from './table-grant.ts';

export const listApiKeys = operation({
  name: 'listApiKeys',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/api-keys',
  tag: 'API keys',
  summary: 'API keys that are not revoked',
  description: 'Owners and admins see all, everyone else sees their own.',
  access: { to: 'organization', roles: anyMember, vendor: false, keyScope: 'full' },
  input: { query: pageQuery },
  answers: { 200: { description: 'A page of API keys.', body: pageOf(ApiKey) } },
  table: {
    KEYS: ['Query'],
    ...signsCursors,
  },
  impact: 'The list of API keys cannot be read; licensing itself works.',
});
