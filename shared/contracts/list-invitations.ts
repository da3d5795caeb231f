import { operation } from './operation.ts';
import { Invitation } from './schemas/organization.ts';
import { pageOf, pageQuery } from './schemas/primitives.ts';
import { signsCursors } from './table-grant.ts';

export const listInvitations = operation({
  name: 'listInvitations',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/invitations',
  tag: 'Members',
  summary: 'Invitations that can still be accepted',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full' },
  input: { query: pageQuery },
  answers: { 200: { description: 'A page of invitations, without their tokens.', body: pageOf(Invitation) } },
  table: {
    ORG: ['Query'],
    ...signsCursors,
  },
  impact: 'The list of invitations cannot be read; licensing itself works.',
});
