import * as z from 'zod';
import { MachineId, ProductCode, SessionId, UserId, UtcTime } from './primitives.ts';

/** The reason why an activation ended. Each ended activation has exactly one. */
export const EndedReason = z
  .enum([
    'released',
    'lease-expired',
    'idle-timeout',
    'logged-in-elsewhere',
    'machine-removed',
    'user-removed',
    'license-removed',
    'license-transferred',
    'subscription-expired',
    'subscription-suspended',
  ])
  .meta({ id: 'EndedReason' });
export type EndedReason = z.infer<typeof EndedReason>;

/** An online license in use: a session on a machine, by a member. */
export const Activation = z
  .object({
    sessionId: SessionId,
    product: ProductCode,
    machineId: MachineId,
    hostname: z.string().nullable(),
    userId: UserId,
    status: z.enum(['active', 'ended']),
    seat: z.int().meta({ description: 'Tell it in each heartbeat.', example: 3 }),
    fence: z.int().meta({ description: 'Tell it in each heartbeat; grows with each claim.', example: 17 }),
    activatedAt: UtcTime,
    leaseExpiresAt: UtcTime.nullable().meta({ description: 'Heartbeat before it. Null once ended.' }),
    heartbeatSeconds: z.int().meta({ description: 'Send a heartbeat this often.', example: 40 }),
    endedAt: UtcTime.nullable(),
    endedReason: EndedReason.nullable(),
  })
  .meta({ id: 'Activation' });
