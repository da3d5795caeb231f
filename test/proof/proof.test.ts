import { describe, expect, it } from 'vitest';
import { models } from './models.ts';
import { missingTools, search } from './spin.ts';

// The small searches of `npm run verify:model`. CI must have Spin; elsewhere they are left out without it.
const missing = missingTools();

it.runIf(process.env.CI === 'true')('CI has Spin and a C compiler', () => {
  expect(missing).toBeUndefined();
});

describe.skipIf(missing)(`the models${missing ? ` (${missing})` : ''}`, () => {
  for (const { name: model, runs, mutants } of models) {
    for (const { name, small, ...run } of runs)
      if (small)
        it(`${model}: ${name}: breaks no rule`, () =>
          expect(search({ model, small, ...run })).not.toHaveProperty('broken'));
    for (const { name, without, breaks, defines, small } of mutants)
      if (small)
        it(`${model}: without ${without}: breaks one`, () => {
          expect(search({ model, small, defines: { ...defines, [name]: 1 } })).toHaveProperty('broken', breaks);
        });
  }
});
