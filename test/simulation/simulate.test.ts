import { beforeAll, expect, it } from 'vitest';
import { simulateProcesses } from '../explore/simulated-process.ts';
import { burst } from './arrivals.ts';
import { countByCompareAndSwap, countByIncrement, countInTransaction } from './counters.ts';
import { engine } from './licensing.ts';
import { type RunOptions, simulate } from './world.ts';

beforeAll(simulateProcesses);

const few: RunOptions = {
  seed: 1,
  licensing: engine,
  pools: 1,
  terms: { quota: 10, leaseSeconds: 120 },
  arrivals: burst(30, () => ({ pool: 0, usesMs: 60_000, triesMs: 120_000 }), 10),
  untilMs: 50_000,
};

const granted = (answered: readonly { what: string }[]) => answered.filter(({ what }) => what === 'granted').length;

it.each(Object.entries({ engine, countInTransaction, countByCompareAndSwap, countByIncrement }))(
  'serves as many sessions as there are licenses, and no more: %s',
  async (_, licensing) => {
    const { answered, most } = await simulate({ ...few, licensing });
    expect({ granted: granted(answered), most }).toEqual({ granted: 10, most: 10 });
  },
);

it('gives the same events for the same seed, and others for another', async () => {
  const first = await simulate(few);
  expect(await simulate(few)).toEqual(first);
  expect((await simulate({ ...few, seed: 2 })).answered).not.toEqual(first.answered);
});

it('serves those who wait once licenses are released', async () => {
  const waiting = burst(30, () => ({ pool: 0, usesMs: 5000, triesMs: 300_000, waitSeconds: 300 }), 10);
  const { answered, most } = await simulate({ ...few, arrivals: waiting, untilMs: 300_000 });
  expect({ granted: granted(answered), most }).toEqual({ granted: 30, most: 10 });
});

it('finds an engine that claims a seat without the condition', async () => {
  const withoutCondition = (operation: string, input: any) =>
    operation === 'UpdateItem' && input.ConditionExpression === 'attribute_not_exists(pk)'
      ? { ...input, ConditionExpression: undefined }
      : input;
  await expect(simulate({ ...few, mutate: withoutCondition })).rejects.toThrow(/both have seat/);
});
