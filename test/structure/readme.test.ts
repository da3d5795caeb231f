import { existsSync, globSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { operations } from '../../shared/contracts/operations.ts';
import { problemKinds } from '../../shared/contracts/problems.ts';

const api = await readFile('docs/api.md', 'utf8');
const readme = await readFile('README.md', 'utf8');
const base = '/v1/organizations/{organizationId}/subscriptions/{product}';

describe('the page of the API', () => {
  it.each(operations.map(({ name, method, path }) => [name, `${method} ${path}`.replace(base, 'S')]))(
    'names the operation %s',
    (_, line) => expect(api).toContain(`\`${line}\``),
  );

  it.each(Object.entries(problemKinds))('explains the problem %s', (code, { status }) => {
    const row = api.split('\n').find((line) => line.startsWith('|') && line.includes(`\`${code}\``));
    expect(row).toContain(String(status));
  });
});

describe('the README', () => {
  it('has at most 150 lines', () => expect(readme.split('\n').length).toBeLessThanOrEqual(150));

  it('tells the costs that `npm run costs` found', () => {
    const cost = readFileSync('docs/cost.md', 'utf8');
    const inRow = (name: string) =>
      Math.round(Number(new RegExp(`^\\| ${name} \\| \\*\\*([\\d.]+)`, 'm').exec(cost)?.[1]));
    expect(readme).toContain(`a million sessions cost $${inRow('sessions, with 400 days of history')} with`);
    expect(readme).toContain(`a million hours of running sessions $${inRow('hours of running sessions')}.`);
    expect(readme).toContain(/\*\*\$[\d.]+ a month\*\*/.exec(cost)?.[0]);
  });

  it('links to files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!http)([^)#]+)/g)].map(([, file]) => file as string);
    expect(links.length).toBeGreaterThan(3);
    expect(links.filter((file) => !existsSync(file))).toEqual([]);
  });
});

describe('the docs', () => {
  const texts = ['README.md', 'client/README.md', ...globSync('docs/**/*.md')].map(
    (file) => [file, readFileSync(file, 'utf8')] as const,
  );

  it('link to files that exist', () => {
    const links = texts.flatMap(([file, text]) =>
      [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, target]) => join(dirname(file), target as string)),
    );
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter((target) => !existsSync(target))).toEqual([]);
  });

  it('are all in their index', () => {
    const index = readFileSync('docs/index.md', 'utf8');
    const documents = globSync('docs/*.md').map((file) => basename(file));
    expect(documents.filter((file) => file !== 'index.md' && !index.includes(`(${file}`))).toEqual([]);
  });

  it('number the decisions from 1 on, each once, and mention no other', () => {
    const decisions = texts.filter(([file]) => dirname(file) === join('docs', 'decisions')).sort();
    const numbers = decisions.map(([file]) => Number(basename(file).slice(0, 4)));
    expect(numbers).toEqual(decisions.map((_, index) => index + 1));
    expect(decisions.map(([, text]) => Number(/^# (\d+)\. /.exec(text)?.[1]))).toEqual(numbers);
    const mentioned = texts.flatMap(([, text]) =>
      [...text.matchAll(/\bdecisions?[ /](\d+)/g)].map(([, number]) => Number(number)),
    );
    expect(mentioned.filter((number) => !numbers.includes(number))).toEqual([]);
  });
});

describe('each room of the table and of the rules, and each folder beside them', () => {
  const rooms = [...globSync('shared/table/*/'), ...globSync('shared/domain/*/')];
  const folders = [...rooms, 'shared/table', 'shared/domain', 'shared/contracts', 'shared/signing'];

  it('says in at most 15 lines what it is for, and where to start', () => {
    expect(folders.length).toBeGreaterThan(20);
    for (const folder of folders) {
      const text = readFileSync(join(folder, 'README.md'), 'utf8').trimEnd();
      expect(text.split('\n').length, folder).toBeLessThanOrEqual(15);
      if (folder !== 'shared/table') expect(text, folder).toContain('Start with `');
    }
  });
});
