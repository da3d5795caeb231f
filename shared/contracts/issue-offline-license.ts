import * as z from 'zod';
import { operation } from './operation.ts';
import { OfflineLicense } from './schemas/offline-license.ts';
import { GivenTime, IdempotencyKey, NewMachineId, Text, UserId } from './schemas/primitives.ts';
import { derivesNames } from './table-grant.ts';

export const issueOfflineLicense = operation({
  name: 'issueOfflineLicense',
  method: 'POST',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/offline-licenses',
  tag: 'Offline licenses',
  summary: 'Issue an offline license for a machine',
  description:
    'Takes a seat until the license expires, whatever becomes of the subscription: you can neither revoke nor ' +
    'transfer it (the vendor alone can void it). Several for one machine are several parallel sessions. Send an ' +
    '`Idempotency-Key` (a random UUID) and a retry gets the same license again.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  input: {
    headers: z.object({ 'idempotency-key': IdempotencyKey.optional() }),
    body: z.strictObject({
      machineId: NewMachineId,
      expiresAt: GivenTime.nullable().default(null).meta({
        description:
          'Only ever earlier than the default: the end of the subscription, or the `maxDays` of its offline rules.',
      }),
      description: Text.trim().min(1).max(500).nullable().default(null).meta({ description: 'For people to read.' }),
      userId: UserId.nullable().default(null).meta({ description: 'The member who uses it, if it is for one.' }),
    }),
  },
  answers: {
    201: { description: 'Issued; with an `Idempotency-Key`, also if it was issued before.', body: OfflineLicense },
  },
  problems: [
    'forbidden',
    'subscription-expired',
    'subscription-suspended',
    'license-quota-exceeded',
    'machine-quota-exceeded',
    'limit-exceeded',
    'too-many-requests',
  ],
  table: {
    ORG: ['BatchGetItem', 'GetItem', 'UpdateItem'],
    POOL: ['BatchGetItem', 'GetItem', 'Query', 'PutItem', 'UpdateItem'],
    SESSION: ['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'],
    LIMITS: ['UpdateItem'],
    ...derivesNames,
    KEYS: ['BatchGetItem'],
    TRAIL: ['UpdateItem'],
  },
  signingKeys: 'sign',
  impact: 'Offline licenses cannot be issued; those that were issued work.',
});
