import type { EndedReason } from '../contracts/schemas/activation.ts';
import { type Claim, type HeldSeat, leaseEndOf, type Seat } from './seat.ts';

/** How one claim ended. */
export interface ClaimEnd {
  number: number;
  fence: number;
  /** Whose it was. */
  userId: string;
  reason: EndedReason;
  /** Epoch ms. */
  at: number;
}

/**
 * The truth about a holder, as its seat is the truth about the quota. A record exists only for a verified claim, and
 * an ended one keeps its reason.
 */
export interface HolderRecord {
  /** `pending`: its claim is verified, but not yet held for long; only for holds that have no heartbeats. */
  status: 'pending' | 'active' | 'ended';
  /** The claim that it stands for. */
  number: number;
  fence: number;
  /** Grows with each write; a new claim is recorded only over the record as it was read. */
  revision: number;
  userId: string;
  endedReason?: EndedReason;
  /** Epoch ms. */
  endedAt?: number;
  /** How long its holder waited in the queue for its seat, seconds; absent if it did not. */
  waitedSeconds?: number;
  /** How the holder's last claims before this one ended, newest first. */
  previous: readonly ClaimEnd[];
}

/** The record of a session: an activation. */
export interface Session extends HolderRecord {
  status: 'active' | 'ended';
  sessionId: string;
  machineId: string;
  hostname?: string;
  /** Epoch ms. */
  activatedAt: number;
  leaseSeconds: number;
  /** Whether it stands on a user's license, rather than on a seat of its own. */
  licensed?: true;
  /** Whether it was put on record as ended: nobody was told of its claim, and the history tells nothing of it. */
  untold?: true;
  /** A move to another machine that was begun: `shared/table/session-ends/session-moves.ts`. */
  moving?: Move;
}

/** A move of a session to another machine: what it will stand on once the move is made. */
export interface Move {
  id: string;
  machineId: string;
  fence: number;
  /** When it was begun, epoch ms. */
  at: number;
}

/** After these ends the same session ID may activate anew; after the others the end was somebody's decision. */
const mayComeBackAfter: ReadonlySet<EndedReason> = new Set([
  'released',
  'lease-expired',
  'idle-timeout',
  'subscription-expired',
  'subscription-suspended',
]);

export const mayComeBack = (reason: EndedReason): boolean => mayComeBackAfter.has(reason);

/** Whether the record stands for this claim. */
export const isRecordOf = (record: HolderRecord | undefined, claim: Pick<Claim, 'number' | 'fence'>): boolean =>
  record !== undefined && record.number === claim.number && record.fence === claim.fence;

/** How many earlier ends a record remembers at least, and at most; older ones are in the history. */
const remembered = { least: 4, most: 50 };
/** How much clocks may differ, ms. */
const skewMs = 60_000;

/**
 * Returns a live record whose claim is dead, with the end that the seat tells. A record written over this one keeps that end.
 *
 * @param seat the claim's seat, as read after the claim was gone
 */
export const withLeaseEnd = <R extends HolderRecord>(record: R, seat: Seat | undefined): R => {
  const ended = record.status === 'active' ? leaseEndOf(seat, record) : undefined;
  return ended ? { ...record, endedReason: ended.reason ?? 'lease-expired', endedAt: ended.end } : record;
};

/**
 * Returns the end of a lease whose seat no longer tells it, epoch ms: the end of the first lease. A heartbeat may have extended
 * the lease, but nobody else had the seat before this end, so no two leases of one seat overlap in the history.
 */
export const earliestEnd = (
  { activatedAt, leaseSeconds = 0 }: Partial<Pick<Session, 'activatedAt' | 'leaseSeconds'>>,
  now: number,
): number => (activatedAt === undefined ? now : Math.min(now, activatedAt + leaseSeconds * 1000));

/**
 * Returns the earlier ends that a record over this one remembers, newest first: those within one lease before now, whose
 * holders may not have asked yet, and some more. A live record that is written over was a lapse.
 *
 * @param record `activatedAt`, `leaseSeconds`: of a session
 */
export const previousEnds = (
  record: (HolderRecord & Partial<Pick<Session, 'activatedAt' | 'leaseSeconds'>>) | undefined,
  now: number,
): readonly ClaimEnd[] => {
  if (!record) return [];
  const { number, fence, userId, endedReason = 'lease-expired', previous, leaseSeconds = 0 } = record;
  const endedAt = record.endedAt ?? earliestEnd(record, now);
  const ends = [{ number, fence, userId, reason: endedReason, at: endedAt }, ...previous];
  const since = now - leaseSeconds * 1000 - skewMs;
  return ends.slice(0, remembered.most).filter(({ at }, index) => index < remembered.least || at >= since);
};

/** The record of a claim that is made now. */
export type NewRecord = HolderRecord & { status: 'active' | 'ended' };

/** The record that a claim gets over the one that was read. */
export const recordOf = (seat: HeldSeat, asRead: HolderRecord | undefined, now: number): NewRecord => ({
  status: 'active',
  number: seat.number,
  fence: seat.fence,
  revision: (asRead?.revision ?? 0) + 1,
  userId: seat.hold.userId,
  previous: previousEnds(asRead, now),
});

/** The record of a claim that was never recorded, and never will be: nobody was told of it. */
export const voidedRecordOf = (seat: HeldSeat, now: number): NewRecord => ({
  ...recordOf(seat, undefined, now),
  status: 'ended',
  endedReason: 'lease-expired',
  endedAt: now,
});

/** Whether the record, or an end that it remembers, is this member's: to others the session does not exist. */
export const involvesMember = (record: HolderRecord, userId: string): boolean =>
  record.userId === userId || record.previous.some((end) => end.userId === userId);

/**
 * Returns the reason, for the holder, why a claim that no longer stands ended. A forgotten end is longer ago than a lease,
 * so that lease has expired in any case.
 */
export const reasonOf = (record: HolderRecord, claim: Pick<Claim, 'number' | 'fence'>): EndedReason => {
  if (isRecordOf(record, claim)) return record.endedReason ?? 'lease-expired';
  return (
    record.previous.find((end) => end.number === claim.number && end.fence === claim.fence)?.reason ?? 'lease-expired'
  );
};
