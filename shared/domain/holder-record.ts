import type { EndedReason } from '../contracts/schemas/activation.ts';
import type { Actor } from './accounts/actor.ts';
import { type Claim, type HeldSeat, leaseEndOf, type Seat } from './seat.ts';

/** How one claim ended. */
export interface ClaimEnd {
  number: number;
  fence: number;
  /** The user whose claim it was. */
  userId: string;
  reason: EndedReason;
  /** Epoch ms. */
  at: number;
  /** Set if the session was activated again before anybody noticed this lapse: that activation's event tells of it. */
  unnoticed?: Pick<Session, 'machineId' | 'activatedAt'>;
}

/**
 * The record of a holder. The record is the truth about the holder; the seat is the truth about the quota. A record exists
 * only for a verified claim. An ended record keeps its reason.
 */
export interface HolderRecord {
  /** `pending`: the claim is verified, but its hold is still short. Only holds without heartbeats are ever pending. */
  status: 'pending' | 'active' | 'ended';
  /** The claim: the number and fence of its seat. */
  number: number;
  fence: number;
  /** Grows with each write. A new claim replaces the record only if the record has not changed since it was read. */
  revision: number;
  userId: string;
  endedReason?: EndedReason;
  /** Epoch ms. */
  endedAt?: number;
  /** The actor that ended the claim. Absent also if an earlier release ended it. */
  endedBy?: Actor;
  /** How long the holder waited in the queue, seconds; absent if it did not wait. */
  waitedSeconds?: number;
  /** How the holder's earlier claims ended, newest first. Old ends are dropped. */
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
  /** The actor that activated the session; absent if an earlier release did. */
  startedBy?: Actor;
  leaseSeconds: number;
  /** Set if the session uses a user's license instead of a seat of its own. */
  licensed?: true;
  /** Set if the claim was first recorded as ended: it was never answered, and the history leaves it out. */
  untold?: true;
  /** A move to another machine that has started: `shared/table/session-ends/session-moves.ts`. */
  moving?: Move;
}

/** A move of a session to another machine, with the claim that it gets. */
export interface Move {
  id: string;
  machineId: string;
  fence: number;
  /** When the move started, epoch ms. */
  at: number;
}

/** After these ends the same session ID may activate again. Every other end was somebody's decision, and is final. */
const mayComeBackAfter: ReadonlySet<EndedReason> = new Set([
  'released',
  'lease-expired',
  'idle-timeout',
  'subscription-expired',
  'subscription-suspended',
]);

/** Returns whether a session that ended for this reason may activate again. */
export const mayComeBack = (reason: EndedReason): boolean => mayComeBackAfter.has(reason);

/** Returns whether a record stands for this claim. */
export const isRecordOf = (record: HolderRecord | undefined, claim: Pick<Claim, 'number' | 'fence'>): boolean =>
  record !== undefined && record.number === claim.number && record.fence === claim.fence;

/** How many earlier ends a record keeps, at least and at most. Older ends are in the history. */
const keptEnds = { min: 4, max: 50 };
/** The largest difference between two clocks that the service allows for, ms. */
const skewMs = 60_000;

/**
 * Returns a record whose claim has left its seat, with the end of its lease as the seat shows it. The record that replaces
 * this one keeps that end. An ended record is returned unchanged.
 *
 * @param seat the seat, read after the claim had left it
 */
export const withLeaseEnd = <R extends HolderRecord>(record: R, seat: Seat | undefined): R => {
  const ended = record.status === 'active' ? leaseEndOf(seat, record) : undefined;
  return ended ? { ...record, endedReason: ended.reason ?? 'lease-expired', endedAt: ended.end } : record;
};

/**
 * Returns the earliest possible end of a claim, epoch ms: the end of its first lease. Use it if the seat no longer shows
 * the real end. Heartbeats may have extended the lease, but with the earliest end no two leases of one seat overlap in
 * the history.
 */
export const earliestEnd = (
  { activatedAt, leaseSeconds = 0 }: Partial<Pick<Session, 'activatedAt' | 'leaseSeconds'>>,
  now: number,
): number => (activatedAt === undefined ? now : Math.min(now, activatedAt + leaseSeconds * 1000));

type AnyRecord = HolderRecord & Partial<Pick<Session, 'activatedAt' | 'leaseSeconds' | 'machineId'>>;

/**
 * Returns the earlier ends for the record that replaces this one, newest first: the end of this record and those it
 * keeps. Ends within the last lease stay, since their holders may not have asked for the reason yet, and a few more. A
 * live record that is replaced had lapsed.
 *
 * @param record the last fields are there for a session
 */
export const previousEnds = (record: AnyRecord | undefined, now: number): readonly ClaimEnd[] => {
  if (!record) return [];
  const { number, fence, userId, endedReason: reason = 'lease-expired', previous, leaseSeconds = 0 } = record;
  const at = record.endedAt ?? earliestEnd(record, now);
  const ends: ClaimEnd[] = [{ number, fence, userId, reason, at, ...unnoticed(record, reason) }, ...previous];
  const leaseAgo = now - leaseSeconds * 1000 - skewMs;
  return ends.slice(0, keptEnds.max).filter(({ at }, index) => index < keptEnds.min || at >= leaseAgo);
};

/** A live record that is replaced had lapsed, unless its session moves. */
const unnoticed = ({ status, machineId, activatedAt }: AnyRecord, reason: EndedReason): Pick<ClaimEnd, 'unnoticed'> =>
  status === 'active' && reason !== 'license-transferred' && machineId !== undefined && activatedAt !== undefined
    ? { unnoticed: { machineId, activatedAt } }
    : {};

/** The record of a new claim. */
export type NewRecord = HolderRecord & { status: 'active' | 'ended' };

/**
 * Returns the record of a new claim.
 *
 * @param asRead the record that it replaces, as it was read
 */
export const recordOf = (seat: HeldSeat, asRead: HolderRecord | undefined, now: number): NewRecord => ({
  status: 'active',
  number: seat.number,
  fence: seat.fence,
  revision: (asRead?.revision ?? 0) + 1,
  userId: seat.hold.userId,
  previous: previousEnds(asRead, now),
});

/** Returns an ended record for a claim that was never answered, so that the claim can never be recorded as active. */
export const voidedRecordOf = (seat: HeldSeat, now: number): NewRecord => ({
  ...recordOf(seat, undefined, now),
  status: 'ended',
  endedReason: 'lease-expired',
  endedAt: now,
});

/**
 * Returns whether the record, or an earlier end in it, belongs to this member. For other members the session does not
 * exist.
 */
export const involvesMember = (record: HolderRecord, userId: string): boolean =>
  record.userId === userId || record.previous.some((end) => end.userId === userId);

/**
 * Returns why a claim ended, for its holder. An end that the record has dropped is older than a lease: then
 * `lease-expired` is true in any case.
 */
export const reasonOf = (record: HolderRecord, claim: Pick<Claim, 'number' | 'fence'>): EndedReason => {
  if (isRecordOf(record, claim)) return record.endedReason ?? 'lease-expired';
  return (
    record.previous.find((end) => end.number === claim.number && end.fence === claim.fence)?.reason ?? 'lease-expired'
  );
};
