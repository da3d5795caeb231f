import { createHash } from 'node:crypto';
import { dayMs } from './dates.ts';
import { type HolderRecord, type NewRecord, voidedRecordOf } from './holder-record.ts';
import { type HeldSeat, type Hold, holderId } from './seat.ts';
import { type Subscription, statusOf } from './subscription.ts';

/** The record of an offline license. Only the vendor takes an active one back, by voiding it. */
export interface OfflineLicense extends HolderRecord {
  id: string;
  machineId: string;
  /** The member who uses it, if it was made for one; `userId` is then the same, and else empty. */
  usedBy: string | null;
  description: string | null;
  licenseType: Subscription['licenseType'];
  /** Epoch ms. */
  issuedAt: number;
  /** From then on its seat is free, epoch ms. */
  expiresAt: number;
  /** The expiry that was asked for, epoch ms; null if none was. */
  askedExpiry: number | null;
  /** `expiresAt`, once the schedule has seen it pass: for the history alone. */
  expiredAt?: number;
  /** When the vendor voided the license, epoch ms, and why. Its seat is free from then on. */
  voidedAt?: number;
  voidReason?: string;
  /** The signed file. Absent until it is signed, which whoever first needs it does. */
  jws?: string;
}

/** What a record says beside what stands on its seat. */
type Given = Pick<OfflineLicense, 'usedBy' | 'description' | 'licenseType' | 'expiresAt' | 'askedExpiry'>;

/** The record of a license's claim, from what stands on its seat. */
export const offlineRecord = (base: NewRecord, hold: Hold, given: Given): OfflineLicense => ({
  ...base,
  id: holderId(hold.holder),
  machineId: hold.machineId ?? '',
  issuedAt: hold.claimedAt,
  ...given,
});

/** The record of a claim that never was a license, and never will be: what it would have been does not matter. */
export const voidedOffline = (seat: HeldSeat, now: number): OfflineLicense =>
  offlineRecord(voidedRecordOf(seat, now), seat.hold, {
    usedBy: null,
    description: null,
    licenseType: 'floating',
    expiresAt: now,
    askedExpiry: null,
  });

/** What is asked for. */
export type OfflineRequest = Pick<OfflineLicense, 'machineId' | 'usedBy' | 'description' | 'askedExpiry'>;

/** Whether a license is what a request asks for. */
export const isOfRequest = (license: OfflineLicense, request: OfflineRequest): boolean =>
  license.machineId === request.machineId &&
  license.usedBy === request.usedBy &&
  license.description === request.description &&
  license.askedExpiry === request.askedExpiry;

/** The latest that an offline license that is issued now may last, epoch ms. */
const latestExpiry = ({ expiresAt, offline }: Subscription, now: number): number =>
  offline.maxDays === null ? expiresAt : Math.min(expiresAt, now + offline.maxDays * dayMs);

export type OfflineTerms =
  | { outcome: 'allowed'; expiresAt: number }
  | { outcome: 'suspended' | 'expired' }
  /** The subscription has no offline licenses. */
  | { outcome: 'not-allowed' }
  | { outcome: 'past' }
  | { outcome: 'too-late'; latest: number };

/**
 * Whether an offline license may be issued now, and until when it lasts: as long as the subscription allows, or as was
 * asked for, which can only be earlier.
 *
 * @param asked the expiry that was asked for, epoch ms, or null
 */
export const offlineTerms = (subscription: Subscription, asked: number | null, now: number): OfflineTerms => {
  if (asked !== null && asked <= now) return { outcome: 'past' };
  const status = statusOf(subscription, now);
  if (status !== 'active') return { outcome: status };
  if (!subscription.offline.allowed) return { outcome: 'not-allowed' };
  const latest = latestExpiry(subscription, now);
  if (asked !== null && asked > latest) return { outcome: 'too-late', latest };
  return { outcome: 'allowed', expiresAt: asked ?? latest };
};

/** Returns how many licenses are kept for online use by default: one, or none of a quota of one. */
export const defaultReserveOnline = (quota: number): number => (quota >= 2 ? 1 : 0);

/** The lowest number that an offline license may claim: those below are kept for online use. */
export const lowestOfflineNumber = ({ offline }: Pick<Subscription, 'offline'>): number => offline.reserveOnline + 1;

/** The number of free seats per kept seat up to which an online holder takes the kept ones first. */
const scarcity = 8;

/**
 * Returns the free numbers among which an online holder chooses. Where few are left, these are the ones kept for online use:
 * an offline license can't take those, and would otherwise be refused though enough licenses are free.
 *
 * @param free in ascending order
 */
export const onlineChoice = (
  free: readonly number[],
  { offline }: Pick<Subscription, 'offline'>,
): readonly number[] => {
  if (!offline.allowed) return free;
  const kept = free.filter((number) => number <= offline.reserveOnline);
  return kept.length > 0 && free.length <= scarcity * kept.length ? kept : free;
};

export const offlineStatus = (
  { expiresAt, voidedAt }: Pick<OfflineLicense, 'expiresAt' | 'voidedAt'>,
  now: number,
): 'active' | 'expired' | 'voided' => {
  if (voidedAt !== undefined) return 'voided';
  return expiresAt <= now ? 'expired' : 'active';
};

/** Returns when an issued license gives up its seat, epoch ms: at its expiry, or when the vendor voided it. */
export const holdsUntil = ({ expiresAt, voidedAt }: Pick<OfflineLicense, 'expiresAt' | 'voidedAt'>): number =>
  voidedAt === undefined ? expiresAt : 0;

/** The longest name of a file on the usual file systems, bytes. */
const longestFileName = 255;

/**
 * `<product>_<machineId>.lic`, the machine ID percent-encoded as in a URL, so that the name is good on every file system
 * and in a header. One that would be too long is cut, and told apart by a hash.
 */
export const licenseFileName = (product: string, machineId: string): string => {
  const name = `${product}_${encodeURIComponent(machineId)}`;
  if (name.length + '.lic'.length <= longestFileName) return `${name}.lic`;
  const hash = createHash('sha256').update(machineId).digest('hex').slice(0, 16);
  return `${name.slice(0, longestFileName - '~.lic'.length - hash.length)}~${hash}.lic`;
};

/** What the file says: the claims that are signed (RFC 7519). Times are in whole seconds, rounded down. */
export const licenseClaims = (
  { organizationId, product }: { organizationId: string; product: string },
  { id, machineId, usedBy, licenseType, issuedAt, expiresAt }: OfflineLicense,
  issuer: string,
) => ({
  iss: issuer,
  sub: machineId,
  jti: id,
  iat: Math.floor(issuedAt / 1000),
  nbf: Math.floor(issuedAt / 1000),
  exp: Math.floor(expiresAt / 1000),
  product,
  organizationId,
  machineId,
  ...(usedBy !== null && { userId: usedBy }),
  licenseType,
});
