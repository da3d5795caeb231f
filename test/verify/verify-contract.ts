import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const usage = `Calls the whole API at random, and compares every answer with a model: npm run verify:contract -- [options]

  --minutes N   for how long (default: 1)
  --seed N      the seed of the runs (default: by the time)
  --path PATH   only this run of the seed, as a finding tells it`;

const options = () => {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      path: { type: 'string', default: '' },
    },
  });
  const { minutes, seed, path } = values;
  if (!(Number(minutes) > 0)) throw new Error(`--minutes ${minutes} is no number above 0`);
  if (!/^\d+$/.test(seed)) throw new Error(`--seed ${seed} is no whole number`);
  if (!/^[\d:]*$/.test(path)) throw new Error(`--path ${path} is no path`);
  return { minutes, seed, path };
};

try {
  const { minutes, seed, path } = options();
  console.log(`seed ${seed}`);
  // The test of `npm test`, for longer: a finding takes up to the same time again to lose the calls that it does not need.
  const timeout = String((2 * Number(minutes) + 5) * 60_000);
  const { status } = spawnSync('npx', ['vitest', 'run', '--testTimeout', timeout, 'test/api/model/contract.test.ts'], {
    stdio: 'inherit',
    env: { ...process.env, CONTRACT_MINUTES: minutes, CONTRACT_SEED: seed, CONTRACT_PATH: path },
  });
  process.exitCode = status ?? 1;
} catch (error) {
  console.error(`${(error as Error).message}\n\n${usage}`);
  process.exitCode = 2;
}
