import { operation } from './operation.ts';
import { OfflineLicense } from './schemas/offline-license.ts';
import { pageOf, pageQuery } from './schemas/primitives.ts';
import { signsCursors } from './table-grant.ts';

export const listOfflineLicenses = operation({
  name: 'listOfflineLicenses',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/offline-licenses',
  tag: 'Offline licenses',
  summary: 'Offline licenses, also expired ones',
  description: 'By id.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full' },
  input: { query: pageQuery },
  answers: { 200: { description: 'A page of offline licenses.', body: pageOf(OfflineLicense) } },
  table: {
    ORG: ['GetItem'],
    POOL: ['Query'],
    ...signsCursors,
  },
  impact: 'The list of offline licenses cannot be read; licensing itself works.',
});
