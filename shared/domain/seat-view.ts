import { type HeldSeat, type Hold, type Holder, isHeld, type Seat } from './seat.ts';

/** An inclusive range of seat numbers. */
export interface Range {
  first: number;
  last: number;
}

/** The result of strongly consistent reads of some ranges of a pool. A number in the ranges without a seat is free. */
export interface View {
  ranges: readonly Range[];
  seats: readonly Seat[];
}

/** The range of all possible seats, including those above a quota that was reduced. */
export const everySeat: Range = { first: 1, last: 999_999 };

/**
 * The number of seats in one window, the first read of an activation: about 2 read units. Never claimed seats cost
 * nothing.
 */
export const windowSize = 25;

/**
 * Returns the first number of the first window, chosen before the quota is known.
 *
 * @param spreadBy a hash of the holder, so that holders spread over the windows
 * @param reach the highest number to spread over. A small reach keeps the number of a pool's items small
 */
export const windowStart = (spreadBy: number, reach: number): number => {
  const windows = Math.max(1, Math.ceil(reach / windowSize));
  return (spreadBy % windows) * windowSize + 1;
};

/**
 * Returns the reach for the next first windows, after a window with `held` held seats. The reach grows fast and shrinks
 * slowly: if it oscillated, every other window would start among the low numbers, which are full.
 */
export const nextReach = (reach: number, held: number, claimable: number): number => {
  if (held > (windowSize * 3) / 4) return Math.max(windowSize, Math.min(reach * 2, claimable));
  return held < windowSize / 4 ? Math.max(windowSize, reach - windowSize) : reach;
};

/** Returns the numbers of 1..`claimable` that no range covers. */
const uncovered = (ranges: readonly Range[], claimable: number): Range[] => {
  const gaps: Range[] = [];
  let first = 1;
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    gaps.push({ first, last: Math.min(range.first - 1, claimable) });
    first = Math.max(first, range.last + 1);
  }
  gaps.push({ first, last: claimable });
  return gaps.filter((range) => range.first <= range.last);
};

/** Returns whether a view covers every number that can be claimed. */
export const isWhole = (view: View, claimable: number) => uncovered(view.ranges, claimable).length === 0;

/** Returns a view with the results of later reads, which replace older results. */
export const merge = (view: View, later: View): View => {
  const seats = new Map([...view.seats, ...later.seats].map((seat) => [seat.number, seat]));
  return { ranges: [...view.ranges, ...later.ranges], seats: [...seats.values()] };
};

/** The next reads of a pool: windows that begin at these numbers, or these ranges in full. */
export type ReadPlan = { windows: number[] } | { ranges: Range[] };

/** Returns a plan of windows at random numbers of 1..`claimable`. */
const probes = (count: number, claimable: number, random: () => number): ReadPlan => ({
  windows: Array.from({ length: count }, () => 1 + Math.floor(random() * claimable)),
});

/**
 * Returns what to read next if a view shows no free number: in a large pool 4, then 16, then 64 random windows, as long as
 * these cost little compared with the whole pool; then the rest of the pool. If one number in ten is free, about ten windows
 * find one, wherever the free numbers are.
 *
 * @param reads how many reads there were so far
 * @param random numbers from 0 to below 1
 */
export const planNextRead = (view: View, claimable: number, reads: number, random = Math.random): ReadPlan => {
  const count = 4 ** reads;
  if (reads <= 3 && count * windowSize * 4 <= claimable) return probes(count, claimable, random);
  const unread = uncovered(view.ranges, claimable);
  // One query of the whole pool instead of several queries of its pieces.
  return { ranges: unread.length <= 1 ? unread : [{ first: 1, last: claimable }] };
};

/** Returns what to read after a lost race, which makes the old view useless. */
export const planReread = (claimable: number, random = Math.random): ReadPlan =>
  claimable > 10 * windowSize ? probes(4, claimable, random) : { ranges: [{ first: 1, last: claimable }] };

/**
 * Returns over how many free numbers holders spread: enough for a burst of a thousand, few enough to keep a large pool's
 * items together.
 */
const choiceOf = (claimable: number) => Math.max(1024, Math.ceil(claimable / 10));

/**
 * Returns the lowest free numbers of a view, from which a holder chooses.
 *
 * @param options.lowest the lowest number to return
 * @param options.ahead how many free numbers others get first: so many more are returned
 */
export const freeNumbers = (
  view: View,
  claimable: number,
  now: number,
  { lowest = 1, ahead = 0 }: { lowest?: number | undefined; ahead?: number } = {},
): number[] => {
  const held = new Set<number>();
  for (const seat of view.seats) if (isHeld(seat, now)) held.add(seat.number);
  const free = new Set<number>();
  const limit = choiceOf(claimable) + ahead;
  for (const { first, last } of view.ranges.toSorted((a, b) => a.first - b.first))
    for (let number = Math.max(first, lowest); number <= last && number <= claimable && free.size < limit; number++)
      if (!held.has(number)) free.add(number);
  return [...free];
};

/** The held seats of one read of a whole pool, and when that read was complete, epoch ms. */
export interface PoolRead {
  held: readonly HeldSeat[];
  at: number;
}

/** Returns the held seats of a read of a whole pool that was complete at `at` (epoch ms). */
export const poolReadOf = (seats: readonly Seat[], at: number): PoolRead => ({
  held: seats.filter((seat) => isHeld(seat, at)),
  at,
});

/** The age from which a holder's second claim counts like any other, ms. Its own request gives it back sooner. */
const doubleClaimMs = 1000;

/** Returns whether a holder has claimed two numbers, and may be about to give one back. */
export const hasFreshDouble = ({ held, at }: PoolRead): boolean => {
  const holders = new Set<Holder>();
  const doubled = new Set<Holder>();
  for (const { hold } of held) (holders.has(hold.holder) ? doubled : holders).add(hold.holder);
  return held.some(({ hold }) => doubled.has(hold.holder) && at - hold.claimedAt < doubleClaimMs);
};

/** The claims of an earlier read of a whole pool, perhaps of an earlier request, with the ends of their leases. */
export interface EarlierRead {
  held: readonly (Pick<Seat, 'number' | 'fence'> & { hold: Pick<Hold, 'availableAt'> })[];
  /** When it was complete, epoch ms. */
  at: number;
}

/** Returns as much of a read as a later one is compared with. */
export const withoutHolders = ({ held, at }: PoolRead): EarlierRead => ({
  held: held.map(({ number, fence, hold: { availableAt } }) => ({ number, fence, hold: { availableAt } })),
  at,
});

/** Returns whether two reads of a whole pool show the same claims. */
export const showSameClaims = (before: EarlierRead, after: PoolRead): boolean => {
  const fences = new Map(before.held.map(({ number, fence }) => [number, fence]));
  return fences.size === after.held.length && after.held.every(({ number, fence }) => fences.get(number) === fence);
};

/**
 * Returns whether two reads of a whole pool, both without a free number, prove that no number was free at one instant. A
 * single read proves nothing: it reads its pages at different times, and a free number may have moved along. A claim that
 * both reads show was there in between, since a new claim of the seat would have a new fence. So if both reads show
 * exactly the same claims, all of these were there when the first read was complete, and until the second began.
 *
 * @param before a read that was complete before the other began. It may be eventually consistent: a claim that it shows
 *   and `after` shows, too, was there in between
 * @param at the instant between the two reads, epoch ms (default: when the first was complete). The leases that `before` shows
 *   last longer: a lease that ended may have been renewed since
 */
export const provesFull = (before: EarlierRead | undefined, after: PoolRead, at = before?.at ?? 0): boolean =>
  before?.held.every(({ hold }) => hold.availableAt > at) === true &&
  !hasFreshDouble(after) &&
  showSameClaims(before, after);

/** The most reads of a whole pool for one refusal. In a pool that changes all the time, the last read decides. */
export const maxPoolReads = 5;

/**
 * Returns whether so few numbers are free that the next request should read the whole pool at once: that saves a refused
 * request one read. Only true in pools of a few windows.
 */
export const isCrowded = (view: View, claimable: number, now: number): boolean =>
  claimable <= crowdSize && isWhole(view, claimable) && freeNumbers(view, claimable, now).length <= claimable / 10;

/** The largest pool that a first read covers at once while the pool is crowded. */
export const crowdSize = 4 * windowSize;
