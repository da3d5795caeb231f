import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inProcess } from './in-process.ts';

/** The guides with a job that runs the command. */
const files = ['Dockerfile', 'Jenkinsfile', 'github-actions.yml', 'gitlab-ci.yml'].map(
  (name) => [name, readFileSync(`docs/ci/${name}`, 'utf8')] as const,
);
const guide = readFileSync('docs/ci.md', 'utf8');
const { version } = JSON.parse(readFileSync('client/package.json', 'utf8'));
const source = readdirSync('client/command', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(`client/command/${file}`, 'utf8'))
  .join('\n');

/** Returns the words after `leasehold run` in a file, up to its command. */
const wordsOf = (text: string): string[] => {
  const [, flat = ''] = /leasehold"?,? "?(run.+?[ "]--)(?=[ "])/.exec(text) ?? [];
  return flat.split(/[", ]+/);
};

describe.each(files)('the guide for %s', (_, text) => {
  it('runs the command with known flags; only the address of the service is missing', async () => {
    const words = wordsOf(text);
    expect(words).toContain('KRE');
    expect(await inProcess([...words, 'true'], {})).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('Say where the service is'),
    });
  });

  it('installs the published package', () => expect(text).toContain(`leasehold@${version}`));

  it('sets variables that the command reads', () => {
    const variables = [...text.matchAll(/LEASEHOLD_[A-Z_]+/g)].map(([variable]) => variable);
    expect(variables.filter((variable) => !source.includes(variable))).toEqual([]);
  });
});

it('the sidecar for Kubernetes gives its license back after the server has ended, so in no hook, which runs before', () => {
  const sidecar = readFileSync('docs/ci/kubernetes.yaml', 'utf8').split('kind: Deployment')[1] ?? '';
  expect(sidecar).toContain('restartPolicy: Always');
  expect(sidecar).not.toMatch(/lifecycle|release/);
});

it('the page links every guide', () => {
  for (const file of readdirSync('docs/ci')) expect(guide).toContain(`(ci/${file})`);
});
