import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { onDatabase } from '../console/stack.ts';
import { createDatabase } from '../table/support/database.ts';
import { makeDataDir, runStack } from './stack-process.ts';

/** Returns the lines of the first shell block below a heading of the README. */
const linesBelow = (heading: string): string[] => {
  const [, rest = ''] = readFileSync('README.md', 'utf8').split(`## ${heading}\n`);
  const [, block = ''] = /```sh\n(.+?)\n```/s.exec(rest) ?? [];
  return block.split(/(?<!\\)\n/);
};

it('the README’s own lines take a license, show it, are refused, wait and give back, and sell', async () => {
  const dataDir = makeDataDir();
  const environment = {
    LEASEHOLD_DATA_DIR: dataDir,
    SCHEDULE_SECONDS: '1',
    ...onDatabase(await createDatabase({ stream: true })),
  };
  await runStack(environment).ready;

  const lines = ['One minute', 'As a vendor'].flatMap(linesBelow);
  // The command of this checkout, without the second that npx takes.
  const npx = `npx() { shift; '${process.execPath}' '${join('client', 'command', 'leasehold.ts')}' "$@"; }`;
  const steps = lines.map((line) => line.replace(/(\.\/)?\.local\//, `${dataDir}/`));
  const script = [npx, 'exec 2>&1', ...steps.map((step) => `${step}\nprintf '\\n= %s\\n' $?`)].join('\n');
  const { PATH = '' } = process.env;
  const output = await text(spawn('bash', ['-c', script], { env: { PATH, HOME: dataDir } }).stdout);

  const results = [...output.matchAll(/(.*?)\n= (\d+)\n/gs)].map(([, said, code]) => ({ said: said?.trim(), code }));
  expect(results).toEqual([
    { said: '', code: '0' },
    { said: 'licensed', code: '0' },
    { said: expect.stringMatching(/job-10/), code: '0' },
    { said: expect.stringMatching(/job-1\b.+job-10\b/s), code: '0' },
    { said: expect.stringMatching(/All 10 KRE licenses are in use/), code: '75' },
    { said: '', code: '0' },
    { said: expect.stringMatching(/mine$/), code: '0' },
    { said: '', code: '0' },
    { said: '', code: '0' },
    { said: expect.stringMatching(/"name":"Globex"/), code: '0' },
    { said: expect.stringMatching(/"quota":25/), code: '0' },
  ]);
});
