import type { EndedReason } from '../contracts/schemas/activation.ts';
import type { HolderRecord } from './holder-record.ts';
import { type HeldSeat, type Seat, sessionHolder } from './seat.ts';

/** An activation of a licensed user: what its session stands on, as a floating one stands on a seat. Times are epoch ms. */
export interface LicenseUse {
  sessionId: string;
  machineId: string;
  hostname?: string;
  /** Grows with each activation of the user, and with each of the session. */
  fence: number;
  activatedAt: number;
  renewedAt: number;
  /** From when on it is over, unless a heartbeat extends it. */
  availableAt: number;
  leaseMs: number;
  /** When somebody last worked with it, as its heartbeats tell. */
  activeAt: number;
  /** Names the request that took the license, so that its repetition after a lost answer recognizes its own. */
  claimId: string;
}

/** A use that is over. */
export interface EndedUse extends LicenseUse {
  reason: EndedReason;
  endedAt: number;
}

/**
 * The license of a named user: the record of the user's seat and, while it is used, of its one activation. Which of two
 * activations is the newer one, and whether the license still stands, is so decided by the conditions of one item.
 */
export interface License extends HolderRecord {
  /** Epoch ms. */
  licensedAt: number;
  /** The fence of the last use. */
  useFence: number;
  inUse?: LicenseUse;
  /** The use that was closed last, with the reason if it was closed before its lease ended. */
  closedUse?: Pick<LicenseUse, 'fence' | 'availableAt'> & { reason?: EndedReason };
  /** Uses that are over: the records of their sessions are ended before these are forgotten. */
  over: readonly EndedUse[];
  /**
   * Whose license it was before a transfer, and while it is pending may still be; `intent` names the transfer. Its seat may
   * move once it is `verified`: that who gets it is a member.
   */
  from?: { userId: string; fence: number; intent: string; verified?: true };
}

/** A use as the seat that it is to its session: the number of the license's seat, with a fence of its own. */
export const seatOfUse = ({ number, userId }: Pick<License, 'number' | 'userId'>, use: LicenseUse): HeldSeat => ({
  number,
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

/** What the session of a license stands on, if there is one. */
export const useSeat = (license: License): Seat => {
  const { number, useFence, inUse, closedUse } = license;
  const last = closedUse && {
    last: { fence: closedUse.fence, end: closedUse.availableAt, reason: closedUse.reason },
  };
  return inUse ? { ...seatOfUse(license, inUse), ...last } : { number, fence: useFence, ...last };
};

/**
 * Returns the uses of these licenses as seats of their sessions. Each use counts by its lease alone: after the end of the
 * subscription, a renewal lets it go on.
 */
export const licenseUses = (licenses: readonly License[]): HeldSeat[] =>
  licenses.flatMap((license) =>
    license.status === 'active' && license.inUse ? [seatOfUse(license, license.inUse)] : [],
  );

/** Whether the user works with the license now. */
export const isOnline = (
  { status, inUse }: Pick<License, 'status' | 'inUse'>,
  { expiresAt }: { expiresAt: number },
  now: number,
): boolean => status === 'active' && inUse !== undefined && Math.min(inUse.availableAt, expiresAt) > now;

/** A use that is ended now for a reason; one whose lease had ended before ended then. */
export const endedUse = (use: LicenseUse, reason: EndedReason, now: number): EndedUse =>
  use.availableAt > now
    ? { ...use, reason, endedAt: now }
    : { ...use, reason: 'lease-expired', endedAt: use.availableAt };

/** The uses that are over for good: those that were displaced, and the last one of a license that ended. */
export const endedUses = ({ status, over, inUse, endedReason, endedAt }: License): readonly EndedUse[] =>
  status === 'ended' && inUse && endedReason && endedAt !== undefined
    ? [...over, endedUse(inUse, endedReason, endedAt)]
    : over;

/**
 * The uses that are over once another claim is recorded over a license. One that was not ended had lost its seat: only a
 * transfer takes that away.
 */
export const endedUsesBefore = (license: License, now: number): readonly EndedUse[] =>
  endedUses(
    license.status === 'ended'
      ? license
      : { ...license, status: 'ended', endedReason: 'license-transferred', endedAt: now },
  );
