import type { Random } from '../explore/random.ts';

/** Quantiles of a latency, ms. */
export interface Latency {
  p50: number;
  p99: number;
  p999: number;
}

/** The latencies of DynamoDB that the simulation assumes. A transaction writes in two phases. */
export const latencies = {
  read: { p50: 2.5, p99: 12, p999: 40 },
  write: { p50: 4, p99: 15, p999: 60 },
  transaction: { p50: 8, p99: 30, p999: 120 },
} satisfies Record<string, Latency>;

/** Draws a latency, ms: between its quantiles the logarithm grows evenly with the number of nines. */
export const drawLatency = ({ p50, p99, p999 }: Latency, random: Random): number => {
  const nines = Math.min(4, -Math.log10(1 - random()));
  const points = [
    [0, p50 / 2],
    [Math.log10(2), p50],
    [2, p99],
    [3, p999],
    [4, p999 * 3],
  ] as const;
  const place = points.findIndex(([to], index) => index > 0 && nines <= to);
  const [[from, low], [to, high]] = [points[place - 1], points[place]] as [[number, number], [number, number]];
  return low * (high / low) ** ((nines - from) / (to - from));
};
