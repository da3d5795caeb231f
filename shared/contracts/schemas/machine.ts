import * as z from 'zod';
import { MachineId, UtcTime } from './primitives.ts';

/**
 * A registered machine. Floating: a license is in use on it now. Per user: also if one was used on it, until it is
 * removed.
 */
export const Machine = z
  .object({
    machineId: MachineId,
    registeredAt: UtcTime,
    lastSeenAt: UtcTime.meta({ description: 'When a license was last activated on it, or kept alive.' }),
    online: z.int().meta({ description: 'Online licenses in use on it now.', example: 2 }),
    offline: z.int().meta({ description: 'Offline licenses that are bound to it, and have not expired.', example: 0 }),
  })
  .meta({ id: 'Machine' });
