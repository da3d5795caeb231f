import { mkdirSync, writeFileSync } from 'node:fs';
import { simulateProcesses } from '../explore/simulated-process.ts';
import { lineChart } from './chart.ts';
import { type Figures, figuresOf, inSteps, overtakings, quantile } from './figures.ts';
import { pageOf, type Results } from './page.ts';
import * as scenarios from './scenarios.ts';
import type { RunResult } from './world.ts';

// `npm run simulate` runs each scenario, and writes docs/performance.md and its plots.

process.env.AWS_REGION ??= 'eu-central-1';
simulateProcesses();

/** Runs a scenario, and says how long that took. */
const timed = async (name: string, work: () => Promise<RunResult>): Promise<RunResult> => {
  const begin = performance.now();
  const result = await work();
  console.log(`${name}: ${result.served.length} sessions, ${Math.round((performance.now() - begin) / 1000)} s`);
  return result;
};

const ofEachSystem = async (
  scenario: string,
  seconds: number,
  work: (system: scenarios.System) => Promise<RunResult>,
): Promise<Record<string, Figures>> => {
  const figures: Record<string, Figures> = {};
  for (const [name, system] of Object.entries(scenarios.systems))
    figures[name] = figuresOf(await timed(`${scenario}, ${name}`, () => work(system)), seconds);
  return figures;
};

const onePool: Results['onePool'] = {};
for (const rate of scenarios.rates)
  onePool[rate] = await ofEachSystem(`one pool, ${rate} a second`, scenarios.rateSeconds, (system) =>
    scenarios.onePool(system, rate),
  );
const manyPools = await ofEachSystem('many pools', scenarios.manyPools.seconds, scenarios.onManyPools);
const burst = await ofEachSystem('burst', scenarios.burstSize.seconds, scenarios.burstOnOnePool);
const crowdRun = await timed('refused crowd', scenarios.refusedCrowd);
const queueRun = await timed('queue', scenarios.waitingWithCrashes);
const slowRun = await timed('slow Region', scenarios.latencyTripled);

const lastServedOf = ({ served }: RunResult) => Math.max(...served.map(({ servedAt }) => servedAt ?? 0)) / 1000;
const { from, to } = scenarios.slowRegion;
const during = (start: number, end: number) => {
  const ms = slowRun.answered
    .filter(({ what, at }) => what === 'granted' && at >= start * 1000 && at < end * 1000)
    .map((one) => one.ms);
  return { p50: quantile(ms, 0.5), p99: quantile(ms, 0.99) };
};
const overtaken = overtakings(queueRun);
const results: Results = {
  onePool,
  manyPools,
  burst,
  crowd: { figures: figuresOf(crowdRun, scenarios.crowd.seconds), lastServed: lastServedOf(crowdRun) },
  queue: {
    figures: figuresOf(queueRun, scenarios.queue.seconds),
    lastServed: lastServedOf(queueRun),
    overtakenP50: quantile(overtaken, 0.5),
    overtakenP99: quantile(overtaken, 0.99),
    overtakenMost: Math.max(...overtaken),
  },
  slow: {
    figures: figuresOf(slowRun, scenarios.slowRegion.seconds),
    before: during(0, from),
    during: during(from, to),
    after: during(to + 1, 99),
  },
};

mkdirSync('docs/performance', { recursive: true });
const plot = (file: string, ...chart: Parameters<typeof lineChart>) =>
  writeFileSync(`docs/performance/${file}.svg`, lineChart(...chart));

plot(
  'one-pool',
  'Licenses a second on one pool, by sessions that ask a second',
  Object.keys(scenarios.systems).map((name) => ({
    name,
    points: scenarios.rates.map((rate) => [rate, onePool[rate]?.[name]?.grantedPerSecond ?? 0] as const),
  })),
  { x: { title: 'sessions that ask, a second' }, y: { title: 'licenses, a second' } },
);
plot(
  'one-pool-latency',
  'Latency of an activation on one pool, p99',
  Object.keys(scenarios.systems).map((name) => ({
    name,
    points: scenarios.rates.map((rate) => [rate, Math.max(1, onePool[rate]?.[name]?.p99 ?? 0)] as const),
  })),
  { x: { title: 'sessions that ask, a second' }, y: { title: 'p99, ms', logarithmic: true } },
);
const slowSteps = inSteps(
  slowRun.answered.filter(({ what }) => what === 'granted'),
  500,
);
plot(
  'slow-region',
  'Latency of an activation while the Region is three times as slow',
  [0.5, 0.99].map((share) => ({
    name: `p${share * 100}`,
    points: slowSteps.map(
      ([at, some]) =>
        [
          at,
          quantile(
            some.map(({ ms }) => ms),
            share,
          ),
        ] as const,
    ),
  })),
  { x: { title: 'seconds' }, y: { title: 'ms' } },
);
plot(
  'queue',
  'When the sessions of the queue got their licenses, by their order of arrival',
  [
    {
      name: 'served',
      points: queueRun.served
        .toSorted((a, b) => a.arrivedAt - b.arrivedAt)
        .flatMap(({ servedAt }, index) => (servedAt === undefined ? [] : [[index + 1, servedAt / 1000] as const])),
    },
  ],
  { x: { title: 'place of arrival' }, y: { title: 'served after, s' } },
);
const crowdSteps = inSteps(crowdRun.answered, 5000);
plot(
  'refused-crowd',
  'Answers a second to a crowd on a full pool',
  (['granted', 'refused', 'throttled'] as const).map((kind) => ({
    name: kind,
    points: crowdSteps.map(([at, some]) => [at, some.filter(({ what }) => what === kind).length / 5] as const),
  })),
  { x: { title: 'seconds' }, y: { title: 'answers, a second' } },
);
writeFileSync('docs/performance.md', pageOf(results));
