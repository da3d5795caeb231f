/**
 * Runs a program that must not outlive the process that started this watchdog.
 *
 *     node watchdog.mjs <pid file or ''> <command> <arguments…>
 *
 * The starter holds the other end of standard input. When it closes, however the starter ended (`kill -9` included),
 * the program is stopped. The pid file names the program while it runs, for the case that the watchdog is killed too.
 */
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';

/** How long the program may take to stop before it is killed. */
const PATIENCE_MS = 5_000;

const [pidFile, command, ...args] = process.argv.slice(2);
const program = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], windowsHide: true });

const stop = () => {
  program.kill('SIGTERM');
  setTimeout(() => program.kill('SIGKILL'), PATIENCE_MS).unref();
};

const end = (code) => {
  if (pidFile) rmSync(pidFile, { force: true });
  process.exit(code);
};

program.on('spawn', () => pidFile && writeFileSync(pidFile, String(program.pid)));
program.on('error', () => end(127));
program.on('exit', (code) => end(code ?? 1));

process.stdin.on('end', stop).on('error', stop).resume();
process.on('SIGTERM', stop);
// The starter handles a terminal that closes, and Ctrl-C.
process.on('SIGHUP', () => {});
process.on('SIGINT', () => {});
