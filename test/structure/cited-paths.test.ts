import { existsSync, globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const folders = 'shared|functions|infra|client|console|test|docs';
const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md')],
  ...globSync(`{${folders.replaceAll('|', ',')}}/**/README.md`, { exclude: ['**/node_modules/**'] }),
];

/** Returns the paths of this repository that a document cites: in inline code, and as words of its code blocks. */
const citedIn = (text: string): string[] =>
  [...text.matchAll(/```\w*\n(.+?)```|`([^`\n]+)`/gs)]
    .flatMap(([, block, inline]) => block?.split(/[\s'"]+/) ?? [inline as string])
    .filter((word) => new RegExp(`^(${folders})/[\\w./-]*$`).test(word));

it.each([...new Set(documents)])('%s cites paths that exist', (document) => {
  const cited = citedIn(readFileSync(document, 'utf8'));
  expect(cited.filter((path) => !existsSync(path))).toEqual([]);
});

it('paths are cited', () => {
  for (const document of ['CONTRIBUTING.md', 'docs/architecture.md', 'docs/decisions/0001-seats-are-items.md'])
    expect(citedIn(readFileSync(document, 'utf8')).length, document).toBeGreaterThan(0);
});
