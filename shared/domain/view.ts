import { type Holder, isHeld, type Seat } from './seat.ts';

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

/** How many numbers the first read of an activation looks at: some 3.5 read units when all are held. */
export const windowSize = 50;
/** How many numbers the second look into a large pool takes. */
const blockSize = 250;
/** Up to here, looking at all that the first window left out is cheaper than looking at one more block. */
const largePool = 1000;

const aligned = (size: number, spreadBy: number, numbers: number): Range => {
  const blocks = Math.max(1, Math.ceil(numbers / size));
  const first = (spreadBy % blocks) * size + 1;
  return { first, last: first + size - 1 };
};

/**
 * The window for a first look, chosen before the quota is known.
 *
 * @param spreadBy a number of the holder, so that holders spread over the windows
 * @param reach up to which number to spread: small while the low numbers suffice, which keeps a pool's items few
 */
export const firstWindow = (spreadBy: number, reach: number): Range => aligned(windowSize, spreadBy, reach);

/** How far the next first windows should spread, after one in which `free` of its numbers were free. */
export const nextReach = (reach: number, free: number, claimable: number): number => {
  if (free < windowSize / 4) return Math.min(reach * 2, Math.max(claimable, windowSize));
  return free > (windowSize * 3) / 4 ? Math.max(Math.floor(reach / 2), windowSize) : reach;
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

/**
 * What to look at next when a view shows no free number: one block elsewhere in a large pool, then all the rest.
 *
 * @returns the ranges to read, and whether what they show adds to the view (or stands alone)
 */
export const lookFurther = (view: View, claimable: number, spreadBy: number): { ranges: Range[]; adds: boolean } => {
  const firstLook = view.ranges.every((range) => range.last - range.first < windowSize);
  if (claimable > largePool && firstLook) return { ranges: [aligned(blockSize, spreadBy, claimable)], adds: false };
  return { ranges: uncovered(view.ranges, claimable), adds: true };
};

/** What to look at after a lost race: the old view is worth nothing. */
export const lookAgain = (claimable: number, spreadBy: number): Range[] =>
  claimable > largePool ? [aligned(blockSize, spreadBy, claimable)] : [{ first: 1, last: claimable }];

/** The numbers of the view that can be claimed now, ascending. */
export const freeNumbers = (view: View, claimable: number, now: number): number[] => {
  const held = new Set<number>();
  for (const seat of view.seats) if (isHeld(seat, now)) held.add(seat.number);
  const free: number[] = [];
  for (const { first, last } of view.ranges)
    for (let number = first; number <= Math.min(last, claimable); number++) if (!held.has(number)) free.push(number);
  return free;
};

/**
 * Whether one holder was seen on two numbers: it moved while the ranges were read, so that the two numbers were never
 * held at once, and the view is no ground for a refusal.
 */
export const sawMove = (seats: readonly Seat[], now: number): boolean => {
  const holders = seats.filter((seat) => isHeld(seat, now)).map((seat) => seat.hold?.holder as Holder);
  return new Set(holders).size < holders.length;
};
