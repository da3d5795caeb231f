import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const start = join(import.meta.dirname, '../../infra/local/start.mjs');

export interface Credentials {
  baseUrl: string;
  organizationId: string;
  apiKey: string;
  tokens: Record<'vendor' | 'owner' | 'admin' | 'billingManager' | 'user', string>;
}

/** A local stack as a user runs it: a process of its own. */
export interface StackProcess {
  child: ChildProcess;
  /** Its output on the terminal so far. */
  output: () => { stdout: string; stderr: string };
  /** Resolves once it has said that it is ready. */
  ready: Promise<Credentials>;
  exit: Promise<number | null>;
}

/** When to clean up: after the test, or with `afterAll` after the whole file. */
type Over = (clear: () => void) => void;

/** A data directory that is gone after the test, with whatever still runs on it. */
export const makeDataDir = (over: Over = onTestFinished): string => {
  const dataDir = mkdtempSync(join(tmpdir(), 'leasehold-stack-'));
  over(() => {
    for (const { pid } of processesOn(dataDir)) process.kill(pid, 'SIGKILL');
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  });
  return dataDir;
};

/** A process between, like npm: it only runs its argument. */
const another = [
  '-e',
  "require('node:child_process').spawn(process.execPath, process.argv.slice(1), { stdio: 'inherit' })",
];

/**
 * Runs what `npm start` runs, without the environment of the tests.
 *
 * @param options.underAnother `child` is not the stack itself then, but its parent
 */
export const runStack = (
  environment: Record<string, string>,
  {
    nodeArgs = [],
    underAnother = false,
    over = onTestFinished,
  }: { nodeArgs?: string[]; underAnother?: boolean; over?: Over } = {},
): StackProcess => {
  const { PATH = '', JAVA_HOME = '' } = process.env;
  const child = spawn(process.execPath, [...(underAnother ? another : []), ...nodeArgs, start], {
    env: { PATH, JAVA_HOME, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  over(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const exit = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  const ready = new Promise<Credentials>((resolve, reject) => {
    child.stdout.on('data', () => {
      const file = join(environment.LEASEHOLD_DATA_DIR ?? '', 'credentials.json');
      if (stdout.includes('is ready at')) resolve(JSON.parse(readFileSync(file, 'utf8')) as Credentials);
    });
    exit.then((code) => reject(new Error(`It ended (${code}): ${stdout}${stderr}`)));
  });
  ready.catch(() => {});
  return { child, output: () => ({ stdout, stderr }), ready, exit };
};

/** The processes that have a directory in their command line: the database, and its watchdog. */
export const processesOn = (directory: string): { pid: number; command: string }[] =>
  processes().filter(({ command }) => command.includes(directory));

const processes = () => {
  if (process.platform !== 'linux') {
    const lines = execFileSync('ps', ['-ww', '-axo', 'pid=,command='], { encoding: 'utf8' }).split('\n');
    return lines.map((line) => ({ pid: Number.parseInt(line, 10), command: line }));
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [{ pid: Number(pid), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') }];
      } catch {
        return [];
      }
    });
};

/** Listens on a port until the test is over. */
export const takePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    onTestFinished(() => void server.close());
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
