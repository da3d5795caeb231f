import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('no source uses a transaction: a global table with strong consistency in several Regions takes none', () => {
  const files = globSync('{shared,functions,infra}/**/*.ts');
  expect(files.length).toBeGreaterThan(250);
  const using = files.filter((file) => /Transact(Write|Get)|ConditionCheckItem/.test(readFileSync(file, 'utf8')));
  expect(using).toEqual([]);
});
