import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesIn, follow } from './holder.mjs';

const at = (name) => join(import.meta.dirname, name);
const input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] ?? '').trim();

const folder = mkdtempSync(join(process.env.RUNNER_TEMP || tmpdir(), 'leasehold-'));
const { ready, log } = filesIn(folder);
const session = input('session-id') ? ['--session-id', input('session-id')] : [];
const words = ['run', '--product', input('product'), '--wait', input('wait') || '0s', ...session];
const output = openSync(log, 'a');
console.log(`::add-mask::${input('api-key')}`);
const holder = spawn(
  process.execPath,
  [at('leasehold.cjs'), ...words, '--', process.execPath, at('holder.mjs'), folder],
  {
    detached: true,
    windowsHide: true,
    stdio: ['ignore', output, output],
    env: {
      ...process.env,
      LEASEHOLD_URL: input('url'),
      LEASEHOLD_API_KEY: input('api-key'),
      LEASEHOLD_ORGANIZATION: input('organization'),
    },
  },
);
// Saved at once: the post step then also ends a wait that was cancelled.
appendFileSync(process.env.GITHUB_STATE, `folder=${folder}\npid=${holder.pid}\n`);

const printNew = follow(log);
const watching = setInterval(() => {
  printNew();
  if (!existsSync(ready)) return;
  clearInterval(watching);
  holder.unref();
}, 200);
holder.on('exit', (code) => {
  clearInterval(watching);
  printNew();
  process.exitCode = code || 1;
});
