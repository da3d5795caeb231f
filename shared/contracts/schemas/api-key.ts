import * as z from 'zod';
import { KeyId, UserId, UtcTime } from './primitives.ts';

/** `activate`: activate, heartbeat, see and end its own activations. `full`: what its member may do. */
export const KeyScope = z.enum(['activate', 'full']).meta({ id: 'KeyScope' });
export type KeyScope = z.infer<typeof KeyScope>;

export const ApiKey = z
  .object({
    id: KeyId,
    name: z.string(),
    userId: UserId.meta({ description: 'The member that the key acts as.' }),
    createdBy: UserId.meta({ description: 'The member who made it. Older keys show their own member.' }),
    scope: KeyScope,
    createdAt: UtcTime,
    expiresAt: UtcTime.nullable(),
    lastUsedAt: UtcTime.nullable().meta({ description: 'To the hour.' }),
  })
  .meta({ id: 'ApiKey' });
