import * as z from 'zod';
import { MachineId, UserId, UtcTime } from './primitives.ts';

/** A member who has a per-user license. */
export const LicensedUser = z
  .object({
    userId: UserId,
    email: z.string(),
    name: z.string(),
    licensedAt: UtcTime,
    online: z.boolean().meta({ description: 'Whether the license is in use now.' }),
    lastUsedAt: UtcTime.optional().meta({
      description:
        'When the user last worked with the license: when a session was activated or kept alive, less the idle time that it ' +
        'reported. Absent if no use is on record.',
    }),
    machineId: MachineId.optional().meta({
      description: 'The machine on which the license is in use, or was last. Absent if no use is on record.',
    }),
  })
  .meta({ id: 'LicensedUser' });

/** For how many days a license must be unused. */
export const unusedForDays = z.coerce.number().int().min(1).max(3650).optional();
