import * as z from 'zod';
import { UserId, UtcTime } from './primitives.ts';

/** A member who has a per-user license. */
export const LicensedUser = z
  .object({
    userId: UserId,
    email: z.string(),
    name: z.string(),
    licensedAt: UtcTime,
    online: z.boolean().meta({ description: 'Whether the license is in use now.' }),
  })
  .meta({ id: 'LicensedUser' });
