import { operation } from './operation.ts';
import { Limits } from './schemas/limits.ts';

export const getLimits = operation({
  name: 'getLimits',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/limits',
  tag: 'Organizations',
  summary: 'The limits of an organization',
  description: 'Limits bound the number of things, and the rate of operations. The vendor sets them.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: true, keyScope: 'full' },
  answers: { 200: { description: 'Every limit.', body: Limits } },
  table: {
    ORG: ['GetItem'],
  },
  impact: 'The limits of organizations cannot be looked up; they hold all the same.',
});
