import { createHash } from 'node:crypto';
import { dayMs } from './dates.ts';
import { type HolderRecord, type NewRecord, voidedRecordOf } from './holder-record.ts';
import { type HeldSeat, type Hold, holderId } from './seat.ts';
import { type Subscription, statusOf } from './subscription.ts';

/** The record of an offline license. Nobody can take back an active one but the vendor, who can void it. */
export interface OfflineLicense extends HolderRecord {
  id: string;
  machineId: string;
  /** The member for whom it was issued, if any; `userId` is then the same, and otherwise empty. */
  usedBy: string | null;
  description: string | null;
  licenseType: Subscription['licenseType'];
  /** Epoch ms. */
  issuedAt: number;
  /** When the license expires and its seat is free, epoch ms. */
  expiresAt: number;
  /** The expiry in the request, epoch ms; null if the request had none. */
  askedExpiry: number | null;
  /** `expiresAt`, set once the schedule has handled it. Only the history uses it. */
  expiredAt?: number;
  /** When the vendor voided the license, epoch ms. Its seat is free from then on. */
  voidedAt?: number;
  voidReason?: string;
  /** The signed file. Absent until the first request that needs the file signs it. */
  jws?: string;
}

/** The fields of a record that its seat does not have. */
type IssuedTerms = Pick<OfflineLicense, 'usedBy' | 'description' | 'licenseType' | 'expiresAt' | 'askedExpiry'>;

/** Returns the record of an offline license, from its claim, its hold and the fields that these don't have. */
export const offlineRecord = (base: NewRecord, hold: Hold, terms: IssuedTerms): OfflineLicense => ({
  ...base,
  id: holderId(hold.holder),
  machineId: hold.machineId ?? '',
  issuedAt: hold.claimedAt,
  ...terms,
});

/** Returns the record of a claim that never became a license. Its terms are placeholders: nobody reads them. */
export const voidedOffline = (seat: HeldSeat, now: number): OfflineLicense =>
  offlineRecord(voidedRecordOf(seat, now), seat.hold, {
    usedBy: null,
    description: null,
    licenseType: 'floating',
    expiresAt: now,
    askedExpiry: null,
  });

export type OfflineRequest = Pick<OfflineLicense, 'machineId' | 'usedBy' | 'description' | 'askedExpiry'>;

/** Returns whether a license is the one that a request asks for. */
export const isOfRequest = (license: OfflineLicense, request: OfflineRequest): boolean =>
  license.machineId === request.machineId &&
  license.usedBy === request.usedBy &&
  license.description === request.description &&
  license.askedExpiry === request.askedExpiry;

/** Returns the latest expiry of an offline license that is issued now, epoch ms. */
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
 * Decides whether an offline license may be issued now, and when it expires: at the latest time that the subscription
 * allows, or earlier if the request says so.
 *
 * @param asked the expiry in the request, epoch ms, or null
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

/** Returns how many licenses are kept for online use by default: one, or none if the quota is 0 or 1. */
export const defaultReserveOnline = (quota: number): number => (quota >= 2 ? 1 : 0);

/** Returns the lowest seat number that an offline license may claim. The numbers below are kept for online use. */
export const lowestOfflineNumber = ({ offline }: Pick<Subscription, 'offline'>): number => offline.reserveOnline + 1;

/** Online holders take the kept seats first if there are at most this many free seats for each free kept seat. */
const scarcity = 8;

/**
 * Returns the free numbers from which an online holder chooses. If few numbers are free, these are the kept ones: an offline
 * license can't use kept numbers, so online holders leave it the others.
 *
 * @param free in ascending order
 */
export const onlineChoice = (
  free: readonly number[],
  { offline }: Pick<Subscription, 'offline'>,
): readonly number[] => {
  if (!offline.allowed) return free;
  const reserved = free.filter((number) => number <= offline.reserveOnline);
  return free.length <= scarcity * reserved.length ? reserved : free;
};

/** Returns the status of an offline license at `now` (epoch ms). */
export const offlineStatus = (
  { expiresAt, voidedAt }: Pick<OfflineLicense, 'expiresAt' | 'voidedAt'>,
  now: number,
): 'active' | 'expired' | 'voided' => {
  if (voidedAt !== undefined) return 'voided';
  return expiresAt <= now ? 'expired' : 'active';
};

/** Returns until when an issued license holds its seat, epoch ms: its expiry, or 0 once the vendor has voided it. */
export const holdsUntil = ({ expiresAt, voidedAt }: Pick<OfflineLicense, 'expiresAt' | 'voidedAt'>): number =>
  voidedAt === undefined ? expiresAt : 0;

/** The longest file name on common file systems, bytes. */
const longestFileName = 255;

/**
 * Returns the name of a license file: `<product>_<machineId>.lic`. The machine ID is percent-encoded as in a URL, so that
 * the name is valid on every file system and in a header. A name that is too long is cut and gets a hash.
 */
export const licenseFileName = (product: string, machineId: string): string => {
  const name = `${product}_${encodeURIComponent(machineId)}`;
  if (name.length + '.lic'.length <= longestFileName) return `${name}.lic`;
  const hash = createHash('sha256').update(machineId).digest('hex').slice(0, 16);
  return `${name.slice(0, longestFileName - '~.lic'.length - hash.length)}~${hash}.lic`;
};

/** Returns the claims that the license file contains (RFC 7519). Times are in whole seconds, rounded down. */
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
