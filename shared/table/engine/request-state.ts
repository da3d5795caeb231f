import { type HolderRecord, mayComeBack } from '../../domain/holder-record.ts';
import { isHeld, spread } from '../../domain/seat.ts';
import {
  crowdSize,
  everySeat,
  isCrowded,
  type Look,
  merge,
  nextReach,
  type View,
  windowSize,
  windowStart,
} from '../../domain/seat-view.ts';
import { type Subscription, statusOf } from '../../domain/subscription.ts';
import { readSeatPage, readSeats } from '../items/seats.ts';
import { subscriptionOf } from '../items/subscriptions.ts';
import { type Key, keys, type Pool } from '../store/keys.ts';
import { type Item, keyText, readItems, type Table } from '../store/table.ts';
import type { Claimant, MachineRefused, Refused } from './claimant.ts';

/** A window: the seats from a number on, as many as are cheap to read. */
const lookFrom = (table: Table, pool: Pool, first: number): Promise<View> =>
  readView(table, pool, { first, limit: windowSize });

/**
 * Reads the first seats of a crowded pool, at half the price of a strongly consistent read. The view may be late by a moment.
 * That is good enough to choose a number, since a claim has its condition, and for the first of the two reads that prove a
 * pool full.
 */
const lookAtCrowd = (table: Table, pool: Pool): Promise<View> =>
  readView(table, pool, { first: 1, limit: crowdSize, consistent: false });

const readView = async (
  table: Table,
  pool: Pool,
  { first, ...options }: { first: number; limit: number; consistent?: boolean },
): Promise<View> => {
  const { seats, next } = await readSeatPage(table, pool, { first, ...options });
  return { ranges: [{ first, last: next ? (seats.at(-1)?.number ?? first) : everySeat.last }], seats };
};

/** What a look shows, its parts read side by side. */
export const look = async (table: Table, pool: Pool, wanted: Look): Promise<View> => {
  if ('ranges' in wanted) return { ranges: wanted.ranges, seats: await readSeats(table, pool, wanted.ranges) };
  const views = await Promise.all(wanted.windows.map((first) => lookFrom(table, pool, first)));
  return views.reduce(merge);
};

/** Up to which number first windows spread, per pool: a memory of this process, and only a hint. */
const reaches = new Map<string, number>();
const nameOf = (pool: Pool) => keyText(keys.seat(pool, 0));
const reachOf = (pool: Pool) => reaches.get(nameOf(pool)) ?? windowSize;

/** Remembers how full the first window was, for the next ones. */
export const learnReach = (pool: Pool, view: View, claimable: number, now: number): void => {
  if (reaches.size > 10_000) reaches.clear();
  const held = view.seats.filter((seat) => isHeld(seat, now)).length;
  reaches.set(nameOf(pool), nextReach(reachOf(pool), held, claimable));
};

/** The crowded pools, each until when that counts (epoch ms): a hint in the memory of this process. */
const crowds = new Map<string, number>();
const crowdMs = 60_000;

/** Remembers that few numbers are free, so that the next requests read the whole pool at once. */
export const learnCrowd = (pool: Pool, view: View, claimable: number, now: number): void => {
  if (pool.numbered === 'slots' || !isCrowded(view, claimable, now)) return;
  if (crowds.size > 10_000) crowds.clear();
  crowds.set(nameOf(pool), now + crowdMs);
};

/** What is so when a request begins. */
export interface Standing<R extends HolderRecord> {
  subscription: Subscription | undefined;
  record: R | undefined;
  /** What the claimant's witness reads. */
  found: ReadonlyMap<string, Item>;
  /** A first window of the pool's seats. */
  view: View;
}

/** Reads the subscription, the holder's record and its witness in one request, and a window of seats beside it. */
export const readStanding = async <R extends HolderRecord>(
  table: Table,
  { pool, holder, recordKey, witness }: Claimant<R>,
  now: number,
): Promise<Standing<R>> => {
  const subscriptionKey = keys.subscription(pool);
  const window = () => lookFrom(table, pool, windowStart(spread(holder), reachOf(pool)));
  const [found, view] = await Promise.all([
    readItems(table, unique([subscriptionKey, recordKey, ...(witness?.keys ?? [])])),
    (crowds.get(nameOf(pool)) ?? 0) > now ? lookAtCrowd(table, pool) : window(),
  ]);
  return {
    subscription: subscriptionOf(found.get(keyText(subscriptionKey))),
    record: found.get(keyText(recordKey)) as unknown as R | undefined,
    found,
    view,
  };
};

/** Keys without repetitions: a machine that wants a slot is its own witness. */
const unique = (keys: readonly Key[]): Key[] => [...new Map(keys.map((key) => [keyText(key), key])).values()];

/** What subscription and record alone decide. */
export type Judged =
  | { outcome: 'fit'; subscription: Subscription }
  | Exclude<Refused, { outcome: 'exhausted' | 'conflict' | 'contended' | 'stale' | MachineRefused['outcome'] }>;

/** Whether the holder may have a seat at all, if one is free. */
export const judge = <R extends HolderRecord>(
  { licenseType, mayReturnAfter = mayComeBack }: Pick<Claimant<R>, 'licenseType' | 'mayReturnAfter'>,
  subscription: Subscription | undefined,
  record: HolderRecord | undefined,
  now: number,
): Judged => {
  if (!subscription) return { outcome: 'missing' };
  // For good, whatever becomes of the subscription: so it comes first.
  if (licenseType && subscription.licenseType !== licenseType) return { outcome: 'not-licensed' };
  const status = statusOf(subscription, now);
  if (status !== 'active') return { outcome: status };
  if (record?.endedReason && !mayReturnAfter(record.endedReason))
    return { outcome: 'ended', reason: record.endedReason };
  return { outcome: 'fit', subscription };
};
