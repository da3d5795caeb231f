import { isThrottled } from '../../shared/table/store/table.ts';
import { nextSeed, type Random, seeded } from '../explore/random.ts';
import { runAs } from '../explore/simulated-process.ts';
import type { Answer, Grant, Licensing, PoolTerms, Prepare } from './licensing.ts';
import { SimulatedTable, type TableOptions, type Usage } from './simulated-table.ts';
import { VirtualTime } from './virtual-time.ts';
import { QuotaWatch } from './watch.ts';

/** An answered request: when, after how long, ms. */
export interface Answered {
  at: number;
  ms: number;
  what: Answer['outcome'] | 'heartbeat' | 'release';
}

/** What a session does. */
export interface Session {
  pool: number;
  /** For how long it uses its license, ms. */
  usesMs: number;
  /** For how long it tries to get one, ms. */
  triesMs: number;
  waitSeconds?: number;
  /** It stops without a word when it has a license, or while it waits. */
  crashes?: 'using' | 'waiting';
}

export interface RunOptions extends Pick<TableOptions, 'partitions' | 'slowness' | 'mutate'> {
  seed: number;
  licensing: Prepare;
  pools: number;
  terms: PoolTerms;
  /** Draws when a session arrives, ms from the beginning, and what it does; undefined: no more come. */
  arrivals: (random: Random) => Generator<{ at: number; session: Session }>;
  /** Ends the run then, ms from the beginning (default: when all sessions are done). */
  untilMs?: number;
}

/** The fate of a session that asked for a license. */
interface Served {
  arrivedAt: number;
  /** Undefined: not served before the run ended, or the session gave up. */
  servedAt: number | undefined;
}

export interface RunResult {
  answered: Answered[];
  served: Served[];
  usage: Usage;
  /** The most licenses in use at once, of the fullest pool. */
  most: number;
  partitions: { before: number; after: number };
  /** How long the run took, ms from its beginning. */
  lastedMs: number;
  /** Requests of a release or heartbeat that the service could not serve. */
  failures: number;
}

/** When every run begins: the middle of a day. */
const beginning = Date.UTC(2030, 5, 3, 12);

let runs = 0;

/** Runs sessions against one system, in virtual time. Equal options give equal results. */
export const simulate = async (options: RunOptions): Promise<RunResult> => {
  const random = seeded(options.seed);
  const time = new VirtualTime(beginning);
  return runAs({ now: time.now, random }, () => new World(options, time, random).run());
};

class World {
  private readonly answered: Answered[] = [];
  private readonly served: Served[] = [];
  private readonly options: RunOptions;
  private readonly time: VirtualTime;
  private readonly random: Random;
  private readonly table: SimulatedTable;
  private readonly pools: { licensing: Licensing; watch: QuotaWatch }[] = [];
  private readonly names: readonly string[];
  private failure: unknown;
  private failures = 0;
  private sessions = 0;
  private readonly arrivals: ReturnType<RunOptions['arrivals']>;

  constructor(options: RunOptions, time: VirtualTime, random: Random) {
    this.options = options;
    this.time = time;
    this.random = random;
    const run = ++runs;
    this.names = Array.from({ length: options.pools }, (_, index) => {
      // The service's process remembers pools: each run has its own.
      return `org_${String(run).padStart(4, '0')}${String(index).padStart(8, '0')}`;
    });
    this.table = new SimulatedTable({ ...options, time, random: seeded(nextSeed(random)) });
    this.arrivals = options.arrivals(seeded(nextSeed(random)));
  }

  async run(): Promise<RunResult> {
    const { licensing, terms, untilMs } = this.options;
    for (const name of this.names) {
      const prepared = await licensing(this.table, this.time, name, terms);
      this.pools.push({ licensing: prepared, watch: new QuotaWatch(terms.quota, this.time.now) });
    }
    const before = this.table.partitions.count;
    this.arrive();
    await this.time.run(untilMs === undefined ? undefined : beginning + untilMs);
    if (this.failure) throw this.failure;
    return {
      answered: this.answered,
      served: this.served,
      usage: this.table.usage,
      most: Math.max(...this.pools.map(({ watch }) => watch.most)),
      partitions: { before, after: this.table.partitions.count },
      lastedMs: this.time.now() - beginning,
      failures: this.failures,
    };
  }

  private arrive(): void {
    const { value } = this.arrivals.next();
    if (!value) return;
    this.time.at(beginning + value.at, () => {
      if (this.failure) throw this.failure;
      this.live(value.session).catch((error) => {
        this.failure ??= error;
      });
      this.arrive();
    });
  }

  /** Measures a request of a session. */
  private async measured<T>(request: () => Promise<T>, what: (result: T) => Answered['what']): Promise<T> {
    const { time } = this;
    const from = time.now();
    const result = await request();
    this.answered.push({ at: time.now() - beginning, ms: time.now() - from, what: what(result) });
    return result;
  }

  private async live({ pool, usesMs, triesMs, waitSeconds, crashes }: Session): Promise<void> {
    const { time } = this;
    const { licensing, watch } = this.pools[pool] as (typeof this.pools)[number];
    const sessionId = `build-${++this.sessions}-linux-x64`;
    const fate: Served = { arrivedAt: time.now() - beginning, servedAt: undefined };
    this.served.push(fate);
    const giveUpAt = time.now() + triesMs;
    for (;;) {
      const answer = await this.measured(
        () => licensing.activate(sessionId, waitSeconds),
        ({ outcome }) => outcome,
      );
      if (answer.outcome === 'granted') {
        watch.granted(answer.grant);
        fate.servedAt = time.now() - beginning;
        return crashes === 'using' ? undefined : this.use(licensing, watch, answer.grant, usesMs);
      }
      if (crashes === 'waiting' && answer.outcome === 'waiting') return;
      // As told, and a little later, so that sessions that were told together do not come together.
      const pause = answer.afterMs * (1 + this.random() / 4);
      if (time.now() + pause > giveUpAt) return;
      await time.pause(pause);
    }
  }

  private async use(licensing: Licensing, watch: QuotaWatch, grant: Grant, usesMs: number): Promise<void> {
    const { time } = this;
    const until = time.now() + usesMs;
    const beatMs = (this.options.terms.leaseSeconds * 1000) / 3;
    while (time.now() + beatMs < until) {
      await time.pause(beatMs);
      const end = await this.patiently(() =>
        this.measured(
          () => licensing.heartbeat(grant),
          () => 'heartbeat',
        ),
      );
      if (end === undefined) return watch.ended(grant);
      grant.until = end;
    }
    await time.pause(until - time.now());
    watch.ended(grant);
    await this.patiently(() =>
      this.measured(
        () => licensing.release(grant),
        () => 'release',
      ),
    );
  }

  /** Repeats a request that the service could not serve, after as long as it asks for. */
  private async patiently<T>(request: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await request();
      } catch (error) {
        if (!isThrottled(error as Error)) throw error;
        this.failures++;
        await this.time.pause(5000 * (1 + this.random() / 4));
      }
    }
  }
}
