import { anyMember, operation } from './operation.ts';
import { pageOf, pageQuery } from './schemas/primitives.ts';
import { YourLicense } from './schemas/your-license.ts';
import { signsCursors } from './table-grant.ts';

export const listYourLicenses = operation({
  name: 'listYourLicenses',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/your-licenses',
  tag: 'Subscriptions',
  summary: 'Your licenses: what you use, where and until when',
  description:
    'The products of the organization, each with your own license, your live sessions and your latest refusals. End a ' +
    'session with `DELETE S/activations/{sessionId}`.',
  access: { to: 'organization', roles: anyMember, vendor: false, keyScope: 'full' },
  input: { query: pageQuery },
  answers: { 200: { description: 'A page of products.', body: pageOf(YourLicense) } },
  table: {
    ORG: ['Query'],
    POOL: ['GetItem', 'Query'],
    SESSION: ['BatchGetItem'],
    REFUSED: ['Query'],
    ...signsCursors,
  },
  impact: 'Members cannot see their own licenses on the page; licensing itself works.',
});
