import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { onTestFinished } from 'vitest';
import { main } from '../../client/command/main.ts';

/** Runs the command inside of this process, which is ten times as fast as a process of its own. */
export const inProcess = async (
  args: string[],
  environment: Record<string, string>,
  prepare?: (environment: Record<string, string>) => Promise<unknown>,
) => {
  const home = mkdtempSync(join(tmpdir(), 'leasehold-home-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const said = { stdout: '', stderr: '' };
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  for (const name of ['stdout', 'stderr'] as const)
    streams[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  const env = { XDG_CONFIG_HOME: home, APPDATA: home, ...environment };
  await prepare?.(env);
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    await main(args, { env, ...streams });
    await new Promise((resolve) => setImmediate(resolve));
    return { code: Number(process.exitCode ?? 0), ...said };
  } finally {
    process.exitCode = before;
  }
};
