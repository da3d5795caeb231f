import * as z from 'zod';
import { operation, vendorOnly } from './operation.ts';
import { Limits } from './schemas/limits.ts';

export const setLimits = operation({
  name: 'setLimits',
  method: 'PUT',
  path: '/v1/organizations/{organizationId}/limits',
  tag: 'Organizations',
  summary: 'Set the limits of an organization',
  description:
    'Replaces all limits: an omitted limit takes its default. A smaller limit removes nothing: it bounds new things from then ' +
    'on. 0 allows none.',
  access: vendorOnly,
  input: {
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
