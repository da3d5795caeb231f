import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const folders = ['shared', 'functions', 'infra', 'client', 'console', 'test'];
const ofFolders = globSync(`{${folders}}/**/README.md`, { exclude: ['**/node_modules/**'] });
const documents = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md'), ...ofFolders];
const fromRoot = new RegExp(`^(${[...folders, 'docs'].join('|')})/[\\w./-]*$`);
const inFolder = /^\w[\w./-]*(\.tsx?|\.mjs|\/)$/;

/** Returns the words of a document's inline code and code blocks. */
const wordsOf = (text: string): string[] =>
  [...text.matchAll(/```\w*\n(.+?)```|`([^`\n]+)`/gs)].flatMap(
    ([, block, inline]) => block?.split(/[\s'"]+/) ?? [inline as string],
  );
const pathsIn = (document: string, path: RegExp): string[] =>
  wordsOf(readFileSync(document, 'utf8')).filter((word) => path.test(word));

describe('each path that a document cites exists', () => {
  it.each(documents)('%s', (document) => {
    expect(pathsIn(document, fromRoot).filter((path) => !existsSync(path))).toEqual([]);
  });

  it.each(ofFolders)('%s, in its folder', (document) => {
    const folder = dirname(document);
    const missing = (path: string) => !existsSync(join(folder, path)) && !existsSync(path);
    expect(pathsIn(document, inFolder).filter(missing)).toEqual([]);
  });

  it('and there are such paths', () => {
    expect(pathsIn('CONTRIBUTING.md', fromRoot).length).toBeGreaterThan(10);
    expect(pathsIn('docs/architecture.md', fromRoot).length).toBeGreaterThan(40);
    expect(pathsIn('infra/local/README.md', inFolder).length).toBeGreaterThan(5);
  });
});
