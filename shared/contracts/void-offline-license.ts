import * as z from 'zod';
import { operation, vendorOnly } from './operation.ts';
import { OfflineLicense } from './schemas/offline-license.ts';
import { Text } from './schemas/primitives.ts';

export const voidOfflineLicense = operation({
  name: 'voidOfflineLicense',
  method: 'POST',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/offline-licenses/{licenseId}/void',
  tag: 'Offline licenses',
  summary: 'Void an offline license',
  description:
    'For licenses that were issued by mistake, or with a leaked credential. The seat is free at once. The signed file ' +
    'stays valid until its expiry, as nobody can tell a machine without a network: void a license only if you accept ' +
    'that. A repetition changes nothing, and keeps the first reason. An expired license stays as it is.',
  access: vendorOnly,
  input: {
    body: z.strictObject({
      reason: Text.trim().min(1).max(500).meta({
        description: 'The reason, for the audit events, the owners and the admins.',
        example: 'Issued with a leaked API key',
      }),
    }),
  },
  answers: { 200: { description: 'The license, `voided`.', body: OfflineLicense } },
  table: {
    ORG: ['GetItem'],
    POOL: ['UpdateItem'],
    TRAIL: ['UpdateItem'],
  },
  impact: 'The vendor cannot void offline licenses.',
});
