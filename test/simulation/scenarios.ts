import { atRate, burst, exponential, ofPools } from './arrivals.ts';
import { countByCompareAndSwap, countByIncrement, countInTransaction } from './counters.ts';
import { engine, type Prepare } from './licensing.ts';
import { type RunOptions, type RunResult, simulate } from './world.ts';

const seed = 20_261_128;
const leaseSeconds = 120;

export interface System {
  licensing: Prepare;
}

export const systems: Record<string, System> = {
  'this service': { licensing: engine },
  'counter, increment': { licensing: countByIncrement },
  'counter, compare-and-swap': { licensing: countByCompareAndSwap },
  'counter, transaction': { licensing: countInTransaction },
};

type Options = Omit<RunOptions, 'seed' | 'licensing'>;

const run = (system: System, options: Options): Promise<RunResult> => simulate({ seed, ...system, ...options });

/** The rates of the runs on one pool, sessions a second. */
export const rates = [500, 1000, 2000, 5000, 10_000];
/** For how long sessions arrive on one pool, s. */
export const rateSeconds = 2;

/** One pool of 100,000: how many sessions a second get a license within the time. */
export const onePool = (system: System, rate: number): Promise<RunResult> =>
  run(system, {
    pools: 1,
    terms: { quota: 100_000, leaseSeconds },
    partitions: 64,
    arrivals: atRate(rate, rateSeconds, ofPools(1, { usesMs: 500, triesMs: 60_000 })),
    untilMs: rateSeconds * 1000,
  });

/** Many pools on a table that has grown with them. */
export const manyPools = { pools: 500, rate: 5000, seconds: 1, partitions: 64 };

export const onManyPools = (system: System): Promise<RunResult> =>
  run(system, {
    pools: manyPools.pools,
    terms: { quota: 100, leaseSeconds },
    partitions: manyPools.partitions,
    arrivals: atRate(manyPools.rate, manyPools.seconds, ofPools(manyPools.pools, { usesMs: 500, triesMs: 60_000 })),
  });

/** Twice as many sessions as seats, within a second. */
export const burstSize = { sessions: 3000, seats: 1500, seconds: 30 };

export const burstOnOnePool = (system: System): Promise<RunResult> =>
  run(system, {
    pools: 1,
    terms: { quota: burstSize.seats, leaseSeconds },
    arrivals: burst(burstSize.sessions, () => ({ pool: 0, usesMs: 3_600_000, triesMs: 30_000 })),
    untilMs: burstSize.seconds * 1000,
  });

/** A full pool, and a crowd that comes back when it is told. */
export const crowd = { seats: 200, sessions: 1000, usesSeconds: 20, seconds: 300 };

export const refusedCrowd = (): Promise<RunResult> =>
  run(
    { licensing: engine },
    {
      pools: 1,
      terms: { quota: crowd.seats, leaseSeconds },
      arrivals: burst(crowd.seats + crowd.sessions, (random) => ({
        pool: 0,
        usesMs: crowd.usesSeconds * 1000 * (0.5 + random()),
        triesMs: crowd.seconds * 1000,
      })),
      untilMs: crowd.seconds * 1000,
    },
  );

/** A queue, of which some sessions crash while they wait or while they use a license. */
export const queue = {
  seats: 60,
  perSecond: 60,
  arriveSeconds: 15,
  crashShare: 0.05,
  usesSeconds: 5,
  leaseSeconds: 15,
  seconds: 600,
};

export const waitingWithCrashes = (): Promise<RunResult> =>
  run(
    { licensing: engine },
    {
      pools: 1,
      terms: { quota: queue.seats, leaseSeconds: queue.leaseSeconds },
      arrivals: atRate(queue.perSecond, queue.arriveSeconds, (random) => {
        const fate = random();
        const crashes = fate < queue.crashShare ? 'using' : fate < 2 * queue.crashShare ? 'waiting' : undefined;
        return {
          pool: 0,
          usesMs: exponential(queue.usesSeconds * 1000, random),
          triesMs: queue.seconds * 1000,
          waitSeconds: queue.seconds,
          ...(crashes && { crashes }),
        };
      }),
      untilMs: queue.seconds * 1000,
    },
  );

/** Steady load, and a Region that is three times as slow for a while. */
export const slowRegion = { pools: 100, rate: 200, seconds: 12, from: 4, to: 8, times: 3 };

export const latencyTripled = (): Promise<RunResult> =>
  run(
    { licensing: engine },
    {
      pools: slowRegion.pools,
      terms: { quota: 100, leaseSeconds },
      partitions: 16,
      arrivals: atRate(
        slowRegion.rate,
        slowRegion.seconds,
        ofPools(slowRegion.pools, { usesMs: 2000, triesMs: 60_000 }),
      ),
      slowness: (seconds) => (seconds >= slowRegion.from && seconds < slowRegion.to ? slowRegion.times : 1),
    },
  );
