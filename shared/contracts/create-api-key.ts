import * as z from 'zod';
import { anyMember, operation } from './operation.ts';
import { ApiKey, KeyName, KeyScope, MaxSessions } from './schemas/api-key.ts';
import { GivenTime, IdempotencyKey, UserId } from './schemas/primitives.ts';
import { derivesNames } from './table-grant.ts';

export const createApiKey = operation({
  name: 'createApiKey',
  method: 'POST',
  path: '/v1/organizations/{organizationId}/api-keys',
  tag: 'API keys',
  summary: 'Create an API key',
  description:
    'A member makes keys for itself; owners and admins for any member, but only an owner for an owner: a key ' +
    'that an admin makes for another acts as an admin at most, whatever its member becomes, and ends with its maker’s ' +
    'right to make it. Only owners and admins set `maxSessions`. An API key makes no keys. This answer alone shows the key. ' +
    'Send an `Idempotency-Key` (a random UUID) and a retry gets the same key again.',
  access: { to: 'organization', roles: anyMember, vendor: false, keyScope: 'none', grantsPower: true },
  input: {
    headers: z.object({ 'idempotency-key': IdempotencyKey.optional() }),
    body: z.strictObject({
      name: KeyName,
      scope: KeyScope.default('activate'),
      expiresAt: GivenTime.nullable().default(null),
      maxSessions: MaxSessions.default(null),
      userId: UserId.optional().meta({ description: 'The member that the key acts as. Default: yourself.' }),
    }),
  },
  answers: {
    201: {
      description: 'Created.',
      body: ApiKey.extend({
        key: z.string().meta({ description: '`lh_<keyId>_<secret>`. Keep it: it is not shown again.' }),
      }),
    },
  },
  problems: ['not-found', 'limit-exceeded'],
  table: {
    ORG: ['GetItem', 'BatchGetItem'],
    KEYS: ['Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    LIMITS: ['GetItem', 'UpdateItem'],
    ...derivesNames,
    'SECRET#api-keys': ['Query', 'PutItem'],
    TRAIL: ['UpdateItem'],
  },
  impact: 'API keys cannot be created.',
});
