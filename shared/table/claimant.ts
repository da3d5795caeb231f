import { setTimeout } from 'node:timers/promises';
import type { EndedReason } from '../contracts/schemas/activation.ts';
import type { HolderRecord } from '../domain/record.ts';
import type { HeldSeat, Hold } from '../domain/seat.ts';
import type { Subscription } from '../domain/subscription.ts';
import type { Key, Pool } from './keys.ts';

/** Who wants a seat, and how it holds it. One kind of claimant per kind of holder; the engine knows no other difference. */
export interface Claimant<R extends HolderRecord> {
  pool: Pool;
  holder: Hold['holder'];
  recordKey: Key;
  /** The only type of subscription on whose seats it may stand. */
  licenseType: Subscription['licenseType'];
  /** What stands on the seat: enough to list it and to end it without its record. */
  hold: (subscription: Subscription, now: number) => Hold;
  /** The record of a claim, from what stands on its seat. */
  record: (base: HolderRecord, hold: Hold) => R;
  /** Whether a live record is what this claimant asks for again; otherwise its session ID is taken. */
  isSame: (record: R) => boolean;
  /** For a hold that becomes long only once it is recorded: until when, epoch ms. */
  holdUntil?: (subscription: Subscription) => number;
}

/** What the pool looked like when it refused. */
export interface Occupancy {
  subscription: Subscription;
  /** Every seat that is held. */
  held: HeldSeat[];
}

export type Refused =
  | { outcome: 'missing' }
  | { outcome: 'suspended' | 'expired' }
  /** The subscription's seats are not for this kind of holder. */
  | { outcome: 'not-licensed' }
  /** This holder's record was ended for a reason after which it can't come back. */
  | { outcome: 'ended'; reason: EndedReason }
  /** The holder's ID is live on another machine or for another member. */
  | { outcome: 'conflict' }
  | ({ outcome: 'exhausted' } & Occupancy)
  /** Others, or another request of the same holder, were in the way for too long: try again. */
  | { outcome: 'contended' };

/** A seat with its record: newly acquired, or the one that the holder had. */
export interface Got<R extends HolderRecord> {
  seat: HeldSeat;
  record: R;
  subscription: Subscription;
}

/** Every outcome of `acquire`; `races` counts the claims that it lost on the way. */
export type Acquired<R extends HolderRecord> = { races: number } & (
  | ({ outcome: 'acquired' } & Got<R>)
  | ({ outcome: 'renewed' } & Got<R>)
  | Refused
);

/** Where the engine takes its time from; tests skew it. */
export interface Clock {
  /** Epoch ms. */
  now: () => number;
  pause: (ms: number) => Promise<unknown>;
}

export const systemClock: Clock = { now: Date.now, pause: (ms) => setTimeout(ms) };
