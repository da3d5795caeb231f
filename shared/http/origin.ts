import { originHeader } from '../contracts/operation.ts';
import { hashOf, isSecretOf } from '../table/store/secrets.ts';

/** Returns whether a request came through the distribution; true without a secret, as then the gateway is open. */
export const isFromDistribution = (
  headers: Record<string, string | undefined> | undefined,
  secret: string | undefined,
): boolean => secret === undefined || isSecretOf(headers?.[originHeader] ?? '', hashOf(secret));
