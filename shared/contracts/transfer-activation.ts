import * as z from 'zod';
import { operation } from './operation.ts';
import { Activation } from './schemas/activation.ts';
import { NewMachineId } from './schemas/primitives.ts';

export const transferActivation = operation({
  name: 'transferActivation',
  method: 'POST',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/activations/{sessionId}/transfer',
  tag: 'Activations',
  summary: 'Transfer a session to another machine',
  description:
    'In one step: the session keeps its seat, and nobody can take it between. The process on the machine before learns ' +
    'it at its next heartbeat (`license-transferred`); the one on the other machine activates with the same `sessionId`. ' +
    'Floating subscriptions only. Repeating the transfer is harmless.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  input: {
    body: z.strictObject({ machineId: NewMachineId.meta({ description: 'The machine that it goes on.' }) }),
  },
  answers: { 200: { description: 'The activation, on the other machine.', body: Activation } },
  problems: [
    'subscription-expired',
    'subscription-suspended',
    'activation-ended',
    'machine-quota-exceeded',
    'offline-license-active',
    'too-many-requests',
  ],
  table: {
    ORG: ['BatchGetItem', 'GetItem', 'UpdateItem'],
    KEYS: ['BatchGetItem'],
    TRAIL: ['UpdateItem'],
    POOL: ['BatchGetItem', 'GetItem', 'Query', 'PutItem', 'UpdateItem'],
    SESSION: ['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'],
  },
  impact: 'Sessions cannot be transferred to other machines.',
});
