import type { Figures } from './figures.ts';
import { burstSize, crowd, manyPools, queue, rateSeconds, rates, slowRegion, systems } from './scenarios.ts';

type OfSystems = Readonly<Record<string, Figures>>;

interface Quantiles {
  p50: number;
  p99: number;
}

/** What the page tells. */
export interface Results {
  onePool: Record<number, OfSystems>;
  manyPools: OfSystems;
  burst: OfSystems;
  crowd: { figures: Figures; lastServed: number };
  queue: { figures: Figures; lastServed: number; overtakenP50: number; overtakenP99: number; overtakenMost: number };
  slow: { figures: Figures; before: Quantiles; during: Quantiles; after: Quantiles };
}

const number = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(2)));

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [
    head,
    head.map(() => '---'),
    ...rows.map((row) => row.map((cell) => (typeof cell === 'number' ? number(cell) : cell))),
  ]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');

const costs = ['requests', 'read units', 'write units', 'throttled', 'conflicts'];
const costsOf = ({ requestsPerSession, readPerSession, writePerSession, throttled, conflicts }: Figures) => [
  requestsPerSession,
  readPerSession,
  writePerSession,
  throttled,
  conflicts,
];

const bySystem = (figures: OfSystems, head: readonly string[], cells: (one: Figures) => (string | number)[]) =>
  table(
    ['', ...head],
    Object.entries(figures).map(([name, one]) => [name, ...cells(one)]),
  );

/** Returns docs/performance.md. */
export const pageOf = (results: Results): string => {
  const { slow } = results;
  const fastest = rates.at(-1) as number;
  const served = ({ served: some, sessions }: Figures) => `${number(some)} of ${number(sessions)}`;
  return `# Performance, simulated

\`npm run simulate\` runs the service's own code against a table in memory, in virtual time, and writes this page. Its figures
are those of a model, not of AWS. The same seed gives the same events. No run exceeded a quota or gave a seat twice: a run
stops at the first answer that does.

${bySystem(
  results.onePool[fastest] ?? {},
  [`licenses a second, ${number(fastest)} asked`, 'p50 ms', 'p99 ms', 'throttled', 'conflicts'],
  ({ grantedPerSecond, p50, p99, throttled, conflicts }) => [grantedPerSecond, p50, p99, throttled, conflicts],
)}

## One pool

Sessions arrive for ${rateSeconds} s at a pool of 100,000 licenses, use one for half a second and release it.

![Licenses a second](performance/one-pool.svg)

![p99 of an activation](performance/one-pool-latency.svg)

${table(
  ['licenses a second, at', ...rates.map((rate) => number(rate))],
  Object.keys(systems).map((name) => [
    name,
    ...rates.map((rate) => results.onePool[rate]?.[name]?.grantedPerSecond ?? 0),
  ]),
)}

- A partition serves 1,000 writes and 3,000 read units a second. A session writes its seat twice, so a pool of up to 1,024
  seats serves some 500 sessions a second for long, until DynamoDB splits its partition.
- A larger pool is in blocks of 1,024 seats, each in a partition of its own, beside a copy of the terms
  ([decision 44](decisions/0044-a-large-pool-is-in-blocks.md)). No item is read or written by each request, so the pool
  scales with its blocks, here 98 in 64 partitions.
- A counter is one item. No split helps, and each session writes it twice. Compare-and-swap and the transaction also lose
  most of their tries to each other.
- Above the limit of a partition the service serves fewer, not more: activations that fail half way have used units. Throttled
  requests are told to come back after 5 s.
- A plain increment is the fastest of the counters, and cheaper than a seat's item. A crash between its two writes leaves a
  count that only a recount corrects, and the holders of a pool can't be listed without an index.

## Many pools

${number(manyPools.rate)} sessions a second, for ${manyPools.seconds} s, on ${number(manyPools.pools)} pools of 100, in ${manyPools.partitions} partitions. Each pool gets as many sessions as
when 100,000 a second come to 10,000 pools.

${bySystem(results.manyPools, ['p50 ms', 'p99 ms', ...costs], (one) => [one.p50, one.p99, ...costsOf(one)])}

The requests and units are per session, from its activation to its release. Pools do not disturb each other. A counter costs
less. This service also keeps who holds each seat, a record of each session, and a fence against late writes.

## A burst

${number(burstSize.sessions)} sessions within a second on ${number(burstSize.seats)} seats of a cold pool. A session that is throttled or refused comes back as it is told, for 30 s.

${bySystem(results.burst, ['served', 'p50 ms', 'p99 ms', ...costs], (one) => [served(one), one.p50, one.p99, ...costsOf(one)])}

## A refused crowd

${number(crowd.seats + crowd.sessions)} sessions within a second on ${number(crowd.seats)} seats. Each uses a license for ${crowd.usesSeconds} s on average, and comes back after
\`retryAfterSeconds\`. ${served(results.crowd.figures)} were served in ${crowd.seconds} s, the last after ${number(results.crowd.lastServed)} s; with ${number(results.crowd.figures.requestsPerSession)} requests and ${number(results.crowd.figures.readPerSession)} read
units each, and ${number(results.crowd.figures.throttled)} throttled requests in all.

In this run a refusal told all of them much the same time: they came back in waves, and seats that were released between two
waves stayed free. The service spreads them over the last quarter of at most 60 s. With \`waitSeconds\` they would get a
place in the queue.

![Answers to a crowd](performance/refused-crowd.svg)

## The queue

${number(results.queue.figures.sessions)} sessions arrive within ${queue.arriveSeconds} s and wait for ${number(queue.seats)} seats. ${queue.crashShare * 100} % crash while they wait, ${queue.crashShare * 100} % with a license, which then comes free after
its lease of ${queue.leaseSeconds} s. ${served(results.queue.figures)} were served, the last after ${number(results.queue.lastServed)} s. A session was overtaken by ${number(results.queue.overtakenP50)} later ones in the
median, by ${number(results.queue.overtakenP99)} at p99, and by ${number(results.queue.overtakenMost)} at most: of the sessions whose
turn it is, the first to poll gets the free seat, and the seat waits for that poll. A session cost ${number(results.queue.figures.requestsPerSession)} requests and
${number(results.queue.figures.readPerSession)} read units.

![The order of the queue](performance/queue.svg)

## A slow Region

From second ${slowRegion.from} to ${slowRegion.to} DynamoDB takes ${slowRegion.times} times as long; ${number(slowRegion.rate)} sessions a second on ${slowRegion.pools} pools.

${table(
  ['activation', 'p50 ms', 'p99 ms'],
  (['before', 'during', 'after'] as const).map((when) => [when, slow[when].p50, slow[when].p99]),
)}

![A slow Region](performance/slow-region.svg)

A slow Region costs time and nothing else: ${number(slow.figures.throttled)} throttled requests, and ${number(slow.figures.requestsPerSession)} requests a session.

## The model, and where it ends

- The table in memory answers random commands as DynamoDB Local does (\`test/simulation/table\`), and the tests of the engine
  and the queue pass on it: \`TEST_TABLE=memory npx vitest run test/table/engine test/table/queue\`. Only the tests that read the
  stream can't (\`all-operations.test.ts\`).
- A request is served half of its latency after it was sent, at once. Latencies are assumed: reads 2.5 ms at p50, 12 at p99 and
  40 at p99.9; writes 4, 15 and 60; transactions 8, 30 and 120. A transaction holds its items for a third of that. An
  eventually consistent read sees the table of up to 40 ms before.
- A partition serves 1,000 write units and 3,000 read units a second, without the burst that DynamoDB may allow. Throttled
  requests are tried 4 times, as by the SDK, but without its budget of retries. Each run begins with the units of one second
  unused. A partition that throttles for three minutes
  splits between two items.
- All requests share one process, so each knows at once what another learned of a pool. A function on AWS learns by itself.
- Not modelled: Lambda's cold starts and limit of concurrency, the limits of the gateway and of each caller, the network, CPU,
  the stream function and the schedule, and the table's own limits. The counters have no job against crashes, which would cost
  them more.
- Scaled down, to take a few minutes: no run has more than ${number(fastest * rateSeconds)} sessions. Measurements on real hardware: [benchmarks](benchmarks.md).
`;
};
