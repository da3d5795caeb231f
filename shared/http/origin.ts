import { edgeConfig } from '../config.ts';
import { originHeader } from '../contracts/operation.ts';
import { hashOf, isSecretOf } from '../table/store/secrets.ts';

/** Returns whether a request came through the distribution; true without secrets, as then the gateway is open. */
export const isFromDistribution = (
  headers: Record<string, string | undefined> | undefined,
  secrets: readonly string[] | undefined,
): boolean =>
  secrets === undefined || secrets.some((secret) => isSecretOf(headers?.[originHeader] ?? '', hashOf(secret)));

/**
 * Returns the address of a caller. The gateway sees the distribution's address, if requests come through that alone: then the
 * caller's is the last in `X-Forwarded-For` before it. Otherwise that header is whatever the caller likes.
 */
export const addressOf = (
  headers: Record<string, string | undefined> | undefined,
  sourceIp: string | undefined,
): string | undefined => {
  if (!edgeConfig().BEHIND_DISTRIBUTION) return sourceIp;
  const addresses = headers?.['x-forwarded-for']?.split(',').map((address) => address.trim());
  return addresses?.findLast((address) => address !== sourceIp) ?? sourceIp;
};
