/** A value that was measured at a time (epoch ms). */
export type Sample = readonly [at: number, value: number];

const hourMs = 3_600_000;

/** Returns the slope of the line that fits samples best (least squares), for each hour. */
export const slopePerHour = (samples: readonly Sample[]): number => {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const times = samples.map(([at]) => at / hourMs);
  const values = samples.map(([, value]) => value);
  const [time, value] = [mean(times), mean(values)];
  const spread = times.reduce((sum, at) => sum + (at - time) ** 2, 0);
  const together = times.reduce((sum, at, index) => sum + (at - time) * ((values[index] as number) - value), 0);
  return spread === 0 ? 0 : together / spread;
};

/** Returns the value below which a share of the values lies. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
};

/** Returns the samples of the first and of the last quarter of a run, without its warm-up. */
export const ends = (samples: readonly Sample[]): [first: number[], last: number[]] => {
  const quarter = Math.floor(samples.length / 4);
  const values = (some: readonly Sample[]) => some.map(([, value]) => value);
  return [values(samples.slice(0, quarter)), values(samples.slice(samples.length - quarter))];
};

/** Returns the samples after the first share of the time: caches fill, and Node compiles. */
export const warm = (samples: readonly Sample[], share = 0.2): readonly Sample[] => {
  const [from, to] = [samples[0]?.[0] ?? 0, samples.at(-1)?.[0] ?? 0];
  return samples.filter(([at]) => at >= from + share * (to - from));
};

/** Returns the calls that failed though no fault was injected: each began some time after a storm, and ended before the next. */
export const unprovoked = <T extends { begin: number; end: number | null; status: number | null }>(
  calls: readonly T[],
  storms: readonly { from: number; to: number }[],
  marginMs: number,
): T[] =>
  calls.filter(
    ({ begin, end, status }) =>
      status !== null &&
      status >= 500 &&
      !storms.some(({ from, to }) => begin < to + marginMs && (end ?? begin) > from),
  );
