/** The shortest time between two sweeps of a pool, ms. All sweeps are at multiples of it, so plans for one time are one item. */
const sweepMs = 150_000;
/** A calm pool is swept at every second multiple, then every fourth, then every eighth: at most 20 minutes apart. */
const mostMultiples = 8;

/** The least time from a claim to its sweep, ms: longer than a claim may take, and than two clocks may differ. */
const afterClaimMs = 120_000;

/** Returns the time of the first sweep after a claim that is seen at `now` (epoch ms). */
export const firstSweepAfter = (now: number): number => Math.ceil((now + afterClaimMs) / sweepMs) * sweepMs;

/**
 * Returns the time of the sweep after one that found sessions in use. Sweeps of a pool where nothing happens become rare:
 * they move to multiples of twice the time, at which the sweeps that other claims planned also arrive.
 *
 * @param at the time of the sweep, epoch ms
 * @param options.calm whether the sweep found nothing to settle
 * @param options.now the time at which the sweep was made: it may be late
 */
export const nextSweepAfter = (at: number, { calm, now }: { calm: boolean; now: number }): number => {
  let multiples = 1;
  while (calm && multiples < mostMultiples && at % (multiples * sweepMs) === 0) multiples *= 2;
  const apart = multiples * sweepMs;
  return (Math.floor(Math.max(at, now) / apart) + 1) * apart;
};
