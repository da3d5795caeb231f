import * as z from 'zod';
import { anyMember, operation } from './operation.ts';
import { Member } from './schemas/organization.ts';
import { OrganizationId, pageOf, pageQuery } from './schemas/primitives.ts';
import { signsCursors } from './table-grant.ts';

export const listMembers = operation({
  name: 'listMembers',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/members',
  tag: 'Members',
  summary: 'The members of an organization',
  access: { to: 'organization', roles: anyMember, vendor: false, keyScope: 'full' },
  input: { path: z.strictObject({ organizationId: OrganizationId }), query: pageQuery },
  answers: { 200: { description: 'A page of members.', body: pageOf(Member) } },
  problems: [],
  table: {
    ORG: ['Query'],
    ...signsCursors,
  },
  impact: 'The list of members cannot be read; licensing itself works.',
});
