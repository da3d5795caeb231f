import { createHash } from 'node:crypto';
import type { EndedReason } from '../contracts/schemas/activation.ts';

/** The numbered items of a pool: its licenses, and the places of its machines. What holds of a seat holds of a slot. */
export type Numbered = 'seats' | 'slots';

/** What can hold a seat; a machine holds a slot. Its id is unique within its kind and pool. */
export type HolderKind = 'session' | 'user' | 'offline' | 'machine';
export type Holder = `${HolderKind}#${string}`;

export const sessionHolder = (sessionId: string): Holder => `session#${sessionId}`;
export const userHolder = (userId: string): Holder => `user#${userId}`;
export const offlineHolder = (licenseId: string): Holder => `offline#${licenseId}`;
export const machineHolder = (machineId: string): Holder => `machine#${machineId}`;

export const holderKind = (holder: Holder) => holder.slice(0, holder.indexOf('#')) as HolderKind;
export const holderId = (holder: Holder) => holder.slice(holder.indexOf('#') + 1);

/** The `availableAt` of a hold that has no end. */
export const noExpiry = Number.MAX_SAFE_INTEGER;

/** Who stands on a seat, and for how long: one claim of it. */
export interface Hold {
  holder: Holder;
  userId: string;
  machineId?: string;
  hostname?: string;
  /** The machine that its session is about to move to, and the move's own id: `shared/table/session-ends/session-moves.ts`. */
  movingTo?: string;
  moveId?: string;
  /** How many moves this claim was marked for; absent: none. */
  marks?: number;
  /** Names the write that made this claim, or that moved it to another machine. */
  claimId?: string;
  /** The API key of its session, if that key has a maximum of sessions. */
  keyId?: string;
  /** When the seat was claimed, epoch ms. */
  claimedAt: number;
  /** When the lease was last extended, epoch ms; absent for a hold without heartbeats. */
  renewedAt?: number;
  /** From when on the seat can be claimed by others, epoch ms; `never` if it has no end. */
  availableAt: number;
  /** By how much a heartbeat extends the hold, ms; 0 for a hold without heartbeats. */
  leaseMs: number;
}

/**
 * One seat of a pool. A seat that nobody ever claimed has no item; one that was freed keeps its fence.
 * `(number, fence)` names one claim for ever.
 */
export interface Seat {
  number: number;
  fence: number;
  hold?: Hold;
  /** The last claim whose lease ended, taken over or closed. */
  last?: { fence: number } & LeaseEnd;
}

/** When a lease ended, epoch ms, and the reason of an early end. */
export interface LeaseEnd {
  end: number;
  reason?: EndedReason;
}

/** A seat on which somebody stands. */
export type HeldSeat = Seat & { hold: Hold };

/** One claim of one seat. */
export interface Claim {
  number: number;
  fence: number;
  holder: Holder;
}

/** Whether somebody holds the seat now. */
export const isHeld = (seat: Seat, now: number): seat is HeldSeat =>
  seat.hold !== undefined && seat.hold.availableAt > now;

/** Whether the seat's hold has ended by time, with nobody having closed it: a late heartbeat could still revive it. */
export const isLapsed = (seat: Seat, now: number): seat is HeldSeat =>
  seat.hold !== undefined && seat.hold.availableAt <= now;

/** Whether this claim, and no later one, stands on the seat (its lease may have ended). */
export const isClaim = (seat: Seat | undefined, claim: Claim): seat is HeldSeat =>
  seat?.hold !== undefined && seat.fence === claim.fence && seat.hold.holder === claim.holder;

/** Returns how the lease of a claim that left its seat ended, as the seat tells; undefined if others lapsed since. */
export const leaseEndOf = (seat: Seat | undefined, { fence }: Pick<Claim, 'fence'>): LeaseEnd | undefined =>
  seat?.last?.fence === fence && seat.last.end < noExpiry ? seat.last : undefined;

/** A number that is the same for the same text, and spread evenly over 0..2^32-1. */
export const hash32 = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE();

/**
 * The free number that a holder tries to claim. Duplicates of a request choose the same number from the same view, so
 * that one of them wins and the others find it; different holders spread.
 */
export const chooseSeat = (holder: Holder, free: readonly number[]): number | undefined =>
  free[hash32(holder) % free.length];
