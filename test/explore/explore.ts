import { setTimeout as after } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type DynamoDb, startDynamoDbLocal } from '../../infra/local/database/dynamodb-process.ts';
import { type RunOptions, type RunResult, run } from './run.ts';
import { shrink } from './shrink.ts';
import { simulateProcesses } from './simulated-process.ts';
import type { Counts } from './world.ts';

const usage = `Explores pools at random, against DynamoDB Local: npm run explore -- [options]

  --seconds N   for how long (default: 60)
  --seed N      the seed of the first run; the next runs have the next ones (default: by the time)
  --runs N      at most so many runs
  --kind K      floating or per-user licenses alone (default: both)
  --steps LIST  only these steps of each run, as a finding tells them: 0,4,7`;

/** How many runs one database sees: each leaves its table in the database's memory. */
const runsPerDatabase = 150;
const progressMs = 10_000;
const shrinkMs = 90_000;

const options = () => {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      runs: { type: 'string', default: '1000000000' },
      kind: { type: 'string' },
      steps: { type: 'string' },
    },
  });
  const whole = (text: string): number => {
    if (!/^\d+$/.test(text)) throw new Error(`${text} is no whole number`);
    return Number(text);
  };
  const { kind, steps } = values;
  if (kind !== undefined && kind !== 'floating' && kind !== 'per-user') throw new Error(`--kind ${kind}`);
  return {
    seconds: whole(values.seconds),
    seed: whole(values.seed),
    runs: whole(values.runs),
    kind: kind as RunOptions['kind'],
    only: steps === undefined ? undefined : new Set(steps.split(',').map(whole)),
  };
};

/** The counts of all runs together. */
const total = { runs: 0, steps: 0, requests: 0, crashes: 0, lostAnswers: 0, failedRequests: 0, lateCopies: 0 };

const add = (counts: Counts): void => {
  total.runs++;
  for (const [name, count] of Object.entries(counts)) total[name as keyof Counts] += count;
};

const report = (seconds: number): string =>
  `${Math.round(seconds)} s: ${total.runs} runs, ${total.steps} steps (${Math.round(total.steps / seconds)} a second), ` +
  `${total.requests} requests, ${total.crashes} crashes, ${total.lostAnswers} lost answers, ` +
  `${total.failedRequests} failed requests, ${total.lateCopies} late copies`;

const describe = ({ violation, story, steps }: RunResult, { seed, kind }: RunOptions): string =>
  [
    `Violated: ${violation?.invariant}`,
    violation?.detail,
    ...story.map((line) => `  ${line}`),
    `Again: npm run explore -- --runs 1 --seed ${seed}${kind ? ` --kind ${kind}` : ''} --steps ${steps.join(',')}`,
  ].join('\n');

/** @returns the exit code: 1 if an invariant was broken */
const explore = async ({ seconds, seed: first, runs, kind, only }: ReturnType<typeof options>): Promise<number> => {
  console.log(`seed ${first}`);
  const began = performance.now();
  const passed = () => (performance.now() - began) / 1000;
  const progress = setInterval(() => console.log(report(passed())), progressMs);
  let database: DynamoDb | undefined;
  try {
    for (let each = 0; each < runs && passed() < seconds; each++) {
      if (each % runsPerDatabase === 0) {
        await database?.stop();
        database = await startDynamoDbLocal();
      }
      const { endpoint } = database as DynamoDb;
      const one: RunOptions = { endpoint, seed: first + each, kind, only };
      const result = await run(one);
      add(result.counts);
      if (!result.violation) continue;
      console.log(`${report(passed())}\nSeed ${one.seed} violates: ${result.violation.invariant}. Shrinking it…`);
      console.log(describe(await shrink(one, result, performance.now() + shrinkMs), one));
      return 1;
    }
    console.log(`${report(passed())}\nNo invariant was broken.`);
    return 0;
  } finally {
    clearInterval(progress);
    await database?.stop();
  }
};

process.env.AWS_REGION ??= 'eu-central-1';
try {
  const chosen = options();
  simulateProcesses();
  process.exitCode = await explore(chosen);
} catch (error) {
  console.error(`${(error as Error).stack}\n\n${usage}`);
  process.exitCode = 2;
}
// Connections of DynamoDB clients may linger.
await after(100);
process.exit();
