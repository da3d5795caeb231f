import type { EndedReason } from '../contracts/schemas/activation.ts';
import type { HolderRecord } from './holder-record.ts';
import { type HeldSeat, type Seat, sessionHolder } from './seat.ts';

/**
 * The use of a license by one session. It is to a licensed user's session what a seat is to a floating one. Times are
 * epoch ms.
 */
export interface LicenseUse {
  sessionId: string;
  machineId: string;
  hostname?: string;
  /** Grows with each activation of the user, and with each activation of the session: `nextUseFence`. */
  fence: number;
  activatedAt: number;
  renewedAt: number;
  /** When the use ends unless a heartbeat extends it. */
  availableAt: number;
  leaseMs: number;
  /** When somebody last worked with the session, from its heartbeats. */
  activeAt: number;
  /** Identifies the request that took the license, so that a retry after a lost answer recognizes its own use. */
  claimId: string;
}

/** A use that has ended. */
export interface EndedUse extends LicenseUse {
  reason: EndedReason;
  endedAt: number;
  /** The number of its seat, if it was a use of the user's license before; default: the number of the license's seat. */
  number?: number;
}

/**
 * The license of a named user: the record of the user's seat, and of the one use while a session runs. Both are in one item,
 * so one condition decides which of two activations is newer, and whether the license still stands.
 */
export interface License extends HolderRecord {
  /** Epoch ms. */
  licensedAt: number;
  /** The fence of the last use. */
  useFence: number;
  inUse?: LicenseUse;
  /** The last use that was closed, with the reason if that was before the end of its lease. */
  closedUse?: Pick<LicenseUse, 'fence' | 'availableAt'> & { reason?: EndedReason };
  /** When somebody last worked with the license in a use that has left it, epoch ms, and the machine of that use. */
  lastUsedAt?: number;
  lastMachineId?: string;
  /** Ended uses. Each stays here until the record of its session is ended. */
  over: readonly EndedUse[];
  /**
   * The user from whom a transfer brings the license; while this license is pending, that user may still have it. `intent`
   * identifies the transfer. `verified`: the new user is a member, so the seat may move.
   */
  from?: { userId: string; fence: number; intent: string; verified?: true };
}

/** The uses of this many licenses in turn on one seat share no fence. */
const licensesApart = 1000;

/**
 * Returns the fence of a license's next use. The fence is above the last one of the user and of the session, and its last
 * three digits are those of the license's own fence: the next license on the same seat has others. So `(number, fence)`
 * names one use, even a use that got no record, for any request, check or change that comes late.
 */
export const nextUseFence = (
  { fence, useFence }: Pick<License, 'fence' | 'useFence'>,
  session: Pick<HolderRecord, 'fence'> | undefined,
): number => {
  const last = Math.max(useFence, session?.fence ?? 0);
  const next = last - (last % licensesApart) + (fence % licensesApart);
  return next > last ? next : next + licensesApart;
};

/** Returns a use in the form of a seat: with the number of the license's seat, and the fence of the use. */
export const seatOfUse = (
  { number, userId }: Pick<License, 'number' | 'userId'>,
  use: LicenseUse & Pick<EndedUse, 'number'>,
): HeldSeat => ({
  number: use.number ?? number,
  fence: use.fence,
  hold: {
    holder: sessionHolder(use.sessionId),
    userId,
    machineId: use.machineId,
    hostname: use.hostname,
    claimedAt: use.activatedAt,
    renewedAt: use.renewedAt,
    availableAt: use.availableAt,
    leaseMs: use.leaseMs,
  },
});

/** Returns the present use of a license in the form of a seat: a free seat if the license is not in use. */
export const useSeat = (license: License): Seat => {
  const { number, useFence, inUse, closedUse } = license;
  const last = closedUse && {
    last: { fence: closedUse.fence, end: closedUse.availableAt, reason: closedUse.reason },
  };
  return inUse ? { ...seatOfUse(license, inUse), ...last } : { number, fence: useFence, ...last };
};

/**
 * Returns the uses of these licenses in the form of seats. A use counts until the end of its lease, also after the end of
 * the subscription: a renewal of the subscription lets it go on.
 */
export const licenseUses = (licenses: readonly License[]): HeldSeat[] =>
  licenses.flatMap((license) =>
    license.status === 'active' && license.inUse ? [seatOfUse(license, license.inUse)] : [],
  );

/** The last use of a license: when somebody last worked with it, epoch ms, and on which machine. */
export interface LastUse {
  lastUsedAt: number;
  lastMachineId: string;
}

/** Returns the present use of a license, or its last one; undefined without a use on record. */
export const lastUseOf = ({ inUse, lastUsedAt, lastMachineId }: License): LastUse | undefined => {
  if (inUse) return { lastUsedAt: inUse.activeAt, lastMachineId: inUse.machineId };
  return lastUsedAt === undefined || lastMachineId === undefined ? undefined : { lastUsedAt, lastMachineId };
};

/**
 * Returns whether nobody has worked with a license since a time, which it was granted before. A license that was used, but
 * has no use on record, counts as used: its last use ended before licenses kept it.
 *
 * @param since epoch ms
 */
export const isUnusedSince = (license: License, since: number): boolean => {
  const last = lastUseOf(license);
  if (!last && license.useFence > 0) return false;
  return Math.max(license.licensedAt, last?.lastUsedAt ?? 0) <= since;
};

export const isOnline = (
  { status, inUse }: Pick<License, 'status' | 'inUse'>,
  { expiresAt }: { expiresAt: number },
  now: number,
): boolean => status === 'active' && inUse !== undefined && Math.min(inUse.availableAt, expiresAt) > now;

/** Returns a use as ended: now, for this reason; or at the end of its lease, if that has passed. */
export const endedUse = (use: LicenseUse, reason: EndedReason, now: number): EndedUse =>
  use.availableAt > now
    ? { ...use, reason, endedAt: now }
    : { ...use, reason: 'lease-expired', endedAt: use.availableAt };

/** Returns the ended uses of a license: those that were displaced, and the last use if the license itself has ended. */
export const endedUses = ({ status, over, inUse, endedReason, endedAt }: License): readonly EndedUse[] =>
  status === 'ended' && inUse && endedReason && endedAt !== undefined
    ? [...over, endedUse(inUse, endedReason, endedAt)]
    : over;

/**
 * Returns the uses that end when a new claim replaces this license, with the number of their seat: the new claim may have
 * another. A license that had not ended has lost its seat, which only a transfer does.
 */
export const endedUsesBefore = (license: License, now: number): readonly EndedUse[] =>
  endedUses(
    license.status === 'ended'
      ? license
      : { ...license, status: 'ended', endedReason: 'license-transferred', endedAt: now },
  ).map((use) => ({ number: license.number, ...use }));
