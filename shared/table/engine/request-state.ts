import { blockOf, blockSize, rangeOf } from '../../domain/census.ts';
import { type HolderRecord, mayComeBack } from '../../domain/holder-record.ts';
import { hash32, isHeld, type Seat } from '../../domain/seat.ts';
import {
  crowdSize,
  type EarlierRead,
  everySeat,
  isCrowded,
  merge,
  nextReach,
  type ReadPlan,
  type View,
  windowSize,
  windowStart,
} from '../../domain/seat-view.ts';
import { isInBlocks, type Subscription, statusOf } from '../../domain/subscription.ts';
import { blockFor, knownBlocks, learnBlocks } from '../items/blocks.ts';
import { readSeats } from '../items/read-seats.ts';
import { type Key, keys, type Pool, type Position, ranges } from '../store/keys.ts';
import { type Found, keyText, readItems, readPage, type Table } from '../store/table.ts';
import type { Claimant, MachineRefused, Refused } from './claimant.ts';

/** Returns the range of a pool's seats from a number on, in its block or in the pool's partition. */
const seatsFrom = (pool: Pool, first: number, block?: number) => ranges.seats(pool, first, everySeat.last, block);

/**
 * Returns the view that a page of seats from a number on gives.
 *
 * @param end the last number of the partition that was read
 */
const viewOf = (
  first: number,
  { items, next }: { items: readonly Seat[]; next?: Position },
  end = everySeat.last,
): View => ({
  ranges: [{ first, last: Math.min(end, next ? (items.at(-1)?.number ?? first) : everySeat.last) }],
  seats: items.filter(({ number }) => number <= end),
});

/** Returns the terms of a pool whose numbers are in blocks, if this process knows them. Slots never are. */
const termsInBlocks = (table: Table, pool: Pool): Subscription | undefined => {
  const known = pool.numbered === 'slots' ? undefined : knownBlocks(table, pool);
  return known && isInBlocks(known) ? known.terms : undefined;
};

/** Returns the last number in the partition of a block, or in the pool's. */
const endOf = (table: Table, pool: Pool, block = 1): number =>
  termsInBlocks(table, pool) ? block * (table.blockSize ?? blockSize) : everySeat.last;

/** Reads the parts of a plan in parallel. */
export const readPlanned = async (table: Table, pool: Pool, plan: ReadPlan): Promise<View> => {
  if ('ranges' in plan) return { ranges: plan.ranges, seats: await readSeats(table, pool, plan.ranges) };
  const views = await Promise.all(
    plan.windows.map(async (first) => {
      const block = await blockFor(table, pool, first);
      const page = await readPage(table, seatsFrom(pool, first, block), { limit: windowSize });
      return viewOf(first, page, endOf(table, pool, block));
    }),
  );
  return views.reduce(merge);
};

const nameOf = (pool: Pool) => keyText(keys.seat(pool, 0));

/** Remembers a hint for a pool. A process that has hints for so many pools forgets them all, so that its memory stays small. */
const remember = <T>(hints: Map<string, T>, pool: Pool, hint: T, most = 10_000): void => {
  if (hints.size >= most) hints.clear();
  hints.set(nameOf(pool), hint);
};

/** The number up to which first windows spread, by pool: a hint in the memory of this process. */
const reaches = new Map<string, number>();
const reachOf = (pool: Pool) => reaches.get(nameOf(pool)) ?? windowSize;

/** Remembers how full the first window was, for the next ones. */
export const learnReach = (pool: Pool, view: View, claimable: number, now: number): void => {
  const held = view.seats.filter((seat) => isHeld(seat, now)).length;
  remember(reaches, pool, nextReach(reachOf(pool), held, claimable));
};

/** The crowded pools, each with the end of that hint (epoch ms). */
const crowds = new Map<string, number>();
const crowdMs = 60_000;

/** Remembers that few numbers are free, so that the next requests read the whole pool at once. */
export const learnCrowd = (pool: Pool, view: View, claimable: number, now: number): void => {
  if (pool.numbered === 'slots' || !isCrowded(view, claimable, now)) return;
  remember(crowds, pool, now + crowdMs);
};

/** A read that showed no free number to this process. It is the first of two that prove the pool full for a later request. */
export interface FullRead extends EarlierRead {
  /** The version of the subscription: with other terms, a renewal could have shortened a lease since. */
  version: number;
  /** Whether the pool had the same claims at the refusal before. */
  isSteady: boolean;
}

/** The last such read by client, so that two processes of a test stay apart, and by pool. */
const fullReads = new WeakMap<Table['client'], Map<string, FullRead>>();
const mostFull = { pools: 100, seats: 1024 };

export const lastFullRead = (table: Table, pool: Pool): FullRead | undefined =>
  fullReads.get(table.client)?.get(nameOf(pool));

/** Remembers a read that showed the pool full. */
export const learnFull = (table: Table, pool: Pool, read: FullRead): void => {
  if (pool.numbered === 'slots' || read.held.length > mostFull.seats) return;
  const ofTable = fullReads.get(table.client) ?? new Map<string, FullRead>();
  fullReads.set(table.client, ofTable);
  remember(ofTable, pool, read, mostFull.pools);
};

export interface RequestState<R extends HolderRecord> {
  subscription: Subscription | undefined;
  /** The block whose copy of the subscription was read; absent: the subscription itself. */
  block?: number | undefined;
  record: R | undefined;
  /** The items of the claimant's precondition. */
  found: Found;
  /** A first window of the pool's seats. */
  view: View;
  /** An earlier request's read that showed the pool full. */
  earlier: FullRead | undefined;
  /** When the read of the view began, epoch ms. */
  from: number;
  /** Whether the view may be late by a moment. */
  isLate: boolean;
}

/**
 * Returns the block in which a holder's first window is, and where the window begins. Holders spread over all blocks, so that no
 * partition gets the load of the whole pool.
 */
const firstWindowOf = (table: Table, pool: Pool, holder: string): { block: number | undefined; first: number } => {
  const spreadBy = hash32(holder);
  const { blockSize: size = blockSize } = table;
  const terms = termsInBlocks(table, pool);
  if (!terms) return { block: undefined, first: windowStart(spreadBy, reachOf(pool)) };
  const { claimable } = terms;
  const block = blockOf(1 + (spreadBy % Math.max(1, claimable)), size);
  const { first, last } = rangeOf(block, claimable, size);
  const inBlock = windowStart(Math.floor(spreadBy / Math.max(1, claimable)), Math.min(reachOf(pool), last - first + 1));
  return { block: block > 1 ? block : undefined, first: first - 1 + inBlock };
};

/**
 * Reads the terms of a claim and other items, and those of its precondition if the terms call for them: in one request, if the
 * terms that the process has read last do.
 *
 * @param termsKey the key of the subscription, or of a block's copy
 */
export const readTerms = async (
  table: Table,
  { pool, precondition }: Pick<Claimant<never>, 'pool' | 'precondition'>,
  termsKey: Key<Subscription>,
  others: readonly Key[],
  now: number,
): Promise<Found> => {
  const { keys: needed = [], isNeeded } = precondition ?? {};
  const last = knownBlocks(table, pool)?.terms;
  const reads = !isNeeded || !last || isNeeded(last, now);
  const found = await readItems(table, [termsKey, ...others, ...(reads ? needed : [])]);
  const terms = found.get(termsKey);
  if (reads || !terms || !isNeeded(terms, now)) return found;
  const more = await readItems(table, needed);
  return { get: (key) => found.get(key) ?? more.get(key) };
};

/**
 * Reads the subscription, the record and the precondition's items in one request, and a window of seats in parallel. In a pool
 * that is known to be in blocks: a block's copy of the subscription, and a window of that block.
 */
export const readRequestState = async <R extends HolderRecord>(
  table: Table,
  { pool, holder, recordKey, precondition }: Claimant<R>,
  now: number,
): Promise<RequestState<R>> => {
  const { block, ...window } = firstWindowOf(table, pool, holder);
  const subscriptionKey = block === undefined ? keys.subscription(pool) : keys.terms(pool, block);
  const wasCrowded = block === undefined && (crowds.get(nameOf(pool)) ?? 0) > now;
  const earlier = lastFullRead(table, pool);
  // A late view costs half. It is good enough to choose a number, since a claim has its condition, and to be the first of two
  // reads that prove a pool full. With the read of a steady pool's last refusal, a consistent view is the second of them.
  const isLate = wasCrowded && !earlier?.isSteady;
  const { first, limit } = wasCrowded ? { first: 1, limit: crowdSize } : { ...window, limit: windowSize };
  const [found, page] = await Promise.all([
    readTerms(table, { pool, precondition }, subscriptionKey, [recordKey], now),
    readPage(table, seatsFrom(pool, first, block), { limit, consistent: !isLate }),
  ]);
  const subscription = found.get(subscriptionKey);
  if (subscription) learnBlocks(table, subscription);
  return {
    subscription,
    block,
    record: found.get(recordKey),
    found,
    view: viewOf(first, page, endOf(table, pool, block)),
    earlier,
    from: now,
    isLate,
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
