import { operation } from './operation.ts';
import { YourInvitation } from './schemas/organization.ts';
import { pageOf, pageQuery } from './schemas/primitives.ts';
import { signsCursors } from './table-grant.ts';

export const listYourInvitations = operation({
  name: 'listYourInvitations',
  method: 'GET',
  path: '/v1/invitations',
  tag: 'Members',
  summary: 'Your invitations',
  description:
    'The open invitations of the address that you signed in with, verified by your issuer. Accept one by its token. An ' +
    'invitation appears within seconds.',
  access: { to: 'signed-in' },
  input: { query: pageQuery },
  answers: { 200: { description: 'A page of invitations.', body: pageOf(YourInvitation) } },
  table: {
    EMAIL: ['Query'],
    ORG: ['BatchGetItem', 'GetItem'],
    'SECRET#invitations': ['Query'],
    SERVICE: ['GetItem'],
    ...signsCursors,
  },
  impact: 'The page does not show a person its invitations; the link of an invitation works.',
});
