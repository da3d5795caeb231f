import * as z from 'zod';
import { operation } from './operation.ts';
import { LicensedUser } from './schemas/licensed-user.ts';
import { Email } from './schemas/organization.ts';

/** The outcome of one email in a grant to several. */
const Grant = z
  .object({
    email: z.string(),
    outcome: z
      .enum(['granted', 'already-licensed', 'not-a-member', 'license-quota-exceeded', 'too-many-requests'])
      .meta({ description: '`too-many-requests`: others were in the way for too long; send this email again.' }),
    licensedUser: LicensedUser.nullable().meta({ description: 'Null unless the member has a license now.' }),
  })
  .meta({ id: 'Grant' });

export const grantLicenses = operation({
  name: 'grantLicenses',
  method: 'POST',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/licensed-users',
  tag: 'Licensed users',
  summary: 'Grant licenses to several members by email',
  description:
    'Each email has an outcome of its own, in the order in which they were sent: some may be granted while others are ' +
    'refused. They are granted one after another, so when licenses run out the first ones of the list have them. ' +
    'Sending the list again is harmless.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  input: {
    body: z.strictObject({ emails: z.array(Email).min(1).max(50) }),
  },
  answers: { 200: { description: 'The outcome of each email.', body: z.object({ items: z.array(Grant) }) } },
  problems: ['subscription-expired', 'subscription-suspended'],
  table: {
    ORG: ['BatchGetItem', 'GetItem', 'UpdateItem'],
    KEYS: ['BatchGetItem'],
    TRAIL: ['UpdateItem'],
    EMAIL: ['GetItem'],
    POOL: ['BatchGetItem', 'GetItem', 'Query', 'PutItem', 'UpdateItem'],
    SESSION: ['PutItem', 'UpdateItem'],
  },
  impact: 'Licenses cannot be granted to several members at once.',
});
