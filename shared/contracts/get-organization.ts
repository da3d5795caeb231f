import * as z from 'zod';
import { anyMember, operation } from './operation.ts';
import { Organization } from './schemas/organization.ts';
import { OrganizationId } from './schemas/primitives.ts';

export const getOrganization = operation({
  name: 'getOrganization',
  method: 'GET',
  path: '/v1/organizations/{organizationId}',
  tag: 'Organizations',
  summary: 'One organization',
  access: { to: 'organization', roles: anyMember, vendor: true, keyScope: 'full' },
  input: { path: z.strictObject({ organizationId: OrganizationId }) },
  answers: { 200: { description: 'The organization.', body: Organization } },
  problems: [],
  table: {
    ORG: ['GetItem'],
  },
  impact: 'Organizations cannot be looked up; licensing itself works.',
});
