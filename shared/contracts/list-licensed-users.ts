import { operation } from './operation.ts';
import { LicensedUser, unusedForDays } from './schemas/licensed-user.ts';
import { pageOf, pageQuery } from './schemas/primitives.ts';
import { signsCursors } from './table-grant.ts';

export const listLicensedUsers = operation({
  name: 'listLicensedUsers',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/licensed-users',
  tag: 'Licensed users',
  summary: 'Licensed users: whose licenses these are',
  description: 'By user ID. Of a floating subscription it is empty: any member may use one of its licenses.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full' },
  input: {
    query: pageQuery.extend({
      unusedForDays: unusedForDays.meta({
        description:
          'Only users who have had the license, and not worked with it, for at least so many days. A page may then have fewer ' +
          'users than its limit, and still a `nextCursor`.',
        example: 30,
      }),
    }),
  },
  answers: { 200: { description: 'A page of licensed users.', body: pageOf(LicensedUser) } },
  table: {
    ORG: ['BatchGetItem', 'GetItem'],
    POOL: ['Query'],
    ...signsCursors,
  },
  impact: 'The list of licensed users cannot be read; licensing itself works.',
});
