import type { Answered, RunResult } from './world.ts';

/** Returns a quantile of numbers; 0 of none. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
};

/** The figures of a run, as the page's tables have them. */
export interface Figures {
  sessions: number;
  served: number;
  /** Activations with a license, a second of the given time. */
  grantedPerSecond: number;
  p50: number;
  p99: number;
  requestsPerSession: number;
  readPerSession: number;
  writePerSession: number;
  throttled: number;
  conflicts: number;
  most: number;
}

/**
 * @param seconds the time in which licenses count for the rate, from the beginning
 * @param of the answers whose latency counts (default: licenses)
 */
export const figuresOf = (
  result: RunResult,
  seconds: number,
  of: readonly Answered['what'][] = ['granted'],
): Figures => {
  const { answered, served, usage, most } = result;
  const ms = answered.filter(({ what }) => of.includes(what)).map((one) => one.ms);
  const sessions = served.length;
  return {
    sessions,
    served: served.filter(({ servedAt }) => servedAt !== undefined).length,
    grantedPerSecond: answered.filter(({ what, at }) => what === 'granted' && at <= seconds * 1000).length / seconds,
    p50: quantile(ms, 0.5),
    p99: quantile(ms, 0.99),
    requestsPerSession: usage.requests / sessions,
    readPerSession: usage.read / sessions,
    writePerSession: usage.write / sessions,
    throttled: usage.throttled,
    conflicts: usage.conflicts,
    most,
  };
};

/** Returns, for each session that was served, how many that came later were served before it. */
export const overtakings = ({ served }: RunResult): number[] => {
  const order = served
    .filter((one): one is { arrivedAt: number; servedAt: number } => one.servedAt !== undefined)
    .sort((a, b) => a.arrivedAt - b.arrivedAt);
  return order.map(({ servedAt }, index) => order.slice(index + 1).filter((later) => later.servedAt < servedAt).length);
};

/** Returns the answers of a run in steps of time: the middle of each step, s, and its answers. */
export const inSteps = (answered: readonly Answered[], stepMs: number): [number, Answered[]][] => {
  const bySteps = Map.groupBy(answered, ({ at }) => Math.floor(at / stepMs));
  return Array.from({ length: Math.max(...bySteps.keys()) + 1 }, (_, step) => [
    ((step + 0.5) * stepMs) / 1000,
    bySteps.get(step) ?? [],
  ]);
};
