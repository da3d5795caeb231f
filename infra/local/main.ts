import { join, relative } from 'node:path';
import { makeDataDir } from './data-dir/data-dir.ts';
import { divertOutput, type Terminal } from './data-dir/log-file.ts';
import { readSettings } from './settings.ts';
import { type Ready, startStack } from './stack.ts';
import { StartupError } from './startup-error.ts';

/** Under npm one Ctrl-C arrives twice, from the terminal and from npm. */
const REPEATED_SIGNAL_MS = 500;

/** Runs the local stack until a signal or the failure of a part. */
export const main = async () => {
  const startedAt = performance.now();
  const stops: (() => unknown)[] = [];
  let terminal: Terminal = { say: console.log, complain: console.error };
  let endingSince: number | undefined;

  const end = async (code: number, sentence?: string) => {
    if (endingSince !== undefined) return;
    endingSince = performance.now();
    if (sentence) terminal.complain(sentence);
    // Last started, first stopped: the server drains while its database is still there.
    for (let stop = stops.pop(); stop; stop = stops.pop()) {
      try {
        await stop();
      } catch (error) {
        console.error(error);
      }
    }
    process.exit(code);
  };

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (endingSince === undefined) void end(0);
      else if (performance.now() - endingSince > REPEATED_SIGNAL_MS) process.exit(1);
    });
  }
  onNpmExit(() => void end(0));
  process.on('uncaughtException', (error) => {
    console.error(error);
    void end(1, `Leasehold stopped: ${error.message}`);
  });
  // On AWS this would end one environment of one function, not the service.
  process.on('unhandledRejection', (reason) => console.error(reason));

  try {
    const settings = readSettings(process.env);
    makeDataDir(settings.dataDir);
    const logFile = join(settings.dataDir, 'leasehold.log');
    terminal = divertOutput(logFile);
    const ready = await startStack(
      settings,
      (stop) => stops.push(stop),
      (sentence) => void end(1, sentence),
    );
    if (endingSince === undefined) terminal.say(greeting(ready, logFile, performance.now() - startedAt));
  } catch (error) {
    if (error instanceof StartupError) return end(1, error.message);
    console.error(error);
    await end(1, `Leasehold did not start: ${(error as Error).message}`);
  }
};

/** Calls back when the npm process that started the stack is gone, for example after `kill -9`. */
const onNpmExit = (tell: () => void) => {
  if (process.env.npm_lifecycle_event === undefined) return;
  const npm = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(watch);
    tell();
  }, 250);
};

/** Returns the text that a user sees when the stack is up: its URL, and a first call that works. */
const greeting = (
  { baseUrl, organizationId, apiKey, credentialsFile, outboxDir, warning }: Ready,
  logFile: string,
  tookMs: number,
) => `
Leasehold is ready at ${baseUrl} (after ${(tookMs / 1000).toFixed(1)} s; Ctrl-C stops it).

  License Management  ${baseUrl}
  API documentation   ${baseUrl}/docs
  Credentials         ${shown(credentialsFile)}
  Mails               ${shown(outboxDir)}
  Log                 ${shown(logFile)}
${warning ? `\n${warning}\n` : ''}
Take a license of KRE:

  curl -sS ${baseUrl}/v1/organizations/${organizationId}/subscriptions/KRE/activations \\
    -H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: application/json' \\
    -d '{"machineId":"runner-07","sessionId":"build-4711"}'
`;

const shown = (file: string) => {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') ? file : path;
};
