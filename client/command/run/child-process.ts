import { execFile } from 'node:child_process';
import spawn from 'cross-spawn';
import { CommandFailed } from '../exit-codes.ts';
import type { ExitStatus } from '../signals.ts';

export interface Child {
  /** Rejects with `CommandFailed` if the command could not be started. */
  readonly exited: Promise<ExitStatus>;
  readonly runs: () => boolean;
  readonly pass: (signal: NodeJS.Signals) => void;
  /** Sends a signal, and SIGKILL after the grace time. */
  readonly terminate: (signal: NodeJS.Signals) => void;
}

const startErrorOf = (command: string, error: unknown): CommandFailed => {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT'
    ? new CommandFailed('commandMissing', `${command}: command not found.`)
    : new CommandFailed('notExecutable', `${command} can't be run: ${code}.`, { cause: error });
};

/**
 * Kills a process of Windows with all that it started: a `.cmd` runs in a shell, which would die alone. Windows has no signal
 * that asks a process to end.
 */
const killTree = (pid: number): void => void execFile('taskkill', ['/pid', String(pid), '/t', '/f'], () => {});

/**
 * Runs a command with the standard input, output and error of this process. On Windows also `.cmd` files such as `npm`, and
 * the words of the shell such as `echo`.
 */
export const startChild = ([command, ...args]: readonly [string, ...string[]], graceMs: number): Child => {
  const child = spawn(command, args, { stdio: 'inherit' });
  let killing: NodeJS.Timeout | undefined;
  const runs = () => child.exitCode === null && child.signalCode === null;
  const exited = new Promise<ExitStatus>((resolve, reject) => {
    // Also emitted if a signal could not be sent; then `exit` reports the end.
    child.on('error', (error) => child.pid === undefined && reject(startErrorOf(command, error)));
    child.on('exit', (code, signal) => resolve(signal ? { signal } : { code: code ?? 0 }));
  }).finally(() => clearTimeout(killing));
  return {
    exited,
    runs,
    pass: (signal) => void child.kill(signal),
    terminate: (signal) => {
      if (!runs()) return;
      if (process.platform === 'win32' && child.pid !== undefined) return killTree(child.pid);
      child.kill(signal);
      killing ??= setTimeout(() => child.kill('SIGKILL'), graceMs);
    },
  };
};
