import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { models } from '../proof/models.ts';
import { steps, stepsPage } from '../proof/steps.ts';

const read = (file: string) => readFileSync(file, 'utf8');
const files = globSync('test/proof/*.pml').map((file) => basename(file, '.pml'));
const stepsOf = (model: string) =>
  [...read(`test/proof/${model}.pml`).matchAll(/STEP\((\w+)\)/g)]
    .map(([, step]) => step as string)
    .filter((step) => !step.startsWith('world_'));

describe('each step of a model is a line of the code', () => {
  it.each(Object.keys(steps))('%s: each step has a line', (model) => {
    expect(Object.keys(steps[model]!).toSorted()).toEqual([...new Set(stepsOf(model))].toSorted());
  });

  it.each(Object.keys(steps))('%s: each line is in its file', (model) => {
    const gone = Object.entries(steps[model]!).filter(
      ([, [file, line]]) =>
        !read(file)
          .split('\n')
          .some((each) => each.trim() === line),
    );
    expect(gone).toEqual([]);
  });

  it('every model has its steps, and is checked', () => {
    const checked = models.map(({ name }) => name).toSorted();
    expect(Object.keys(steps).toSorted()).toEqual(checked);
    expect(files.filter((file) => file !== 'store').toSorted()).toEqual(checked);
  });

  it('every mutant of a model is checked', () => {
    for (const { name, mutants } of models) {
      const switches = new Set(read(`test/proof/${name}.pml`).match(/\bM_[A-Z_]+\b/g) ?? []);
      expect([...new Set(mutants.map((mutant) => mutant.name))].toSorted(), name).toEqual([...switches].toSorted());
    }
  });

  it('docs/proof-steps.md has them all', () => {
    expect(read('docs/proof-steps.md'), 'npm run verify:model -- --steps > docs/proof-steps.md').toBe(stepsPage());
  });
});
