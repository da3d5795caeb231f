import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dueShards, ranges } from '../../shared/table/store/keys.ts';
import { openTable, readAll } from '../../shared/table/store/table.ts';
import { lineChart, type Series } from '../simulation/chart.ts';
import { check, explain } from './check/check.ts';
import { historyOf } from './check/log.ts';
import { run } from './run.ts';
import { ends, quantile, type Sample, slopePerHour, unprovoked, warm } from './steadiness.ts';

const usage = `Lets clients use the real service under faults, and measures it: npm run verify:soak -- [options]

  --minutes N   for how long (default: 60)
  --seed N      the seed of the faults and the clients (default: by the time)
  --runners N   how many runners each product has (default: 4)
  --out DIR     the folder of the charts and the log (default: .local/verify)`;

const bounds = {
  /** The growth of the heap after a garbage collection, MB an hour. */
  heapPerHour: 20,
  /** The growth of the process's memory, MB an hour. */
  rssPerHour: 60,
  /** Due items that are late by more than two minutes. */
  lateItems: 20,
  /** The growth of the median latency, from the first to the last quarter. */
  latencyRatio: 1.5,
};
/** A shorter run gives no slope. */
const leastMinutes = 20;
const lateMs = 120_000;
/** How long a storm's last requests may fail, ms. */
const marginMs = 15_000;
const MB = 1_048_576;

const number = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${text} is no number above 0`);
  return value;
};

/** Counts the due items that are late. */
const countLate = async (endpoint: string): Promise<number> => {
  const table = openTable('service#seed', { TABLE_NAME: 'leasehold', DYNAMODB_ENDPOINT: endpoint });
  try {
    const shards = Array.from({ length: dueShards }, (_, shard) =>
      readAll(table, ranges.due(shard, Date.now() - lateMs)),
    );
    return (await Promise.all(shards)).flat().length;
  } finally {
    table.client.destroy();
  }
};

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      runners: { type: 'string', default: '4' },
      out: { type: 'string', default: join(import.meta.dirname, '../../.local/verify') },
    },
  });
  const { out } = values;
  const [minutes, seed] = [number(values.minutes), number(values.seed)];
  mkdirSync(out, { recursive: true });
  const memoryFile = join(out, `memory-${seed}.ndjson`);
  writeFileSync(memoryFile, '');
  const late: Sample[] = [];
  console.log(`seed ${seed}, ${minutes} minutes, charts and log in ${out}`);
  const recorder = await run({
    seconds: minutes * 60,
    seed,
    log: join(out, `soak-${seed}.ndjson`),
    runners: number(values.runners),
    calm: [40, 80],
    // The memory is that of one process.
    kills: false,
    pace: 0.5,
    onDisk: true,
    nodeArgs: ['--expose-gc', '--import', join(import.meta.dirname, 'service/measure.mjs')],
    settings: { MEMORY_FILE: memoryFile },
    say: (line) => console.log(line),
    sample: async (_service, endpoint) => {
      late.push([Date.now(), await countLate(endpoint)]);
    },
  });

  const memory = readFileSync(memoryFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { at: number; heapUsed: number; rss: number });
  const heap = memory.map(({ at, heapUsed }): Sample => [at, heapUsed / MB]);
  const rss = memory.map(({ at, rss: bytes }): Sample => [at, bytes / MB]);
  const history = historyOf(recorder.entries);
  const { storms } = history;
  const calm = recorder.latencies.filter(
    ([at, ms]) => !storms.some(({ from, to }) => at - ms < to + marginMs && at > from),
  );
  const [first, last] = ends(warm(calm, 0.05)).map((latencies) => quantile(latencies, 0.5)) as [number, number];
  const failed = unprovoked(history.calls, storms, marginMs);

  const start = memory[0]?.at ?? 0;
  const inMinutes = (samples: readonly Sample[]) =>
    samples.map(([at, value]) => [(at - start) / 60_000, value] as const);
  const chart = (name: string, title: string, unit: string, series: readonly Series[]) => {
    if (series.every(({ points }) => points.length > 1))
      writeFileSync(
        join(out, `${name}.svg`),
        lineChart(title, series, { x: { title: 'minutes' }, y: { title: unit } }),
      );
  };
  chart('memory', 'Memory of the service', 'MB', [
    { name: 'process', points: inMinutes(rss) },
    { name: 'heap', points: inMinutes(heap) },
  ]);
  chart('late-items', 'Due items that are late by two minutes', 'items', [{ name: 'late', points: inMinutes(late) }]);
  chart('latency', 'Latency without faults', 'ms', [
    { name: 'median', points: inMinutes(byMinute(calm, 0.5)) },
    { name: '95 %', points: inMinutes(byMinute(calm, 0.95)) },
  ]);

  const isLong = minutes >= leastMinutes;
  const judged: [what: string, value: number, bound: number, judges: boolean][] = [
    ['MB an hour that the heap grew', slopePerHour(warm(heap)), bounds.heapPerHour, isLong],
    ['MB an hour that the process grew', slopePerHour(warm(rss)), bounds.rssPerHour, isLong],
    ['late due items in the last quarter (median)', quantile(ends(late)[1], 0.5), bounds.lateItems, true],
    [
      'times the median latency of the first quarter, in the last',
      first > 0 ? last / first : 0,
      bounds.latencyRatio,
      isLong,
    ],
    ['5xx without a fault', failed.length, 0, true],
  ];
  let isSteady = true;
  for (const [what, value, bound, judges] of judged) {
    const isKept = value <= bound;
    if (judges && !isKept) isSteady = false;
    const verdict = judges ? (isKept ? 'ok' : 'BROKEN') : `not judged in less than ${leastMinutes} minutes`;
    console.log(`${value.toFixed(1)} ${what} (bound: ${bound}): ${verdict}`);
  }
  for (const { n, op, product, status, begin } of failed.slice(0, 5))
    console.log(`  #${n} ${new Date(begin).toISOString()} ${op} ${product} → ${status}`);
  const explanation = explain(check(history));
  console.log(explanation === '' ? 'No guarantee was broken.' : explanation);
  return isSteady && explanation === '' ? 0 : 1;
};

/** Returns a quantile of the latencies of each minute. */
const byMinute = (latencies: readonly Sample[], share: number): Sample[] =>
  [...Map.groupBy(latencies, ([at]) => Math.floor(at / 60_000))]
    .sort(([a], [b]) => a - b)
    .map(([minute, some]) => [
      minute * 60_000,
      quantile(
        some.map(([, ms]) => ms),
        share,
      ),
    ]);

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`${(error as Error).stack}\n\n${usage}`);
  process.exitCode = 2;
}
process.exit();
