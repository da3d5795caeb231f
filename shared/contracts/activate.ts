import * as z from 'zod';
import { anyMember, operation } from './operation.ts';
import { type problemKinds, SeatHolder } from './problems.ts';
import { Activation } from './schemas/activation.ts';
import { NewMachineId, NewSessionId, Text, UtcTime } from './schemas/primitives.ts';
import { Waiting } from './schemas/waiting.ts';

const refusals = [
  'not-licensed',
  'subscription-expired',
  'subscription-suspended',
  'activation-ended',
  'session-conflict',
  'machine-quota-exceeded',
  'license-quota-exceeded',
  'limit-exceeded',
] as const satisfies readonly (keyof typeof problemKinds)[];

/** The answer to a dry run: whether the request would be accepted now, and if not, the refusal. */
export const DryRun = z
  .object({
    accepted: z.boolean(),
    code: z.enum([...refusals, 'forbidden']).optional(),
    detail: z.string().optional(),
    quota: z.int().optional(),
    inUse: z.int().optional(),
    machineQuota: z.int().optional(),
    registeredMachines: z.int().optional(),
    nextFreeAt: UtcTime.nullable().optional(),
    retryAfterSeconds: z.int().optional(),
    position: z
      .int()
      .optional()
      .meta({ description: 'With `waitSeconds`: it would wait, in this place of the queue.' }),
    holders: z.array(SeatHolder).optional(),
    endedReason: Activation.shape.endedReason.optional(),
    limit: z.string().optional().meta({ description: 'Of `limit-exceeded`, as that says it.' }),
    value: z.int().optional(),
  })
  .meta({ id: 'DryRun' });

export const activate = operation({
  name: 'activate',
  method: 'POST',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/activations',
  tag: 'Activations',
  summary: 'Take a license for a running session',
  description:
    'Claims one seat of the quota for as long as heartbeats extend its lease. The same `sessionId` again gets the ' +
    'same activation, never a second seat, so a retry is always safe. Without a `sessionId` one is made, and a retry ' +
    'takes another seat until the lost one lapses. With `waitSeconds` a session that finds no license free waits in a queue, ' +
    'first come, first served: it keeps its place by asking again when the answer says. If the maximum of its API key leaves ' +
    'no room, a session is refused at once, and does not wait.',
  access: { to: 'organization', roles: anyMember, vendor: false, keyScope: 'activate' },
  input: {
    body: z.strictObject({
      machineId: NewMachineId,
      sessionId: NewSessionId.optional(),
      hostname: Text.min(1).max(255).optional().meta({ description: 'For people to read.' }),
      waitSeconds: z
        .int()
        .min(0)
        .max(86_400)
        .default(0)
        .meta({
          description:
            'For how long to wait for a floating license if none is free, from the first request on; 0 gives up the place. ' +
            'Where licenses belong to users there is nothing to wait for, and it changes nothing.',
        }),
      dryRun: z.boolean().optional().meta({ description: 'Answer 200 with what would happen, and change nothing.' }),
    }),
  },
  answers: {
    201: { description: 'A new activation.', body: Activation },
    200: {
      description: 'The session was active already; or the answer to a dry run.',
      body: z.union([Activation, DryRun]),
    },
    202: {
      description: 'No license is free: the session waits. Ask again after `retryAfterSeconds`.',
      body: Waiting,
      headers: z.object({ 'Retry-After': z.string().meta({ description: '`retryAfterSeconds`.', example: '4' }) }),
    },
  },
  problems: [...refusals, 'too-many-requests'],
  table: {
    ORG: ['BatchGetItem', 'GetItem', 'UpdateItem'],
    POOL: ['BatchGetItem', 'GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    SESSION: ['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'],
    REFUSAL: ['PutItem'],
  },
  impact: 'Runners cannot get licenses: CI jobs fail to start.',
});
