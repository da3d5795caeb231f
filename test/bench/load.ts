/** The measurements of a load. */
export interface Sample {
  count: number;
  perSecond: number;
  /** The duration of each, ms. */
  p50: number;
  p99: number;
}

/**
 * A closed loop: `concurrency` workers, each of which begins its next when its last has ended.
 *
 * @param work does one; `index` is its number, and no two get the same
 * @param mostMs begin no other after this time
 */
export const load = async (
  { count, concurrency, mostMs = Number.POSITIVE_INFINITY }: { count: number; concurrency: number; mostMs?: number },
  work: (index: number) => Promise<unknown>,
): Promise<{ latencies: number[]; elapsedMs: number }> => {
  const latencies: number[] = [];
  const start = performance.now();
  let next = 0;
  const worker = async () => {
    while (next < count && performance.now() - start < mostMs) {
      const index = next++;
      const begin = performance.now();
      await work(index);
      latencies.push(performance.now() - begin);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { latencies, elapsedMs: performance.now() - start };
};

export const sampleOf = (loads: readonly { latencies: number[]; elapsedMs: number }[]): Sample => {
  const latencies = loads.flatMap((one) => one.latencies);
  const elapsedMs = loads.reduce((sum, one) => sum + one.elapsedMs, 0);
  return {
    count: latencies.length,
    perSecond: (latencies.length / elapsedMs) * 1000,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  };
};

/** The smallest of the values that at least this part of them does not exceed; NaN of none. */
const quantile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * part) - 1)] ?? Number.NaN;

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
};

/** The medians of several rounds of the same. */
export const medians = (rounds: readonly Sample[]): Sample => ({
  count: rounds.reduce((sum, round) => sum + round.count, 0),
  perSecond: median(rounds.map((round) => round.perSecond)),
  p50: median(rounds.map((round) => round.p50)),
  p99: median(rounds.map((round) => round.p99)),
});
