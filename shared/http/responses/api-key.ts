import type * as z from 'zod';
import type { ApiKey as ApiKeyBody } from '../../contracts/schemas/api-key.ts';
import { type ApiKey, makerOf } from '../../domain/accounts/api-key.ts';
import { utc } from '../../domain/activation.ts';

/** Returns an API key as the API shows it, never its hash. */
export const apiKeyBody = (key: ApiKey): z.input<typeof ApiKeyBody> => ({
  id: key.id,
  name: key.name,
  userId: key.userId,
  createdBy: makerOf(key),
  scope: key.scope,
  maxSessions: key.maxSessions ?? null,
  createdAt: utc(key.createdAt),
  expiresAt: key.expiresAt === null ? null : utc(key.expiresAt),
  lastUsedAt: key.lastUsedAt === undefined ? null : utc(key.lastUsedAt),
});
