import { type HolderRecord, mayComeBack } from '../../domain/holder-record.ts';
import { hash32, isHeld, type Seat } from '../../domain/seat.ts';
import {
  crowdSize,
  everySeat,
  isCrowded,
  merge,
  nextReach,
  type ReadPlan,
  type View,
  windowSize,
  windowStart,
} from '../../domain/seat-view.ts';
import { type Subscription, statusOf } from '../../domain/subscription.ts';
import { readSeats } from '../items/seats.ts';
import { keys, type Pool, type Position, ranges } from '../store/keys.ts';
import { type Found, keyText, readItems, readPage, type Table } from '../store/table.ts';
import type { Claimant, MachineRefused, Refused } from './claimant.ts';

/** Returns the range of a pool's seats from a number on. */
const seatsFrom = (pool: Pool, first: number) => ranges.seats(pool, first, everySeat.last);

/** Returns the view that a page of seats from a number on gives. */
const viewOf = (first: number, { items, next }: { items: readonly Seat[]; next?: Position }): View => ({
  ranges: [{ first, last: next ? (items.at(-1)?.number ?? first) : everySeat.last }],
  seats: items,
});

/** Reads the parts of a plan in parallel. */
export const readPlanned = async (table: Table, pool: Pool, plan: ReadPlan): Promise<View> => {
  if ('ranges' in plan) return { ranges: plan.ranges, seats: await readSeats(table, pool, plan.ranges) };
  const views = await Promise.all(
    plan.windows.map(async (first) =>
      viewOf(first, await readPage(table, seatsFrom(pool, first), { limit: windowSize })),
    ),
  );
  return views.reduce(merge);
};

/** The number up to which first windows spread, by pool: a hint in the memory of this process. */
const reaches = new Map<string, number>();
const nameOf = (pool: Pool) => keyText(keys.seat(pool, 0));
const reachOf = (pool: Pool) => reaches.get(nameOf(pool)) ?? windowSize;

/** Remembers how full the first window was, for the next ones. */
export const learnReach = (pool: Pool, view: View, claimable: number, now: number): void => {
  if (reaches.size > 10_000) reaches.clear();
  const held = view.seats.filter((seat) => isHeld(seat, now)).length;
  reaches.set(nameOf(pool), nextReach(reachOf(pool), held, claimable));
};

/** The crowded pools, each with the end of that hint (epoch ms). */
const crowds = new Map<string, number>();
const crowdMs = 60_000;

/** Remembers that few numbers are free, so that the next requests read the whole pool at once. */
export const learnCrowd = (pool: Pool, view: View, claimable: number, now: number): void => {
  if (pool.numbered === 'slots' || !isCrowded(view, claimable, now)) return;
  if (crowds.size > 10_000) crowds.clear();
  crowds.set(nameOf(pool), now + crowdMs);
};

/**
 * The first seats of a crowded pool, at half the price of a strongly consistent read. The view may be late by a moment. That is
 * good enough to choose a number, since a claim has its condition, and for the first of the two reads that prove a pool full.
 */
const crowdedPool = { first: 1, limit: crowdSize, consistent: false };

export interface RequestState<R extends HolderRecord> {
  subscription: Subscription | undefined;
  record: R | undefined;
  /** The items of the claimant's precondition. */
  found: Found;
  /** A first window of the pool's seats. */
  view: View;
}

/** Reads the subscription, the record and the precondition's items in one request, and a window of seats in parallel. */
export const readRequestState = async <R extends HolderRecord>(
  table: Table,
  { pool, holder, recordKey, precondition }: Claimant<R>,
  now: number,
): Promise<RequestState<R>> => {
  const subscriptionKey = keys.subscription(pool);
  const wasCrowded = (crowds.get(nameOf(pool)) ?? 0) > now;
  const { first, ...options } = wasCrowded
    ? crowdedPool
    : { first: windowStart(hash32(holder), reachOf(pool)), limit: windowSize };
  const [found, page] = await Promise.all([
    readItems(table, [subscriptionKey, recordKey, ...(precondition?.keys ?? [])]),
    readPage(table, seatsFrom(pool, first), options),
  ]);
  return {
    subscription: found.get(subscriptionKey),
    record: found.get(recordKey),
    found,
    view: viewOf(first, page),
  };
};

export type Eligibility =
  | { outcome: 'eligible'; subscription: Subscription }
  | Exclude<Refused, { outcome: 'exhausted' | 'conflict' | 'contended' | 'stale' | MachineRefused['outcome'] }>;

/** Returns whether the holder may have a seat if one is free, by its subscription and record alone. */
export const checkEligibility = <R extends HolderRecord>(
  { licenseType, mayAlwaysReturn }: Pick<Claimant<R>, 'licenseType' | 'mayAlwaysReturn'>,
  subscription: Subscription | undefined,
  record: HolderRecord | undefined,
  now: number,
): Eligibility => {
  if (!subscription) return { outcome: 'missing' };
  // Final whatever the status, so this comes first.
  if (licenseType && subscription.licenseType !== licenseType) return { outcome: 'not-licensed' };
  const status = statusOf(subscription, now);
  if (status !== 'active') return { outcome: status };
  if (record?.endedReason && !mayAlwaysReturn && !mayComeBack(record.endedReason))
    return { outcome: 'ended', reason: record.endedReason };
  return { outcome: 'eligible', subscription };
};
