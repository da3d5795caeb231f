import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { eventually } from '../eventually.ts';

const bin = join(import.meta.dirname, '../../client/command/leasehold.ts');

/** When to clean up: after the test. A concurrent test gives its own `onTestFinished`. */
type Over = (clear: () => void) => void;

/** A home folder of its own, removed after the test, so that the tests read no files of their user. */
const makeHome = (over: Over): string => {
  const home = mkdtempSync(join(tmpdir(), 'leasehold-home-'));
  over(() => rmSync(home, { recursive: true, force: true }));
  return home;
};

/** Runs the command as a process of its own, without the environment of the tests. */
export const leasehold = (
  args: string[],
  environment: Record<string, string>,
  { input, cwd, over = onTestFinished }: { input?: string; cwd?: string; over?: Over } = {},
) => {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [bin, ...args], { cwd, env: { PATH, HOME: makeHome(over), ...environment } });
  over(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
      for (const listener of listeners) listener();
    });
  const ended = new Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, ...said })),
  );
  child.stdin.end(input);
  /** Resolves once the command, or its child, has printed this. */
  const saw = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = () => {
        if (!`${said.stdout}${said.stderr}`.includes(text)) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
      ended.then(() => reject(new Error(`It ended, and never said "${text}": ${said.stdout}${said.stderr}`)));
    });
  return { child, ended, saw, said };
};

/** Resolves once a signal that was sent to a process has reached it, where the system tells that. */
export const reached = async (pid: number | undefined, signal: NodeJS.Signals): Promise<void> => {
  if (process.platform !== 'linux') return;
  const bit = 1n << BigInt(constants.signals[signal] - 1);
  await eventually(() => {
    const [, pending] = /^ShdPnd:\s*(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    expect(BigInt(`0x${pending}`) & bit).toBe(0n);
  });
};
