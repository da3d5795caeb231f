import { anyMember, operation } from './operation.ts';
import { Member } from './schemas/organization.ts';
import { pageOf, pageQuery } from './schemas/primitives.ts';
import { signsCursors } from './table-grant.ts';

export const listMembers = operation({
  name: 'listMembers',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/members',
  tag: 'Members',
  summary: 'The members of an organization',
  access: { to: 'organization', roles: anyMember, vendor: false, keyScope: 'full' },
  input: { query: pageQuery },
  answers: { 200: { description: 'A page of members.', body: pageOf(Member) } },
  table: {
    ORG: ['Query'],
    ...signsCursors,
  },
  impact: 'The list of members cannot be read; licensing itself works.',
});
