import * as z from 'zod';
import { operation } from './operation.ts';
import { longestBlockMinutes } from './schemas/machine.ts';

export const removeMachine = operation({
  name: 'removeMachine',
  method: 'DELETE',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/machines/{machineId}',
  tag: 'Machines',
  summary: 'Deactivate a machine',
  description:
    'Ends all that runs on it (`machine-removed`) and takes it off the registered machines; its license and its place ' +
    'are free at once. With `blockMinutes` it may not be used again for that time. Refused while an offline license is ' +
    'bound to it. It may be repeated.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  input: {
    query: z.strictObject({
      blockMinutes: z.coerce
        .number()
        .int()
        .min(1)
        .max(longestBlockMinutes)
        .optional()
        .meta({ description: 'For how long no license may be activated on it; default: it may come back at once.' }),
    }),
  },
  answers: { 204: { description: 'The machine is registered no more, and nothing runs on it.' } },
  problems: ['offline-license-active', 'too-many-requests'],
  table: {
    ORG: ['BatchGetItem', 'GetItem', 'UpdateItem'],
    KEYS: ['BatchGetItem'],
    TRAIL: ['UpdateItem'],
    POOL: ['BatchGetItem', 'GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    SESSION: ['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'],
  },
  impact: 'Machines cannot be deactivated.',
});
