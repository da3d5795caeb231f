import type { EndedReason } from '../../contracts/schemas/activation.ts';
import type { KeyLimitReached, LimitReached } from '../../domain/accounts/limits.ts';
import type { HolderRecord, NewRecord } from '../../domain/holder-record.ts';
import type { Line } from '../../domain/queue.ts';
import type { HeldSeat, Hold } from '../../domain/seat.ts';
import { type Capacity, capacityOf, type Subscription } from '../../domain/subscription.ts';
import type { Clock } from '../store/clock.ts';
import type { Key, Pool } from '../store/keys.ts';
import type { BeginAgain } from '../store/retry.ts';
import type { Found } from '../store/table.ts';
import type { Raised } from './raise-claimable.ts';

/** Who wants a seat, and how it holds it. One kind of claimant per kind of holder; the engine knows no other difference. */
export interface Claimant<R extends HolderRecord> {
  pool: Pool;
  holder: Hold['holder'];
  recordKey: Key<R>;
  /** The only type of subscription on whose seats it may stand; without it, on any. */
  licenseType?: Subscription['licenseType'];
  /** The numbers that it may claim, where these differ from those that the subscription gives the pool: see `capacityFor`. */
  capacity?: (subscription: Subscription) => Partial<ClaimantCapacity>;
  /** Opens more numbers when none is free up to `claimable`, and that is below the quota (default: `raiseClaimable`). */
  openNumbers?: (subscription: Subscription, now: number) => Promise<Raised>;
  /** What stands on the seat: enough to list it and to end it without its record. */
  hold: (subscription: Subscription, now: number) => Hold;
  /**
   * Who waits for these seats, where anybody does: it lets those before it go first. Without it, it takes whatever is free.
   *
   * @returns `conflict` if somebody else waits by its ID
   */
  line?: (subscription: Subscription, record: R | undefined, now: number) => Promise<Line | 'conflict' | undefined>;
  /**
   * Whether it waits if it finds nothing: then it need not have seen every number held to know that its turn has not come
   * where as many as there are seats go first.
   */
  joinsQueue?: (subscription: Subscription) => boolean;
  /** What else must be so: it is read together with the subscription. */
  precondition?: Precondition;
  /**
   * Checks, before each claim, whether anything bars the holder from a new seat, free or not. So no claim that must be given
   * back takes a seat from others.
   */
  admit?: ((clock: Clock) => Promise<Refused | BeginAgain | undefined>) | undefined;
  /** What it needs beside the seat: it gets that once its claim is verified, and gives the seat back if it can't. */
  acquireDependencies?: (
    seat: HeldSeat,
    found: Found,
    subscription: Subscription,
    clock: Clock,
  ) => Promise<Refused | BeginAgain | undefined>;
  /** The record of a claim, from what stands on its seat, over the record as it was read. */
  record: (base: NewRecord, hold: Hold, asRead?: R) => R;
  /** Whether a live record is what this claimant asks for again; otherwise its session ID is taken. */
  isSameRequest: (record: R) => boolean;
  /**
   * What an active record leaves to be settled first, of what somebody else began with it.
   *
   * @returns `underway` if that is not for others to settle yet; undefined if there is nothing
   */
  settleFirst?: (record: R, now: number) => Promise<'settled' | 'underway'> | undefined;
  /** Finishes an end that stopped before it freed its seat, before somebody else may have that seat. */
  finishEnd?: (ended: R, now: number) => Promise<void>;
  /** It may come back after any end. Without this: after the ends from which a session may come back. */
  mayAlwaysReturn?: true;
  /** A hold without heartbeats, that becomes long only once it is recorded. */
  pendingHold?: PendingHold<R>;
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

/** Items that decide beside the subscription, before a claim and once more after it, and what they decide. */
export interface Precondition {
  keys: readonly Key[];
  /** What they have against the claim, if anything. */
  violation: (found: Found, subscription: Subscription, now: number) => Violation | undefined;
}

type Violation = Exclude<Refused, { outcome: 'contended' }>;

/** A hold that is claimed for a minute, verified, recorded as pending, and only then made long. */
interface PendingHold<R extends HolderRecord> {
  /** Until when, by its record, epoch ms. What held until then is over for good: a repetition does not revive it. */
  until: (record: R) => number;
  /** Completes or drops what a pending record stands for: whoever meets one does that first. */
  resolve: (record: R) => Promise<unknown>;
}

/** How long such a seat is claimed at first, ms. */
export const shortHoldMs = 60_000;

/** What the pool looked like when it refused. */
export interface Occupancy {
  subscription: Subscription;
  /** Every seat that is held. */
  held: HeldSeat[];
  /** How many wait and go first: seats that are free are theirs. */
  ahead?: number;
}

export type Refused =
  | { outcome: 'missing' }
  | { outcome: 'suspended' | 'expired' }
  /** The subscription's seats are not for this kind of holder. */
  | { outcome: 'not-licensed' }
  /** This holder's record was ended for a reason after which it can't come back. */
  | { outcome: 'ended'; reason: EndedReason }
  /** The subscription is no longer as the claimant read it: what it asks for has to be thought over. */
  | { outcome: 'stale' }
  /** The holder's ID is live on another machine or for another member. */
  | { outcome: 'conflict' }
  | ({ outcome: 'exhausted' } & Occupancy)
  | MachineRefused
  /** A limit of the organization is reached. */
  | { outcome: 'limited'; reached: LimitReached }
  /** A limit of the request's API key is reached. */
  | { outcome: 'key-limited'; reached: KeyLimitReached }
  /** Others, or another request of the same holder, were in the way for too long: try again. */
  | { outcome: 'contended' };

/** Why a machine may not be used, though a seat is free. */
export type MachineRefused =
  /** As many machines are registered as may be. */
  | { outcome: 'machines-exhausted'; machineQuota: number; registered: number }
  /** It was deactivated, and may not come back until then (epoch ms). */
  | { outcome: 'blocked'; until: number };

/** A seat with its record: newly acquired, or the one that the holder had. */
export interface Holding<R extends HolderRecord> {
  seat: HeldSeat;
  record: R;
  subscription: Subscription;
}

/** Every outcome of `acquire`; `races` counts the claims that it lost on the way, `line` is who waited. */
export type Acquired<R extends HolderRecord> = { races: number; line?: Line } & (
  | ({ outcome: 'acquired' } & Holding<R>)
  | ({ outcome: 'renewed' } & Holding<R>)
  | Refused
);
