import { describe, expect, it } from 'vitest';
import { idleWarningAt, isIdleTooLong } from '../../shared/domain/idle-timeout.ts';

const minute = 60_000;

describe('the idle timeout', () => {
  it('is reached after its minutes without work, and never if there is none', () => {
    const after = (ms: number) => isIdleTooLong(1e12, 10, 1e12 + ms);
    expect([0, 10 * minute - 1, 10 * minute].map(after)).toEqual([false, false, true]);
    expect(isIdleTooLong(0, null, 1e12)).toBe(false);
  });
  it.each([
    [0, 105],
    [60, 105],
    [61, 105.25],
    [100, 115],
    [120, 120],
    [130, 120],
  ])(
    'of 120 minutes, seen after %d: warns at %d, the shorter of 15 minutes and a quarter of the rest before the end',
    (now, at) => {
      expect(idleWarningAt(1000, 120, 1000 + now * minute)).toBe(1000 + at * minute);
    },
  );
  it('warns at a whole millisecond, and never without a timeout', () => {
    expect(idleWarningAt(0, 10, 10 * minute - 1)).toBe(10 * minute);
    expect(idleWarningAt(0, null, minute)).toBeNull();
  });
});
