import * as z from 'zod';
import { MachineId, UserId, UtcTime } from './primitives.ts';

/** The longest time for which a removal may block a machine. */
export const longestBlockMinutes = 10_080;

/**
 * A registered machine. Floating: a license is in use on it now. Per user: also if one was used on it, until it is
 * removed.
 */
export const Machine = z
  .object({
    machineId: MachineId,
    registeredAt: UtcTime,
    lastSeenAt: UtcTime.meta({ description: 'When a license was last activated on it, or kept alive.' }),
    hostname: z.string().optional().meta({
      description: 'The host name that the latest session on it gave, if any.',
      example: 'runner-07.ci.example.com',
    }),
    userId: UserId.optional().meta({ description: 'The user of the latest session on it.' }),
    online: z.int().meta({ description: 'Online licenses in use on it now.', example: 2 }),
    offline: z.int().meta({ description: 'Offline licenses that are bound to it, and have not expired.', example: 0 }),
  })
  .meta({ id: 'Machine' });
