import * as z from 'zod';
import { operation, vendorOnly } from './operation.ts';
import { Recovery } from './schemas/organization.ts';
import { UserId } from './schemas/primitives.ts';

export const startRecovery = operation({
  name: 'startRecovery',
  method: 'POST',
  path: '/v1/organizations/{organizationId}/recoveries',
  tag: 'Members',
  summary: 'Start the recovery of a member',
  description:
    'For a member who can no longer sign in as before, a sole owner above all: its membership of this one organization ' +
    'goes over to another sign-in with the same email address, once another member consents, or after 72 hours. Every ' +
    'member gets a mail. A member has one open recovery at most: a repetition returns that one.',
  access: vendorOnly,
  input: {
    body: z.strictObject({ userId: UserId.meta({ description: 'The member who is locked out.' }) }),
  },
  answers: {
    200: { description: 'The open recovery.', body: Recovery },
    201: { description: 'Started, and `waiting`.', body: Recovery },
  },
  problems: ['not-found'],
  table: { ORG: ['BatchGetItem', 'GetItem', 'PutItem'], TRAIL: ['UpdateItem'] },
  impact: 'The vendor cannot help members back who are locked out.',
});
