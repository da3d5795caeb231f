import * as z from 'zod';
import { operation } from './operation.ts';
import { Email, Organization } from './schemas/organization.ts';
import { IdempotencyKey, Text } from './schemas/primitives.ts';

export const createOrganization = operation({
  name: 'createOrganization',
  method: 'POST',
  path: '/v1/organizations',
  tag: 'Organizations',
  summary: 'Create an organization and its first owner',
  description:
    'The first sign-in with the verified `ownerEmail` becomes the owner. The service mails this address a link to the page, ' +
    'where it sends mails. Send an `Idempotency-Key` (a random UUID) and a retry gets the same organization again.',
  access: { to: 'vendor' },
  input: {
    headers: z.object({ 'idempotency-key': IdempotencyKey.optional() }),
    body: z.strictObject({
      name: Text.trim().min(1).max(100).meta({ example: 'Acme' }),
      ownerEmail: Email,
    }),
  },
  answers: { 201: { description: 'Created.', body: Organization } },
  table: {
    ORG: ['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'],
    ORGANIZATIONS: ['PutItem'],
    USER: ['PutItem', 'DeleteItem'],
    EMAIL: ['GetItem', 'PutItem'],
  },
  impact: 'The vendor cannot create organizations.',
});
