import fc from 'fast-check';
import { expect, it } from 'vitest';
import { operations } from '../../../shared/contracts/operations.ts';
import { explored } from '../../depth.ts';
import { openChanges } from '../../table/support/stream/changes.ts';
import { openWorld } from '../support/harness.ts';
import { type Command, called, expectEverything, runs, start } from './run.ts';
import { openSchedule } from './schedule.ts';

const world = await openWorld({ stream: true });
const { DYNAMODB_ENDPOINT: endpoint = '', AWS_ACCESS_KEY_ID: accessKeyId = '' } = process.env;
const credentials = { accessKeyId, secretAccessKey: 'secret' };
const changes = await openChanges({ endpoint, name: world.table.name, credentials });
const schedule = openSchedule(world.table, changes);

/** `npm run verify:contract` says how long, and which runs. */
const { CONTRACT_MINUTES: minutes, CONTRACT_SEED: seed, CONTRACT_PATH: path } = process.env;

const parameters = (): fc.Parameters<[Command[]]> => {
  if (seed === undefined) return explored(4);
  if (path) return { seed: Number(seed), path, numRuns: 1, endOnFailure: true };
  return { seed: Number(seed), numRuns: 1_000_000, interruptAfterTimeLimit: Number(minutes) * 60_000 };
};

it('the model calls every operation', () => {
  expect([...new Set(called)].sort()).toEqual(operations.map(({ name }) => name).sort());
});

it('every caller gets the answers, figures and lists that the model says, after any calls', async () => {
  const property = fc.asyncProperty(runs(12), async (commands) => {
    await schedule.forget();
    const { model, real } = await start(world, schedule);
    try {
      await fc.asyncModelRun(() => ({ model, real }), commands);
      await expectEverything(model, real);
    } catch (error) {
      throw new Error(`${real.story.join('\n')}\n${(error as Error).message}`);
    }
  });
  const found = await fc.check(property, parameters());
  if (seed !== undefined) console.log(`${found.numRuns} runs, seed ${found.seed}`);
  if (found.failed)
    throw new Error(
      `${(found.errorInstance as Error | null)?.message}\n` +
        `Again: npm run verify:contract -- --seed ${found.seed} --path ${found.counterexamplePath}`,
    );
});
