import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const start = join(import.meta.dirname, '../../../infra/local/start.mjs');
const mutate = join(import.meta.dirname, 'mutate.mjs');

interface Credentials {
  baseUrl: string;
  organizationId: string;
  tokens: Record<'vendor' | 'owner' | 'admin', string>;
}

/** The service, as a process of its own. */
export interface Service {
  child: ChildProcess;
  credentials: Credentials;
  kill: () => Promise<void>;
}

/**
 * Starts the local stack, and waits until it is ready.
 *
 * @param options.port the port of its API; 0: any free one
 * @param options.mutant the number of a planted bug
 */
export const startService = async (options: {
  dataDir: string;
  database: string;
  port: number;
  mutant?: number | undefined;
  nodeArgs?: readonly string[] | undefined;
  settings?: Record<string, string> | undefined;
}): Promise<Service> => {
  const { dataDir, database, port, mutant, nodeArgs = [], settings } = options;
  const { PATH = '', JAVA_HOME = '' } = process.env;
  const child = spawn(process.execPath, [...nodeArgs, ...(mutant === undefined ? [] : ['--import', mutate]), start], {
    env: {
      PATH,
      JAVA_HOME,
      PORT: String(port),
      LEASEHOLD_DATA_DIR: dataDir,
      DYNAMODB_ENDPOINT: database,
      SCHEDULE_SECONDS: '2',
      POWERTOOLS_LOG_LEVEL: 'ERROR',
      POWERTOOLS_METRICS_DISABLED: 'true',
      ...(mutant !== undefined && { MUTANT: String(mutant) }),
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  let output = '';
  const exit = new Promise<void>((resolve) =>
    child.on('close', () => {
      process.off('exit', end);
      resolve();
    }),
  );
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (output.includes('is ready at')) resolve();
    });
    exit.then(() => reject(new Error(`The service ended: ${output}`)));
  });
  const credentials = JSON.parse(readFileSync(join(dataDir, 'credentials.json'), 'utf8')) as Credentials;
  return {
    child,
    credentials,
    kill: async () => {
      child.kill('SIGKILL');
      await exit;
    },
  };
};
