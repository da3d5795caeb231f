import * as z from 'zod';
import { operation } from './operation.ts';
import { KeyScope } from './schemas/api-key.ts';
import { Role } from './schemas/organization.ts';
import { OrganizationId, UserId } from './schemas/primitives.ts';

export const Me = z
  .object({
    type: z.enum(['user', 'api-key']),
    userId: UserId.nullable().meta({
      description: 'Null for a sign-in without a verified address, or whose address is another sign-in’s.',
    }),
    email: z.string().nullable().meta({ description: 'Null for an API key, and without a verified address.' }),
    vendor: z.boolean(),
    keyId: z.string().nullable().meta({ description: 'The ID of the API key; null for a person.' }),
    scope: KeyScope.nullable().meta({ description: 'The scope of the API key; null for a person.' }),
    memberships: z
      .array(z.object({ organizationId: OrganizationId, role: Role }))
      .meta({ description: 'Your role in each organization. An API key has exactly one.' }),
  })
  .meta({ id: 'Me' });

export const getMe = operation({
  name: 'getMe',
  method: 'GET',
  path: '/v1/me',
  tag: 'Organizations',
  summary: 'The caller as the service knows it',
  description: 'Tells the organization of an API key, its role and its scope. Up to 30 seconds old.',
  access: { to: 'known' },
  input: {},
  answers: { 200: { description: 'You.', body: Me } },
  table: {},
  impact: 'Commands without LEASEHOLD_ORGANIZATION fail; with it licensing works.',
});
