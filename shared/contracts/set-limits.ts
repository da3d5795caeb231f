import * as z from 'zod';
import { operation } from './operation.ts';
import { Limits } from './schemas/limits.ts';
import { OrganizationId } from './schemas/primitives.ts';

export const setLimits = operation({
  name: 'setLimits',
  method: 'PUT',
  path: '/v1/organizations/{organizationId}/limits',
  tag: 'Organizations',
  summary: 'Set the limits of an organization',
  description:
    'Replaces all limits: an omitted limit takes its default. A smaller limit removes nothing: it bounds new things from then ' +
    'on. 0 allows none.',
  // No role of the organization may call this: a member gets 403, anyone else 404.
  access: { to: 'organization', roles: [], vendor: true, keyScope: 'full' },
  input: {
    path: z.strictObject({ organizationId: OrganizationId }),
    body: z.strictObject(Limits.shape).partial(),
  },
  answers: { 200: { description: 'Every limit, with its new value.', body: Limits } },
  problems: ['not-found'],
  table: {
    ORG: ['UpdateItem'],
    TRAIL: ['UpdateItem'],
  },
  impact: 'The vendor cannot change the limits of organizations.',
});
