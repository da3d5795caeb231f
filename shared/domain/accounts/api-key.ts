import type { KeyScope } from '../../contracts/schemas/api-key.ts';

/** An API key as the table keeps it: with a hash instead of its secret. Times are epoch ms. */
export interface ApiKey {
  id: string;
  organizationId: string;
  userId: string;
  name: string;
  scope: KeyScope;
  /** How many sessions of one product the key may run at once; null, or absent on older keys: as many as the quota. */
  maxSessions?: number | null;
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt?: number;
  /** The member who made the key; absent on older keys: use `makerOf`. */
  createdBy?: string;
  /** An admin made the key for somebody else: it acts as an admin at most, even if its member becomes an owner. */
  belowOwner?: boolean;
  revokedAt?: number;
  /** `expiresAt`, set once the schedule has handled it. Only the history uses it. */
  expiredAt?: number;
  secretHash: string;
  /** The version of the service's secret for API keys from which the key's secret is derived; absent: none, or 0. */
  derivedFrom?: number;
  /** Names the making of a key that is not complete: nobody knows its secret yet. */
  pending?: string;
}

/** Returns the member who made a key. An older key does not say: its own member then counts as its maker. */
export const makerOf = ({ createdBy, userId }: ApiKey): string => createdBy ?? userId;

/** Returns whether a key, made or pending, is neither revoked nor expired at `now` (epoch ms). */
export const isUnendedKey = ({ revokedAt, expiresAt }: ApiKey, now: number): boolean =>
  revokedAt === undefined && (expiresAt === null || expiresAt > now);

/** Returns whether a key can be used at `now` (epoch ms). */
export const isGoodKey = (key: ApiKey, now: number): boolean => key.pending === undefined && isUnendedKey(key, now);
