import type { EndedReason } from '../../contracts/schemas/activation.ts';
import type { KeyLimitReached, LimitReached } from '../../domain/accounts/limits.ts';
import type { HolderRecord, NewRecord } from '../../domain/holder-record.ts';
import type { Line } from '../../domain/queue.ts';
import type { HeldSeat, Hold } from '../../domain/seat.ts';
import type { View } from '../../domain/seat-view.ts';
import { type Capacity, capacityOf, type Subscription } from '../../domain/subscription.ts';
import type { Clock } from '../store/clock.ts';
import type { Key, Pool } from '../store/keys.ts';
import type { BeginAgain } from '../store/retry.ts';
import type { Found } from '../store/table.ts';
import type { Raised } from './raise-claimable.ts';

/** A holder that wants a seat. Each kind of holder has its claimant; the engine knows no other difference. */
export interface Claimant<R extends HolderRecord> {
  pool: Pool;
  holder: Hold['holder'];
  recordKey: Key<R>;
  /** The license type that the subscription must have; default: any. */
  licenseType?: Subscription['licenseType'];
  /** The numbers that the claimant may claim, if they differ from the subscription's: see `capacityFor`. */
  capacity?: (subscription: Subscription) => Partial<ClaimantCapacity>;
  /** Opens more numbers when none is free up to `claimable`, and that is below the quota (default: `raiseClaimable`). */
  openNumbers?: (subscription: Subscription, now: number) => Promise<Raised>;
  /** Returns the hold for the seat: enough to list and end it without its record. */
  hold: (subscription: Subscription, now: number) => Hold;
  /** The queue in which the claimant lets others go first. Without this it takes any free seat. */
  queue?: ClaimantQueue<R>;
  /**
   * Returns whether it waits if no seat is for it. If at least `quota` tickets are ahead, it may then wait without a read of the
   * whole pool; if it has a place, without a second read of the pool.
   */
  joinsQueue?: (subscription: Subscription, line: Line | undefined, now: number) => boolean;
  /** A refusal may come from the censuses of a large pool, without the holders. */
  trustsCensus?: true;
  /** The items that decide beside the subscription. */
  precondition?: Precondition;
  /** Checks before each claim whether the holder may have a new seat at all, so that no claim in vain takes one from others. */
  admit?: ((clock: Clock) => Promise<Refused | BeginAgain | undefined>) | undefined;
  /** Gets what the holder needs beside the seat, after the verification. On a refusal the seat is given back. */
  acquireDependencies?: (
    seat: HeldSeat,
    found: Found,
    subscription: Subscription,
    clock: Clock,
  ) => Promise<Refused | BeginAgain | undefined>;
  /** Returns the record of a claim, from the hold on its seat and the record that it replaces. */
  record: (base: NewRecord, hold: Hold, asRead?: R) => R;
  /** Returns whether this claimant repeats the request of a live record; otherwise its ID is taken. */
  isSameRequest: (record: R) => boolean;
  /**
   * Settles what another request began with an active record.
   *
   * @returns `underway` if that request still has time; undefined if there is nothing to settle
   */
  settleFirst?: (record: R, now: number) => Promise<'settled' | 'underway'> | undefined;
  /** Finishes an end that stopped before it freed its seat. The seat is freed after it. */
  finishEnd?: (ended: R, now: number) => Promise<void>;
  /** The holder may come back after any end; default: `mayComeBack` decides. */
  mayAlwaysReturn?: true;
  pendingHold?: PendingHold<R>;
}

/** The queue, as a claimant reads it. */
interface ClaimantQueue<R extends HolderRecord> {
  /**
   * Reads the head of the line, perhaps late by a moment.
   *
   * @returns `conflict` if another member or machine waits by the claimant's ID
   */
  read: (subscription: Subscription, record: R | undefined, now: number) => Promise<Line | 'conflict' | undefined>;
  /** Reads the line on until more than `free` sessions are known to go first, or all of them are known. */
  readOn: (line: Line, free: number, now: number) => Promise<Line>;
  /** Returns whether the claimant may keep the seat that it has just claimed by this line and view. */
  isItsTurn: (
    subscription: Subscription,
    seen: { line: Line | undefined; view: View },
    now: number,
  ) => Promise<boolean>;
}

/** The numbers from `lowest` on, up to `claimable`, of which `quota` may be held. */
interface ClaimantCapacity extends Capacity {
  lowest: number;
}

/** Returns the numbers that a claimant may claim. */
export const capacityFor = <R extends HolderRecord>(
  { pool, capacity }: Pick<Claimant<R>, 'pool' | 'capacity'>,
  subscription: Subscription,
): ClaimantCapacity => ({ lowest: 1, ...capacityOf(subscription, pool.numbered), ...capacity?.(subscription) });

/** Items that decide beside the subscription, before a claim and again after it. */
export interface Precondition {
  keys: readonly Key[];
  /** Returns whether these items may decide anything; default: always. */
  isNeeded?: (subscription: Subscription, now: number) => boolean;
  /** Returns the refusal of the claim by these items, if any. */
  violation: (found: Found, subscription: Subscription, now: number) => Violation | undefined;
}

type Violation = Exclude<Refused, { outcome: 'contended' }>;

/** A hold that is claimed for a minute, verified, recorded as pending, and only then made long. */
interface PendingHold<R extends HolderRecord> {
  /** Returns the end of the hold, epoch ms. A repetition does not revive a hold that has ended. */
  until: (record: R) => number;
  /** Completes or drops a pending record. Every request that reads one does this first. */
  resolve: (record: R) => Promise<unknown>;
}

/** The length of a pending hold at first, ms. */
export const shortHoldMs = 60_000;

/** The pool at the time of a refusal. */
export interface Occupancy {
  subscription: Subscription;
  /** Every seat that is held; none if the censuses told that all are. */
  held: HeldSeat[];
  /** The figures of the censuses, if these refused. `nextFreeAt`: the earliest end of a hold, epoch ms; `noExpiry`: none. */
  census?: { inUse: number; nextFreeAt: number };
  /** The number of waiting sessions that go first: free seats are theirs. */
  ahead?: number;
}

/** Returns the number of seats that are held. */
export const inUse = ({ held, census }: Occupancy): number => census?.inUse ?? held.length;

export type Refused =
  | { outcome: 'missing' }
  | { outcome: 'suspended' | 'expired' }
  /** The subscription's seats are not for this kind of holder. */
  | { outcome: 'not-licensed' }
  /** The holder's last claim ended for a reason that is final. */
  | { outcome: 'ended'; reason: EndedReason }
  /** The subscription changed since the caller read it. */
  | { outcome: 'stale' }
  /** The holder's ID is live on another machine or for another member. */
  | { outcome: 'conflict' }
  | ({ outcome: 'exhausted' } & Occupancy)
  | MachineRefused
  /** A limit of the organization is reached. */
  | { outcome: 'limited'; reached: LimitReached }
  /** A limit of the request's API key is reached. */
  | { outcome: 'key-limited'; reached: KeyLimitReached }
  /** Other requests were in the way for too long: try again. */
  | { outcome: 'contended' };

/** Why a machine may not be used, though a seat is free. */
export type MachineRefused =
  /** The machine quota is reached. */
  | { outcome: 'machines-exhausted'; machineQuota: number; registered: number }
  /** The machine was removed, and may not come back before `until` (epoch ms). */
  | { outcome: 'blocked'; until: number };

/** A seat with its record: newly acquired, or the one that the holder had. */
export interface Holding<R extends HolderRecord> {
  seat: HeldSeat;
  record: R;
  subscription: Subscription;
}

/** The outcomes of `acquire`. `races` counts the claims that it lost; `line` is the queue, `asRead` the record before a claim. */
export type Acquired<R extends HolderRecord> = { races: number; line?: Line; asRead?: R | undefined } & (
  | ({ outcome: 'acquired' } & Holding<R>)
  | ({ outcome: 'renewed' } & Holding<R>)
  | Refused
);
