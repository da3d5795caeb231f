import { anyMember, operation } from './operation.ts';
import { Activation } from './schemas/activation.ts';
import { pageOf, pageQuery } from './schemas/primitives.ts';
import { signsCursors } from './table-grant.ts';

export const listActivations = operation({
  name: 'listActivations',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/activations',
  tag: 'Activations',
  summary: 'Online licenses: who uses what now',
  description: 'Live activations by seat. Owners and admins see all, everyone else sees their own.',
  access: { to: 'organization', roles: anyMember, vendor: false, keyScope: 'activate' },
  input: { query: pageQuery },
  answers: { 200: { description: 'A page of live activations.', body: pageOf(Activation) } },
  table: {
    ORG: ['BatchGetItem', 'GetItem'],
    POOL: ['BatchGetItem', 'GetItem', 'Query'],
    SESSION: ['BatchGetItem'],
    ...signsCursors,
  },
  impact: 'The list of online licenses cannot be read; licensing itself works.',
});
