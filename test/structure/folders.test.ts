import { globSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';

const sources = globSync('{shared,functions,infra,client,console,test,release,docs}/**/*.{ts,tsx,mjs,java,css}', {
  exclude: ['**/node_modules/**', '**/dist/**'],
});
/** One file for each operation, and no other. */
const perOperation = ['functions', 'shared/contracts'];

it('no folder has more than 20 files beside its subfolders', () => {
  const files = new Map<string, number>();
  for (const folder of sources.map((source) => dirname(source))) files.set(folder, (files.get(folder) ?? 0) + 1);
  for (const folder of perOperation) expect(files.get(folder)).toBeGreaterThan(20);
  const full = [...files].filter(([folder, count]) => count > 20 && !perOperation.includes(folder));
  expect(full).toEqual([]);
});
