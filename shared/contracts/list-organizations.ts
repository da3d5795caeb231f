import { operation } from './operation.ts';
import { YourOrganization } from './schemas/organization.ts';
import { pageOf, pageQuery } from './schemas/primitives.ts';
import { signsCursors } from './table-grant.ts';

export const listOrganizations = operation({
  name: 'listOrganizations',
  method: 'GET',
  path: '/v1/organizations',
  tag: 'Organizations',
  summary: 'Your organizations',
  description:
    'Those that you are a member of, with your role in each, also right after you became one. The vendor gets every ' +
    'organization, in the order in which they were created.',
  access: { to: 'signed-in' },
  input: { query: pageQuery },
  answers: { 200: { description: 'A page of organizations.', body: pageOf(YourOrganization) } },
  table: {
    ORG: ['BatchGetItem'],
    ORGANIZATIONS: ['Query'],
    USER: ['Query'],
    ...signsCursors,
  },
  impact: 'Nobody can choose an organization on the License Management page; licensing itself works.',
});
