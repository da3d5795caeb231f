import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { check, explain } from './check/check.ts';
import { historyOf, readLog } from './check/log.ts';
import { run } from './run.ts';
import { allMutants } from './service/mutants.ts';

const usage = `Checks what clients see of the real service under faults: npm run verify:history -- [options]

  --minutes N   for how long the clients run (default: 1)
  --seed N      the seed of the faults and the clients (default: by the time)
  --mutant N    plants a bug, 1 to ${allMutants.length}: the check must find it
  --runners N   how many runners each product has (default: 8)
  --log FILE    where the calls are logged (default: .local/verify/history-SEED.ndjson)
  --check FILE  checks a log again, and runs nothing`;

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      mutant: { type: 'string' },
      runners: { type: 'string', default: '8' },
      log: { type: 'string' },
      check: { type: 'string' },
    },
  });
  const number = (text: string): number => {
    const value = Number(text);
    if (!(value > 0)) throw new Error(`${text} is no number above 0`);
    return value;
  };
  if (values.check) return verdict(values.check, explainAll(readLog(values.check)));

  const seed = number(values.seed);
  const mutant = values.mutant === undefined ? undefined : allMutants[number(values.mutant) - 1];
  if (values.mutant !== undefined && !mutant) throw new Error(`--mutant is 1 to ${allMutants.length}`);
  const folder = join(import.meta.dirname, '../../.local/verify');
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  const log = values.log ?? join(folder, `history-${seed}.ndjson`);
  console.log(`seed ${seed}, log ${log}${mutant ? `\nmutant ${mutant.number}: ${mutant.what}` : ''}`);
  const recorder = await run({
    seconds: number(values.minutes) * 60,
    seed,
    mutant: mutant?.number,
    log,
    runners: number(values.runners),
    calm: [8, 20],
    kills: true,
    pace: 1,
    say: (line) => console.log(line),
  });
  const statuses = Object.entries(recorder.statuses).sort(([a], [b]) => a.localeCompare(b));
  console.log(`Answers: ${statuses.map(([name, count]) => `${name} ×${count}`).join(', ')}`);
  return verdict(log, explainAll(historyOf(recorder.entries)));
};

const explainAll = (history: ReturnType<typeof historyOf>): string => explain(check(history));

const verdict = (log: string, explanation: string): number => {
  if (explanation === '') console.log('No guarantee was broken.');
  else console.log(`${explanation}\nAgain: npm run verify:history -- --check ${log}`);
  return explanation === '' ? 0 : 1;
};

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`${(error as Error).stack}\n\n${usage}`);
  process.exitCode = 2;
}
process.exit();
