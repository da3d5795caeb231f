import * as z from 'zod';
import { operation } from './operation.ts';
import { ApiKey, KeyName, MaxSessions } from './schemas/api-key.ts';

export const changeApiKey = operation({
  name: 'changeApiKey',
  method: 'PUT',
  path: '/v1/organizations/{organizationId}/api-keys/{keyId}',
  tag: 'API keys',
  summary: 'Change the name or the maximum of an API key',
  description:
    'Omitted fields stay as they are. An admin changes no owner’s key, and no API key changes any. A smaller maximum ends no ' +
    'session: it bounds new sessions, within 30 seconds (the authorizer’s cache). A key’s first maximum counts only sessions ' +
    'that begin after it.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'none', grantsPower: true },
  input: {
    body: z.strictObject({ name: KeyName.optional(), maxSessions: MaxSessions.optional() }),
  },
  answers: { 200: { description: 'The changed key.', body: ApiKey } },
  table: {
    ORG: ['GetItem', 'BatchGetItem'],
    KEYS: ['GetItem', 'UpdateItem'],
    TRAIL: ['UpdateItem'],
  },
  impact: 'The maximum of an API key cannot be changed; keys can be revoked.',
});
