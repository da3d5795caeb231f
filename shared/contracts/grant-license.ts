import { operation } from './operation.ts';
import { LicensedUser } from './schemas/licensed-user.ts';

export const grantLicense = operation({
  name: 'grantLicense',
  method: 'PUT',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/licensed-users/{userId}',
  tag: 'Licensed users',
  summary: 'Grant a member a license',
  description:
    'For per-user subscriptions. The license is the member’s until it is removed or transferred. Granting it again ' +
    'changes nothing.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  answers: {
    201: { description: 'Granted.', body: LicensedUser },
    200: { description: 'The member has a license already.', body: LicensedUser },
  },
  problems: [
    'invalid-request',
    'subscription-expired',
    'subscription-suspended',
    'license-quota-exceeded',
    'too-many-requests',
  ],
  table: {
    ORG: ['BatchGetItem', 'GetItem', 'UpdateItem'],
    KEYS: ['BatchGetItem'],
    TRAIL: ['UpdateItem'],
    POOL: ['BatchGetItem', 'GetItem', 'Query', 'PutItem', 'UpdateItem'],
    SESSION: ['PutItem', 'UpdateItem'],
  },
  impact: 'Licenses cannot be granted to members.',
});
