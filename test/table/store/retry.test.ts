import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../shared/table/store/clock.ts';
import { Contended, repeatUntilSettled, retryWhileContended } from '../../../shared/table/store/retry.ts';

/** A clock that counts pauses, and on which nothing else takes time. */
const pausing = () => {
  let now = 0;
  const pauses: number[] = [];
  const clock: Clock = {
    now: () => now,
    pause: async (ms) => {
      pauses.push(ms);
      now += ms;
    },
  };
  return { clock, pauses };
};
const again = async () => ({ outcome: 'again' }) as const;

describe('an operation that meets others', () => {
  it('that nobody meets is tried once, without a pause', async () => {
    const { clock, pauses } = pausing();
    expect(await retryWhileContended(clock, { ms: 1000 }, async () => ({ outcome: 'done' }))).toEqual({
      outcome: 'done',
    });
    expect(pauses).toEqual([]);
  });

  it('is tried as often as told, each time after a pause of at most 400 ms', async () => {
    const { clock, pauses } = pausing();
    const rounds: number[] = [];
    const attempt = async (round: number) => {
      rounds.push(round);
      return again();
    };
    expect(await retryWhileContended(clock, { tries: 8 }, attempt)).toEqual({ outcome: 'contended' });
    expect(rounds).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const longest = [50, 100, 200, 400, 400, 400, 400];
    expect(pauses).toHaveLength(longest.length);
    for (const [index, ms] of pauses.entries()) expect(ms).toBeLessThanOrEqual(longest[index] as number);
    expect(new Set(pauses).size).toBeGreaterThan(1);
  });

  it('is given up when its time is over', async () => {
    const { clock } = pausing();
    expect(await retryWhileContended(clock, { ms: 1000 }, again)).toEqual({ outcome: 'contended' });
    expect(clock.now()).toBeGreaterThanOrEqual(1000);
    expect(clock.now()).toBeLessThan(1400);
  });

  it('that repeats at once fails with an error that says so, rather than run for ever', async () => {
    let tries = 0;
    const attempt = async () => {
      tries++;
      return undefined;
    };
    await expect(repeatUntilSettled(attempt)).rejects.toThrow(Contended);
    expect(tries).toBe(100);
    expect(await repeatUntilSettled(async () => (++tries > 103 ? 'settled' : undefined))).toBe('settled');
  });
});
