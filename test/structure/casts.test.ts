import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** The one place of casts: the store's parser. */
const parser = 'shared/table/store/item.ts';

it('only the parser of the store casts an item to a type: everything else has the type from the key', () => {
  const files = globSync('shared/table/**/*.ts').filter((file) => file !== parser);
  expect(files.length).toBeGreaterThan(80);
  const casts = files.flatMap((file) => {
    const count = readFileSync(file, 'utf8').split('as unknown as').length - 1;
    return count > 0 ? [`${file}: ${count}`] : [];
  });
  expect(casts).toEqual([]);
  expect(readFileSync(parser, 'utf8')).toContain('as unknown as');
});
