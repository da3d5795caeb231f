import * as z from 'zod';
import { anyMember, operation } from './operation.ts';
import { Activation } from './schemas/activation.ts';
import { UtcTime } from './schemas/primitives.ts';

export const heartbeat = operation({
  name: 'heartbeat',
  method: 'POST',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/activations/{sessionId}/heartbeat',
  tag: 'Activations',
  summary: 'Keep an activation alive',
  description:
    'Extends the lease. Send it every `heartbeatSeconds`. One that comes after the lease ended still succeeds if ' +
    'nobody took the seat since; otherwise 410 tells why the activation ended.',
  access: { to: 'organization', roles: anyMember, vendor: false, keyScope: 'activate' },
  input: {
    body: z.strictObject({
      seat: z.int().min(1).meta({ description: 'As the activation told it.' }),
      fence: z.int().min(1).meta({ description: 'As the activation told it.' }),
      idleSeconds: z
        .int()
        .min(0)
        .max(31_536_000)
        .optional()
        .meta({ description: 'For how long nobody used the session. Only per-user subscriptions look at it.' }),
    }),
  },
  answers: {
    200: {
      description: 'The activation with its new lease.',
      body: Activation.extend({
        hostname: Activation.shape.hostname.optional().meta({
          description: 'Absent for a floating session: the activation told it.',
        }),
        idleWarningAt: UtcTime.nullable().meta({
          description:
            'When to warn that the session ends unless somebody works with it. Null without an idle timeout.',
        }),
      }),
    },
  },
  problems: ['activation-ended'],
  table: {
    ORG: ['GetItem'],
    POOL: ['GetItem', 'UpdateItem'],
    SESSION: ['GetItem', 'UpdateItem'],
  },
  impact: 'Running sessions cannot extend their leases and lose their licenses when these end.',
  isRoutine: true,
  // Heartbeats are 40 seconds apart: by the default, a runner with a key of its own would need the authorizer for each. A
  // revocation or a removal also ends the sessions, so that the next heartbeat fails anyway.
  rememberedSeconds: 300,
});
