import * as z from 'zod';
import { anyMember, operation } from './operation.ts';

export const deactivate = operation({
  name: 'deactivate',
  method: 'DELETE',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/activations/{sessionId}',
  tag: 'Activations',
  summary: 'Give a license back, or take it away',
  description:
    'A member releases its own session. An owner or admin forces the end of another’s (`license-removed`): that session ' +
    'cannot come back. A waiting session leaves the queue. Repeating is harmless. With `fence`, a late request never ends ' +
    'a newer activation of the session.',
  access: { to: 'organization', roles: anyMember, vendor: false, keyScope: 'activate' },
  input: {
    query: z.strictObject({
      fence: z.coerce
        .number()
        .int()
        .min(1)
        .optional()
        .meta({
          description:
            'The fence that the activation told: the service ends only that activation. If the session has another one by ' +
            'now, or waits, the answer is 204 and nothing changes. Default: ends any activation or wait of the session.',
        }),
    }),
  },
  answers: { 204: { description: 'The activation has ended and its seat is free, or it waits no more.' } },
  table: {
    ORG: ['GetItem'],
    POOL: ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'],
    SESSION: ['GetItem', 'PutItem', 'UpdateItem'],
  },
  impact: 'Licenses are not given back at the end of a job; they free themselves when their leases end.',
});
