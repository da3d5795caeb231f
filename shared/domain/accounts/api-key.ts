import type { KeyScope } from '../../contracts/schemas/api-key.ts';

/** An API key as it is kept: without its secret. Times are epoch ms. */
export interface ApiKey {
  id: string;
  organizationId: string;
  userId: string;
  name: string;
  scope: KeyScope;
  /** How many sessions of one product may run by the key at once; null, or absent on older keys: as many as the quota. */
  maxSessions?: number | null;
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt?: number;
  /** The member who made the key; absent on older keys: see `makerOf`. */
  createdBy?: string;
  /** An admin made the key for somebody else: it acts as an admin at most, even if its member becomes an owner. */
  belowOwner?: boolean;
  revokedAt?: number;
  /** `expiresAt`, once the schedule has seen it pass: for the history alone. */
  expiredAt?: number;
  secretHash: string;
  /** The version of the service's secret for API keys behind the key's secret; absent: none, or 0. */
  derivedFrom?: number;
}

/** Returns the member who made a key; for a key from before makers were kept, its own member. */
export const makerOf = ({ createdBy, userId }: ApiKey): string => createdBy ?? userId;

/** Whether a key can be used at `now` (epoch ms): it is neither revoked nor expired. */
export const isGoodKey = ({ revokedAt, expiresAt }: ApiKey, now: number): boolean =>
  revokedAt === undefined && (expiresAt === null || expiresAt > now);
