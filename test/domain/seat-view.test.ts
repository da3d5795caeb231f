import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HeldSeat, type Seat, sessionHolder } from '../../shared/domain/seat.ts';
import {
  everySeat,
  freeNumbers,
  isCrowded,
  isWhole,
  merge,
  nextReach,
  planNextRead,
  planReread,
  poolReadOf,
  provesFull,
  type Range,
  type View,
  windowSize,
  windowStart,
} from '../../shared/domain/seat-view.ts';

const now = 1_000_000;
const held = (number: number, holder = `s${number}`, availableAt = now + 1): HeldSeat => ({
  number,
  fence: 1,
  hold: { holder: sessionHolder(holder), userId: 'u', claimedAt: 0, availableAt, leaseMs: 1 },
});

const size = 120;
const ranges = fc.array(
  fc.tuple(fc.integer({ min: 1, max: size }), fc.integer({ min: 0, max: 60 })).map(([first, length]) => ({
    first,
    last: first + length,
  })),
  { maxLength: 5 },
);
const numbersOf = (wanted: readonly Range[]) =>
  new Set(wanted.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i)));
const upTo = (claimable: number) => Array.from({ length: claimable }, (_, i) => i + 1);
const spread = fc.nat({ max: 2 ** 32 - 1 });

describe('a view', () => {
  it('is whole exactly if every number that can be claimed was read', () => {
    fc.assert(
      fc.property(ranges, fc.nat({ max: size }), (seen, claimable) => {
        const covered = numbersOf(seen);
        expect(isWhole({ ranges: seen, seats: [] }, claimable)).toBe(upTo(claimable).every((n) => covered.has(n)));
      }),
    );
  });
  it('becomes whole by the next read: of the rest, or of the whole pool if the rest is in several pieces', () => {
    fc.assert(
      fc.property(
        ranges,
        fc.integer({ min: 1, max: size }),
        fc.integer({ min: 1, max: 5 }),
        (seen, claimable, looks) => {
          const further = planNextRead({ ranges: seen, seats: [] }, claimable, looks) as { ranges: Range[] };
          const covered = numbersOf(seen);
          const left = upTo(claimable).filter((number) => !covered.has(number));
          const pieces = left.filter((number) => !left.includes(number - 1)).length;
          const expected = pieces <= 1 ? left : upTo(claimable);
          expect([...numbersOf(further.ranges)].sort((a, b) => a - b)).toEqual(expected);
          expect(further.ranges.length).toBeLessThanOrEqual(1);
          expect(isWhole({ ranges: [...seen, ...further.ranges], seats: [] }, claimable)).toBe(true);
        },
      ),
    );
  });
  it('of a large pool is followed by a few random windows, then by more, then by the rest', () => {
    const seen: View = { ranges: [{ first: 1, last: windowSize }], seats: [] };
    const counts = (claimable: number) =>
      [1, 2, 3, 4].map((looks) => {
        const further = planNextRead(seen, claimable, looks);
        if ('ranges' in further) return 'rest';
        for (const first of further.windows) expect(first >= 1 && first <= claimable).toBe(true);
        return further.windows.length;
      });
    expect(counts(100_000)).toEqual([4, 16, 64, 'rest']);
    expect(counts(1000)).toEqual([4, 'rest', 'rest', 'rest']);
    expect(counts(400)).toEqual([4, 'rest', 'rest', 'rest']);
    expect(counts(100)).toEqual(['rest', 'rest', 'rest', 'rest']);
    expect(planNextRead(seen, 1000, 1, () => 0.9999)).toEqual({ windows: [1000, 1000, 1000, 1000] });
  });
  it('of every seat is whole for the largest pool', () => {
    expect(isWhole({ ranges: [everySeat], seats: [] }, 999_999)).toBe(true);
  });
  it('merged with a later view shows the later results, each number once', () => {
    const before: View = { ranges: [{ first: 1, last: 5 }], seats: [held(1, 'a'), held(2, 'b')] };
    const later: View = { ranges: [{ first: 2, last: 9 }], seats: [held(2, 'c'), held(7, 'd')] };
    const merged = merge(before, later);
    expect(merged.seats.map(({ number, hold }) => [number, hold?.holder])).toEqual([
      [1, 'session#a'],
      [2, 'session#c'],
      [7, 'session#d'],
    ]);
    expect(isWhole(merged, 9)).toBe(true);
    expect(freeNumbers(merged, 9, now)).toEqual([3, 4, 5, 6, 8, 9]);
  });
});

describe('free numbers', () => {
  const seats = fc.uniqueArray(
    fc
      .tuple(fc.integer({ min: 1, max: size }), fc.constantFrom(-1, 0, 1))
      .map(([number, end]) => held(number, `s${number}`, now + end)),
    { selector: ({ number }) => number },
  );
  it('are the numbers that were read, can be claimed and are not held: a lease that ends now is free', () => {
    fc.assert(
      fc.property(ranges, seats, fc.nat({ max: size }), (seen, items, claimable) => {
        const looked = numbersOf(seen);
        const free = freeNumbers({ ranges: seen, seats: items }, claimable, now);
        const expected = upTo(claimable).filter(
          (n) => looked.has(n) && !items.some((seat) => seat.number === n && (seat.hold?.availableAt ?? 0) > now),
        );
        expect([...new Set(free)].sort((a, b) => a - b)).toEqual(expected);
      }),
    );
  });
  it('in a large pool are many, so that holders spread, but at most a tenth of the pool', () => {
    const free = (claimable: number) =>
      freeNumbers({ ranges: [{ first: 1, last: 999_999 }], seats: [] }, claimable, now);
    expect(free(200)).toHaveLength(200);
    expect(free(5000).length).toBeGreaterThanOrEqual(256);
    expect(free(100_000)).toHaveLength(10_000);
  });
  it('are more if others get the first ones', () => {
    expect(freeNumbers({ ranges: [{ first: 1, last: 5000 }], seats: [] }, 5000, now, { ahead: 100 })).toHaveLength(
      1124,
    );
  });
  it('are the lowest of the view, in whichever order its ranges were read', () => {
    const [low, middle, high] = [1, 1001, 2001].map((first) => ({ first, last: first + 499 })) as [Range, Range, Range];
    const expected = [...numbersOf([low, middle]), ...upTo(2024).slice(2000)];
    for (const read of [
      [low, middle, high],
      [high, middle, low],
      [middle, high, low],
    ])
      expect(freeNumbers({ ranges: read, seats: [] }, 5000, now)).toEqual(expected);
  });
  it('include a seat that was freed', () => {
    expect(freeNumbers({ ranges: [{ first: 1, last: 2 }], seats: [{ number: 1, fence: 9 }] }, 2, now)).toEqual([1, 2]);
  });
});

describe('the choice of reads', () => {
  it('starts the first window at a multiple of the window size within the reach', () => {
    fc.assert(
      fc.property(spread, fc.integer({ min: windowSize, max: 100_000 }), (by, reach) => {
        const start = windowStart(by, reach);
        expect(start % windowSize).toBe(1);
        expect(start).toBeGreaterThanOrEqual(1);
        expect(start).toBeLessThanOrEqual(reach);
      }),
    );
  });
  it('spreads holders over all windows within the reach', () => {
    const starts = new Set(upTo(100).map((by) => windowStart(by, 100)));
    expect([...starts].sort((a, b) => a - b)).toEqual([1, 26, 51, 76]);
  });
  it('keeps the reach at one window or more, and within the claimable numbers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: windowSize, max: 100_000 }),
        fc.nat({ max: windowSize }),
        fc.nat({ max: 100_000 }),
        (reach, heldNow, claimable) => {
          const next = nextReach(reach, heldNow, claimable);
          expect(next).toBeGreaterThanOrEqual(windowSize);
          expect(next).toBeLessThanOrEqual(Math.max(reach, claimable));
        },
      ),
    );
  });
  it('increases the reach if windows are full, and decreases it if they are empty', () => {
    expect(nextReach(100, windowSize, 10_000)).toBe(200);
    expect(nextReach(100, windowSize / 2, 10_000)).toBe(100);
    expect(nextReach(100, 0, 10_000)).toBe(75);
    expect(nextReach(8000, windowSize, 10_000)).toBe(10_000);
  });
  it('after a lost race reads all of a small pool, or a few windows of a large pool', () => {
    expect(planReread(250)).toEqual({ ranges: [{ first: 1, last: 250 }] });
    expect(planReread(251, () => 0.5)).toEqual({ windows: [126, 126, 126, 126] });
  });
});

describe('two reads of a whole pool', () => {
  const old = (number: number, name: string, fence = 1) => {
    const seat = held(number, name);
    return { ...seat, fence, hold: { ...seat.hold, claimedAt: now - 5000 } };
  };
  const proves = (before: Seat[], after: Seat[]) => provesFull(poolReadOf(before, now), poolReadOf(after, now));
  it('prove that the pool is full if both see exactly the same claims', () => {
    expect(proves([old(1, 'a'), old(2, 'b')], [old(1, 'a'), old(2, 'b')])).toBe(true);
    expect(proves([old(1, 'a'), old(2, 'b')], [old(1, 'c', 2), old(2, 'b')])).toBe(false);
    expect(proves([old(1, 'a')], [old(1, 'a'), old(2, 'b')])).toBe(false);
    expect(proves([old(1, 'a'), old(2, 'b')], [old(1, 'a')])).toBe(false);
    expect(provesFull(undefined, poolReadOf([old(1, 'a')], now))).toBe(false);
  });
  it('prove nothing while a holder’s second claim is new, and count that claim once it is a second old', () => {
    const fresh = { ...old(2, 'a'), hold: { ...old(2, 'a').hold, claimedAt: now - 900 } };
    expect(proves([old(1, 'a'), fresh], [old(1, 'a'), fresh])).toBe(false);
    const second = { ...fresh, hold: { ...fresh.hold, claimedAt: now - 1000 } };
    expect(proves([old(1, 'a'), second], [old(1, 'a'), second])).toBe(true);
  });
  it('prove that it was full at an instant between them only if the leases of the first last until then', () => {
    const before = { at: now - 9000, held: [held(1, 'a', now - 1), held(2, 'b', now + 9)] };
    const after = poolReadOf([old(1, 'a'), old(2, 'b')], now);
    expect(provesFull(before, after)).toBe(true);
    expect(provesFull(before, after, now - 2)).toBe(true);
    expect(provesFull(before, after, now - 1)).toBe(false);
  });
  it('count no lease that has ended', () => {
    const lapsed = held(2, 'b', now);
    expect(poolReadOf([old(1, 'a'), lapsed, { number: 3, fence: 1 }], now).held).toEqual([old(1, 'a')]);
  });
});

describe('a crowded pool', () => {
  const whole = (seats: Seat[]) => ({ ranges: [{ first: 1, last: 999_999 }], seats });
  const some = (count: number) => Array.from({ length: count }, (_, index) => held(index + 1, `s${index}`));
  it('is a small pool of which at most a tenth is free', () => {
    expect(isCrowded(whole(some(36)), 40, now)).toBe(true);
    expect(isCrowded(whole(some(35)), 40, now)).toBe(false);
    expect(isCrowded(whole(some(100)), 100, now)).toBe(true);
    expect(isCrowded(whole(some(101)), 101, now)).toBe(false);
    expect(isCrowded({ ranges: [{ first: 1, last: 39 }], seats: some(39) }, 40, now)).toBe(false);
  });
});
