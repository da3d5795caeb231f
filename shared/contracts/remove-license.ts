import * as z from 'zod';
import { operation } from './operation.ts';
import { unusedForDays } from './schemas/licensed-user.ts';

export const removeLicense = operation({
  name: 'removeLicense',
  method: 'DELETE',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/licensed-users/{userId}',
  tag: 'Licensed users',
  summary: 'Take a user’s license away',
  description:
    'Ends at once what the user runs on it (`user-removed`) and takes the user’s machines off the registered machines. ' +
    'The license can be granted to somebody else in the same instant. Offline licenses stay until their expiry. With ' +
    '`ifUnusedForDays` a license that was used meanwhile stays (`license-used`). It may be repeated.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  input: {
    query: z.strictObject({
      ifUnusedForDays: unusedForDays.meta({
        description:
          'Only if the user has had the license, and not worked with it, for at least so many days: checked by the write itself.',
        example: 30,
      }),
    }),
  },
  answers: { 204: { description: 'The user has no license any more.' } },
  problems: ['license-used'],
  table: {
    ORG: ['BatchGetItem', 'GetItem'],
    KEYS: ['BatchGetItem'],
    TRAIL: ['UpdateItem'],
    POOL: ['BatchGetItem', 'GetItem', 'Query', 'PutItem', 'UpdateItem'],
    SESSION: ['PutItem', 'UpdateItem'],
  },
  impact: 'Licenses of users cannot be taken away.',
});
