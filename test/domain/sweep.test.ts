import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstSweepAfter, nextSweepAfter } from '../../shared/domain/sweep.ts';

const minute = 60_000;
const times = fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 });

describe('the sweeps of a pool', () => {
  it('begin two minutes after a claim at the earliest, and five at the latest', () => {
    fc.assert(
      fc.property(times, (now) => {
        const first = firstSweepAfter(now) - now;
        expect(first).toBeGreaterThanOrEqual(2 * minute);
        expect(first).toBeLessThan(5 * minute);
      }),
    );
  });

  it('become rare step by step', () => {
    const gaps = [];
    for (let at = 20 * minute * 1_000_000 + 2.5 * minute, next = 0; gaps.length < 5; at = next) {
      next = nextSweepAfter(at, { calm: true, now: at });
      gaps.push((next - at) / minute);
    }
    expect(gaps).toEqual([2.5, 5, 10, 20, 20]);
  });

  it('become rare while nothing happens, and are frequent again once something did', () => {
    fc.assert(
      fc.property(times, (claimedAt) => {
        let at = firstSweepAfter(claimedAt);
        const gaps = Array.from({ length: 8 }, () => {
          const next = nextSweepAfter(at, { calm: true, now: at });
          const gap = next - at;
          at = next;
          return gap;
        });
        expect(Math.max(...gaps)).toBe(20 * minute);
        expect(gaps.at(-1)).toBe(20 * minute);
        expect(nextSweepAfter(at, { calm: false, now: at }) - at).toBe(2.5 * minute);
      }),
    );
  });

  it('of claims at different times become one', () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 20 * minute }), (claimedAt, later) => {
        const sweeps = (from: number) => {
          let at = firstSweepAfter(from);
          while (at < claimedAt + 90 * minute) at = nextSweepAfter(at, { calm: true, now: at });
          return at;
        };
        expect(sweeps(claimedAt + later)).toBe(sweeps(claimedAt));
      }),
    );
  });

  it('come after a late one, whatever its delay', () => {
    fc.assert(
      fc.property(times, fc.nat(100 * minute), fc.boolean(), (claimedAt, delay, calm) => {
        const at = firstSweepAfter(claimedAt);
        expect(nextSweepAfter(at, { calm, now: at + delay })).toBeGreaterThan(at + delay);
      }),
    );
  });
});
