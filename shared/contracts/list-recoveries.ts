import { anyMember, operation } from './operation.ts';
import { Recovery } from './schemas/organization.ts';
import { pageOf, pageQuery } from './schemas/primitives.ts';
import { signsCursors } from './table-grant.ts';

export const listRecoveries = operation({
  name: 'listRecoveries',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/recoveries',
  tag: 'Members',
  summary: 'Recoveries of members',
  description: 'The last recovery of each member, also after its end.',
  access: { to: 'organization', roles: anyMember, vendor: true, keyScope: 'full' },
  input: { query: pageQuery },
  answers: { 200: { description: 'A page of recoveries.', body: pageOf(Recovery) } },
  table: { ORG: ['BatchGetItem', 'Query'], ...signsCursors },
  impact: 'Members cannot see whose membership is to go over to another sign-in; licensing itself works.',
});
