import * as z from 'zod';
import { operation } from './operation.ts';
import { LicensedUser } from './schemas/licensed-user.ts';
import { UserId } from './schemas/primitives.ts';

export const transferLicense = operation({
  name: 'transferLicense',
  method: 'POST',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/licensed-users/{userId}/transfer',
  tag: 'Licensed users',
  summary: 'Transfer a user’s license to another member',
  description:
    'In one step: nobody else can take the license between. What the user runs on it ends (`license-transferred`) before ' +
    'the other can use it. Repeating the transfer is harmless.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  input: {
    body: z.strictObject({ toUserId: UserId.meta({ description: 'The member who gets the license.' }) }),
  },
  answers: { 200: { description: 'The user who has the license now.', body: LicensedUser } },
  problems: ['subscription-expired', 'subscription-suspended', 'offline-license-active', 'too-many-requests'],
  table: {
    ORG: ['BatchGetItem', 'GetItem'],
    KEYS: ['BatchGetItem'],
    TRAIL: ['UpdateItem'],
    POOL: ['BatchGetItem', 'GetItem', 'Query', 'PutItem', 'UpdateItem'],
    SESSION: ['PutItem', 'UpdateItem'],
  },
  impact: 'Licenses of users cannot be transferred.',
});
