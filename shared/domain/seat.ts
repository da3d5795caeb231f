import { createHash } from 'node:crypto';
import type { EndedReason } from '../contracts/schemas/activation.ts';

/** The numbered items of a pool: a seat for each license, a slot for each machine. Both follow the same rules. */
export type Numbered = 'seats' | 'slots';

/**
 * The kinds of holders. A machine holds a slot; the others hold a seat. A holder's ID is unique within its kind and pool.
 */
export type HolderKind = 'session' | 'user' | 'offline' | 'machine';
export type Holder = `${HolderKind}#${string}`;

export const sessionHolder = (sessionId: string): Holder => `session#${sessionId}`;
export const userHolder = (userId: string): Holder => `user#${userId}`;
export const offlineHolder = (licenseId: string): Holder => `offline#${licenseId}`;
export const machineHolder = (machineId: string): Holder => `machine#${machineId}`;

export const holderKind = (holder: Holder) => holder.slice(0, holder.indexOf('#')) as HolderKind;
export const holderId = (holder: Holder) => holder.slice(holder.indexOf('#') + 1);

/** The `availableAt` of a hold without an end. */
export const noExpiry = Number.MAX_SAFE_INTEGER;

/** One claim of a seat: its holder, and until when. */
export interface Hold {
  holder: Holder;
  userId: string;
  machineId?: string;
  /** A seat's item does not have it, but for claims of earlier releases: the session's record does. */
  hostname?: string;
  /** The machine to which the session is about to move: `shared/table/session-ends/session-moves.ts`. */
  movingTo?: string;
  /** Identifies that move. */
  moveId?: string;
  /** How many moves this claim was marked for; absent: none. */
  marks?: number;
  /** Identifies the write that made this claim, or that moved it to another machine. */
  claimId?: string;
  /** The API key of the session, if that key has a maximum of sessions. */
  keyId?: string;
  /** When the seat was claimed, epoch ms. */
  claimedAt: number;
  /** When the session moved to its machine, epoch ms; absent if it did not move, or moved in an earlier release. */
  movedAt?: number;
  /** When the lease was last extended, epoch ms; absent for a hold without heartbeats. */
  renewedAt?: number;
  /** When the hold ends and others can claim the seat, epoch ms; `noExpiry` for a hold without an end. */
  availableAt: number;
  /** The length of the lease that each heartbeat starts, ms; 0 for a hold without heartbeats. */
  leaseMs: number;
}

/**
 * One seat of a pool. A seat that was never claimed has no item; a freed seat keeps its fence. `(number, fence)` identifies
 * one claim for ever.
 */
export interface Seat {
  number: number;
  fence: number;
  hold?: Hold;
  /** The last claim that ended with its lease, because the seat was claimed again or closed. */
  last?: { fence: number } & LeaseEnd;
  /**
   * When a request that found the pool full last watched the seat, epoch ms. Each end of a claim of a watched seat dissolves the
   * certificate of its block: `census.ts`.
   */
  watchedAt?: number;
}

/** When a lease ended, epoch ms, and the reason if it ended early. */
export interface LeaseEnd {
  end: number;
  reason?: EndedReason;
}

/** A seat with a holder, whose lease may have ended. */
export type HeldSeat = Seat & { hold: Hold };

/** One claim of one seat. */
export interface Claim {
  number: number;
  fence: number;
  holder: Holder;
}

/** Returns a session's seat with the host name that its record has. */
export const withHostname = (seat: HeldSeat, { hostname }: Pick<Hold, 'hostname'>): HeldSeat => ({
  ...seat,
  hold: { ...seat.hold, hostname },
});

/** Returns the claim that a seat has. */
export const seatClaim = ({ number, fence, hold: { holder } }: HeldSeat): Claim => ({ number, fence, holder });

/** Returns whether a seat has a holder, whose lease may have ended. */
export const hasHolder = (seat: Seat | undefined): seat is HeldSeat => seat?.hold !== undefined;

/** Returns whether a seat is held at `now` (epoch ms). */
export const isHeld = (seat: Seat, now: number): seat is HeldSeat =>
  seat.hold !== undefined && seat.hold.availableAt > now;

/** Returns whether a seat's lease has ended and nobody has closed it yet. A late heartbeat can still revive the lease. */
export const isLapsed = (seat: Seat, now: number): seat is HeldSeat =>
  seat.hold !== undefined && seat.hold.availableAt <= now;

/** Returns whether the seat has this claim, and no later one. The claim's lease may have ended. */
export const isClaim = (seat: Seat | undefined, claim: Claim): seat is HeldSeat =>
  seat?.hold !== undefined && seat.fence === claim.fence && seat.hold.holder === claim.holder;

/** Returns the end of a lease that has left its seat; undefined if a later lease has ended there since. */
export const leaseEndOf = (seat: Seat | undefined, { fence }: Pick<Claim, 'fence'>): LeaseEnd | undefined =>
  seat?.last?.fence === fence && seat.last.end < noExpiry ? seat.last : undefined;

/** Returns a hash of a text, evenly distributed over 0..2^32-1. */
export const hash32 = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE();

/**
 * Returns the free number that a holder tries to claim; undefined if there is none. Duplicates of a request choose the same
 * number from the same view, so one of them wins and the others find its claim. Different holders spread.
 */
export const chooseSeat = (holder: Holder, free: readonly number[]): number | undefined =>
  free[hash32(holder) % free.length];
