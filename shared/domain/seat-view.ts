import { type HeldSeat, type Holder, isHeld, type Seat } from './seat.ts';

/** An inclusive range of seat numbers. */
export interface Range {
  first: number;
  last: number;
}

/** What strongly consistent reads of some ranges of a pool saw. A number in the ranges without a seat is free. */
export interface View {
  ranges: readonly Range[];
  seats: readonly Seat[];
}

/** The range of every seat that there can be, also above a quota that was made smaller. */
export const everySeat: Range = { first: 1, last: 999_999 };

/** How many seats the first read of an activation looks at: some 2 read units. Numbers never claimed cost nothing. */
export const windowSize = 25;
/**
 * Where a first look begins, chosen before the quota is known.
 *
 * @param spreadBy a number of the holder, so that holders spread over the windows
 * @param reach up to which number to spread: small while the low numbers suffice, which keeps a pool's items few
 */
export const windowStart = (spreadBy: number, reach: number): number => {
  const windows = Math.max(1, Math.ceil(reach / windowSize));
  return (spreadBy % windows) * windowSize + 1;
};

/**
 * How far the next first windows should spread, after one that showed `held` seats held. It grows fast and shrinks
 * slowly: a swinging reach would begin every other window among the low numbers, which are full.
 */
export const nextReach = (reach: number, held: number, claimable: number): number => {
  if (held > (windowSize * 3) / 4) return Math.max(windowSize, Math.min(reach * 2, claimable));
  return held < windowSize / 4 ? Math.max(windowSize, reach - windowSize) : reach;
};

/** The numbers 1..`claimable` that no range covers. */
const uncovered = (ranges: readonly Range[], claimable: number): Range[] => {
  const left: Range[] = [];
  let first = 1;
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    if (range.first > first) left.push({ first, last: Math.min(range.first - 1, claimable) });
    first = Math.max(first, range.last + 1);
  }
  if (first <= claimable) left.push({ first, last: claimable });
  return left.filter((range) => range.first <= range.last);
};

/** Whether the view covers every number that can be claimed. */
export const isWhole = (view: View, claimable: number) => uncovered(view.ranges, claimable).length === 0;

/** The view with what later reads showed. */
export const merge = (view: View, later: View): View => {
  const seats = new Map([...view.seats, ...later.seats].map((seat) => [seat.number, seat]));
  return { ranges: [...view.ranges, ...later.ranges], seats: [...seats.values()] };
};

/** What to read next: windows that begin at these numbers, or these ranges whole. */
export type ReadPlan = { windows: number[] } | { ranges: Range[] };

/** Windows at random numbers of 1..`claimable`. */
const probes = (count: number, claimable: number, random: () => number): ReadPlan => ({
  windows: Array.from({ length: count }, () => 1 + Math.floor(random() * claimable)),
});

/**
 * What to look at next when a view shows no free number: in a large pool 4, 16 and 64 windows at random, as long as they
 * cost little beside the whole; then all the rest. With one number in ten free, wherever these are, some ten windows
 * find one, instead of a read of the whole pool.
 *
 * @param reads how many looks there were
 * @param random numbers from 0 to below 1
 */
export const planNextRead = (view: View, claimable: number, reads: number, random = Math.random): ReadPlan => {
  const count = 4 ** reads;
  if (reads <= 3 && count * windowSize * 4 <= claimable) return probes(count, claimable, random);
  const left = uncovered(view.ranges, claimable);
  // One query of everything, where its pieces would be several.
  return { ranges: left.length <= 1 ? left : [{ first: 1, last: claimable }] };
};

/** What to look at after a lost race: the old view is worth nothing. */
export const planReread = (claimable: number, random = Math.random): ReadPlan =>
  claimable > 10 * windowSize ? probes(4, claimable, random) : { ranges: [{ first: 1, last: claimable }] };

/** Among how many free numbers holders spread: enough for a burst of a thousand, few enough to keep a large pool’s items together. */
const choiceOf = (claimable: number) => Math.max(1024, Math.ceil(claimable / 10));

/**
 * The lowest numbers of the view that can be claimed now: those among which a holder chooses.
 *
 * @param options.lowest none below this
 * @param options.spare how many are left to others: so many more are told
 */
export const freeNumbers = (
  view: View,
  claimable: number,
  now: number,
  { lowest = 1, spare = 0 }: { lowest?: number | undefined; spare?: number } = {},
): number[] => {
  const held = new Set<number>();
  for (const seat of view.seats) if (isHeld(seat, now)) held.add(seat.number);
  const free = new Set<number>();
  const most = choiceOf(claimable) + spare;
  for (const { first, last } of view.ranges.toSorted((a, b) => a.first - b.first))
    for (let number = Math.max(first, lowest); number <= last && number <= claimable && free.size < most; number++)
      if (!held.has(number)) free.add(number);
  return [...free];
};

/** Every held seat that one read of a whole pool saw, and when that was complete, epoch ms. */
export interface Collect {
  held: readonly HeldSeat[];
  at: number;
}

export const collectOf = (seats: readonly Seat[], at: number): Collect => ({
  held: seats.filter((seat) => isHeld(seat, at)),
  at,
});

/** The age from which a holder's second claim counts like any other, ms: its own request gives it back sooner. */
const doubleClaimMs = 1000;

/** Returns whether a holder is on two numbers, and may be about to give one back. */
const hasFreshDouble = ({ held, at }: Collect): boolean => {
  const holders = new Set<Holder>();
  const doubled = new Set<Holder>();
  for (const { hold } of held) (holders.has(hold.holder) ? doubled : holders).add(hold.holder);
  return held.some(({ hold }) => doubled.has(hold.holder) && at - hold.claimedAt < doubleClaimMs);
};

/**
 * Returns whether two reads of a whole pool, neither of which saw a free number, prove that none was free at one instant. A
 * read sees its pages, and the items of one page, at different times, so a free number may have moved along. A claim in both
 * reads stood in between: a new claim of its seat would have a new fence. So if the second read sees exactly the claims of the
 * first, all of them stood when the first was
 * complete.
 *
 * @param before a read that was complete before the other began. It need not be strongly consistent: a claim that stood
 *   earlier and stands later stood in between
 */
export const provesFull = (before: Collect | undefined, after: Collect): boolean => {
  if (!before || before.held.length !== after.held.length || hasFreshDouble(after)) return false;
  const fences = new Map(before.held.map(({ number, fence }) => [number, fence]));
  return after.held.every(({ number, fence }) => fences.get(number) === fence);
};

/** The most reads of a whole pool for one refusal: in a pool that never rests, the last read decides. */
export const mostCollects = 5;

/**
 * Returns whether so few numbers are free that the next request should read the whole pool at once, which spares a refused
 * request one read. Only for pools of a few windows.
 */
export const isCrowded = (view: View, claimable: number, now: number): boolean =>
  claimable <= crowdSize && isWhole(view, claimable) && freeNumbers(view, claimable, now).length <= claimable / 10;

/** The size up to which the first look reads a whole pool. */
export const crowdSize = 4 * windowSize;
