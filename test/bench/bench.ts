import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { measureBurst } from './burst.ts';
import { type Database, startDatabase } from './database.ts';
import { measureFollowing } from './following.ts';
import { measureGrowth } from './growth.ts';
import { measurePolls } from './polls.ts';
import { type Report, textOf } from './report.ts';
import { measureSchedule } from './schedule.ts';
import { measureSettling } from './settle.ts';
import { measureThroughput } from './throughput.ts';

// How fast the service is beside a bare conditional update of the same DynamoDB Local, and how it grows. Absolute
// figures are this machine's; the ratios and the counted requests are the service's.
//
//   npm run bench -- [--json bench.json] [--scale 1] [--relay relay]
//
//   --scale 0.1: a tenth of the work, for a quick look; --relay: also measure this binary of Keygen Relay

const { values } = parseArgs({
  options: {
    json: { type: 'string', default: 'bench.json' },
    scale: { type: 'string', default: '1' },
    relay: { type: 'string' },
  },
});
const scale = Number(values.scale);
if (!(scale > 0 && scale <= 10)) throw new Error('--scale must be a number above 0, at most 10');
const scaled = (count: number) => Math.max(1, Math.round(count * scale));

const commit = () => {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', '../../shared') && '+'}`;
  } catch {
    return 'unknown';
  }
};

const measure = async (database: Database): Promise<Report> => {
  const begin = performance.now();
  const loadBefore = loadavg()[0] ?? 0;
  const told = (what: string) =>
    process.stderr.write(`${((performance.now() - begin) / 1000).toFixed(0).padStart(4)} s  ${what}\n`);
  const { table, endpoint } = database;

  told('throughput');
  const { throughput, costs } = await measureThroughput(table, endpoint, {
    relay: values.relay,
    rounds: Math.min(5, Math.max(2, scaled(5))),
    counts: [
      { concurrency: 16, count: scaled(300) },
      { concurrency: 1, count: scaled(80) },
    ],
  });
  told('schedule');
  const settling = await measureSettling(database, scaled(200));
  told('due items');
  const due = await measureSchedule(table, endpoint, [scaled(100), scaled(1000), scaled(10_000)]);
  told('stream');
  const following = await measureFollowing(database, scaled(300));
  told('burst');
  const burst = await measureBurst(table, endpoint, { sessions: 500, quota: 100, times: scaled(3) });
  told('growth');
  const growth = await measureGrowth(table, endpoint, {
    quotas: [10, 100, 1000, 10_000],
    rounds: scaled(3),
    count: scaled(30),
    mostMs: 1500 * scale,
  });
  told('polls');
  const polls = await measurePolls(table, endpoint, { waiting: [100, 1000, 10_000], count: scaled(60) });

  const about = {
    date: new Date().toISOString(),
    commit: commit(),
    node: process.version,
    cpus: availableParallelism(),
    cpuModel: cpus()[0]?.model ?? 'unknown',
    loadBefore,
    loadAfter: loadavg()[0] ?? 0,
    seconds: (performance.now() - begin) / 1000,
  };
  return { about, throughput, costs, burst, growth, polls, settling, due, following };
};

const database = await startDatabase();
try {
  const report = await measure(database);
  writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
  console.log(`${textOf(report)}\n\nAll of it is in ${values.json}.`);
} finally {
  await database.stop();
}
