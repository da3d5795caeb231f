import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { operations } from '../../shared/contracts/operations.ts';
import { problemKinds } from '../../shared/contracts/problems.ts';

const readme = await readFile('README.md', 'utf8');
const base = '/v1/organizations/{organizationId}/subscriptions/{product}';

describe('the README', () => {
  it.each(operations.map(({ name, method, path }) => [name, `${method} ${path}`.replace(base, 'S')]))(
    'names the operation %s',
    (_, line) => expect(readme).toContain(`\`${line}\``),
  );

  it.each(Object.entries(problemKinds))('explains the problem %s', (code, { status }) => {
    const row = readme.split('\n').find((line) => line.startsWith('|') && line.includes(`\`${code}\``));
    expect(row).toContain(String(status));
  });

  it('links to files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!http)([^)#]+)/g)].map(([, file]) => file as string);
    expect(links.length).toBeGreaterThan(3);
    expect(links.filter((file) => !existsSync(file))).toEqual([]);
  });
});
