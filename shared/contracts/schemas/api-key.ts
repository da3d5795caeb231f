import * as z from 'zod';
import { KeyId, Text, UserId, UtcTime } from './primitives.ts';

/**
 * The scope of an API key. `activate`: take licenses, send heartbeats, see and end its own activations. `full`: everything
 * that its member may do, except to make keys and owners.
 */
export const KeyScope = z.enum(['activate', 'full']).meta({ id: 'KeyScope' });
export type KeyScope = z.infer<typeof KeyScope>;

export const MaxSessions = z.int().min(1).max(100_000).nullable().meta({
  description: 'How many sessions may run by the key for one product at once. null: as many as the quota.',
});

export const KeyName = Text.trim().min(1).max(100).meta({ example: 'GitHub Actions' });

export const ApiKey = z
  .object({
    id: KeyId,
    name: z.string(),
    userId: UserId.meta({ description: 'The member that the key acts as.' }),
    createdBy: UserId.meta({ description: 'The member who made the key. Older keys show their own member.' }),
    scope: KeyScope,
    maxSessions: MaxSessions,
    createdAt: UtcTime,
    expiresAt: UtcTime.nullable(),
    lastUsedAt: UtcTime.nullable().meta({ description: 'To the hour.' }),
  })
  .meta({ id: 'ApiKey' });
