import { anyMember, operation } from './operation.ts';
import { Organization } from './schemas/organization.ts';

export const getOrganization = operation({
  name: 'getOrganization',
  method: 'GET',
  path: '/v1/organizations/{organizationId}',
  tag: 'Organizations',
  summary: 'One organization',
  access: { to: 'organization', roles: anyMember, vendor: true, keyScope: 'full' },
  answers: { 200: { description: 'The organization.', body: Organization } },
  table: {
    ORG: ['GetItem'],
  },
  impact: 'Organizations cannot be looked up; licensing itself works.',
});
