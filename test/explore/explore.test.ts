import { beforeAll, describe, expect, inject, it } from 'vitest';
import { run } from './run.ts';
import { runAgain } from './shrink.ts';
import { simulateProcesses } from './simulated-process.ts';

// `npm run explore` runs for as long as you want; this test makes a few of its runs, always the same.

beforeAll(simulateProcesses);

const explore = async (seed: number, kind: 'floating' | 'per-user') => {
  const { violation, story, steps } = await run({ endpoint: inject('dynamodb'), seed, kind });
  expect(violation, `${story.join('\n')}\nsteps ${steps}`).toBeUndefined();
};

describe('a pool under random operations, with crashes, lost answers, late copies and differing clocks', () => {
  it.each([1, 2, 3])('keeps every guarantee when licenses float (seed %i)', async (seed) => {
    await explore(seed, 'floating');
  });

  it.each([1, 3])('keeps every guarantee when licenses belong to users (seed %i)', async (seed) => {
    await explore(seed, 'per-user');
  });

  it('repeats the same run for the same seed', async () => {
    const only = new Set(Array.from({ length: 15 }, (_, step) => step));
    const options = { endpoint: inject('dynamodb'), seed: 5, only };
    expect((await runAgain(options)).story).toEqual((await run(options)).story);
  });
});
