import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationClasses, durationClassOf, startsOf } from '../../../shared/domain/history/duration-class.ts';
import { overlaps } from '../../../shared/domain/history/session-history.ts';

const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
const duration = fc.oneof(
  fc.integer({ min: 0, max: 3_600_000 }),
  fc.integer({ min: 0, max: 1_000 * 86_400_000 }),
  fc.constantFrom(0, 900_000, 900_001, 7_200_000, 7_200_001),
);

describe('the classes of durations', () => {
  it('have every session, in one class', () => {
    fc.assert(
      fc.property(time, duration, (startedAt, lasts) => {
        expect(durationClasses).toContain(durationClassOf({ startedAt, endedAt: startedAt + lasts }));
      }),
    );
  });

  it('end at the same durations for ever: sessions are stored by their class', () => {
    const classOf = (ms: number) => durationClassOf({ startedAt: 1e12, endedAt: 1e12 + ms });
    expect([0, 900_000, 900_001, 7_200_000, 7_200_001, 1e11].map(classOf)).toEqual([0, 0, 1, 1, 2, 5]);
  });

  it('find every session that was active in a range among those that began in the class’s', () => {
    fc.assert(
      fc.property(time, duration, time, duration, (startedAt, lasts, from, long) => {
        const session = { startedAt, endedAt: startedAt + lasts, endedReason: 'released' } as never;
        const range = { from, to: from + long + 1 };
        if (!overlaps(session, range)) return;
        const starts = startsOf(durationClassOf(session), range);
        expect(startedAt).toBeGreaterThanOrEqual(starts.from);
        expect(startedAt).toBeLessThan(starts.to);
      }),
    );
  });

  it('look back at most eight times as far as their sessions last', () => {
    for (const durationClass of durationClasses.slice(1, -1)) {
      const shortest = 900_000 * 8 ** (durationClass - 1) + 1;
      const { from } = startsOf(durationClass, { from: 4e12, to: 4e12 + 1 });
      expect((4e12 - from) / shortest).toBeLessThanOrEqual(8);
    }
  });
});
