import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Credentials } from '../local/stack-process.ts';
import type { Database } from '../table/support/database.ts';

/** A local stack of its own, with everything that `npm start` has. */
export interface RunningStack extends Credentials {
  /** Calls the API as a seeded account; returns the body. */
  api(as: keyof Credentials['tokens'], method: string, path: string, body?: object): Promise<any>;
  /** Kills the service, like a crash of its machine. */
  stop(): Promise<void>;
  /** Starts the service again, with the same data at the same address. */
  start(): Promise<void>;
  /** Ends it, and removes its data. */
  remove(): Promise<void>;
}

/** Settings of a stack that uses another DynamoDB than one of its own, and in it a database of its own. */
export const onDatabase = ({ endpoint, name, credentials }: Pick<Database, 'endpoint' | 'name' | 'credentials'>) => ({
  DYNAMODB_ENDPOINT: endpoint,
  TABLE_NAME: name,
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
});

/** `environment`: settings of the stack, beside those that every test needs. */
export const startStack = async (environment: Record<string, string> = {}): Promise<RunningStack> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'leasehold-console-'));
  let running = await run(dataDir, 0, environment);
  const credentials: Credentials = JSON.parse(readFileSync(join(dataDir, 'credentials.json'), 'utf8'));
  const { baseUrl, tokens } = credentials;

  const stop = async () => {
    if (running.exitCode !== null) return;
    running.kill('SIGTERM');
    await once(running, 'exit');
  };
  return {
    ...credentials,
    api: async (as, method, path, body) => {
      const response = await fetch(`${baseUrl}${path}`, {
        method,
        headers: { authorization: `Bearer ${tokens[as]}`, ...(body && { 'content-type': 'application/json' }) },
        body: body && JSON.stringify(body),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
      return text && JSON.parse(text);
    },
    stop,
    start: async () => {
      running = await run(dataDir, Number(new URL(baseUrl).port), environment);
    },
    remove: async () => {
      await stop();
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};

const run = async (dataDir: string, port: number, environment: Record<string, string>) => {
  const { PATH = '', JAVA_HOME = '' } = process.env;
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../infra/local/start.mjs')], {
    env: { PATH, JAVA_HOME, PORT: String(port), LEASEHOLD_DATA_DIR: dataDir, SCHEDULE_SECONDS: '1', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  for await (const chunk of child.stdout) {
    said += chunk;
    if (said.includes('is ready at')) break;
  }
  if (!said.includes('is ready at')) throw new Error(`The local stack did not start: ${said}`);
  return child;
};
