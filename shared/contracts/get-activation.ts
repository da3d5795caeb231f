import * as z from 'zod';
import { anyMember, operation } from './operation.ts';
import { Activation } from './schemas/activation.ts';
import { Waiting } from './schemas/waiting.ts';

export const getActivation = operation({
  name: 'getActivation',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/activations/{sessionId}',
  tag: 'Activations',
  summary: 'One activation, also while it waits and after its end',
  description: 'Its member sees it; owners and admins see all. To others it does not exist.',
  access: { to: 'organization', roles: anyMember, vendor: false, keyScope: 'activate' },
  answers: {
    200: { description: 'The activation, or its place in the queue.', body: z.union([Activation, Waiting]) },
  },
  // The only write closes a lapsed seat: a late heartbeat must not revive an activation that was answered as ended.
  table: {
    ORG: ['BatchGetItem', 'GetItem'],
    POOL: ['BatchGetItem', 'GetItem', 'Query', 'UpdateItem'],
    SESSION: ['BatchGetItem', 'GetItem', 'UpdateItem'],
  },
  impact: 'Activations cannot be looked up; licensing itself works.',
});
