import type * as z from 'zod';
import type { ApiKey as ApiKeyBody } from '../../contracts/schemas/api-key.ts';
import { utc } from '../../domain/activation.ts';
import type { ApiKey } from '../../table/accounts/api-keys.ts';

/** What the API shows of an API key: never its hash. */
export const apiKeyBody = ({ id, name, userId, scope, ...key }: ApiKey): z.input<typeof ApiKeyBody> => ({
  id,
  name,
  userId,
  scope,
  createdAt: utc(key.createdAt),
  expiresAt: key.expiresAt === null ? null : utc(key.expiresAt),
  lastUsedAt: key.lastUsedAt === undefined ? null : utc(key.lastUsedAt),
});
