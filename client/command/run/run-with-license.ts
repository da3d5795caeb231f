import { writeFile } from 'node:fs/promises';
import type { Client } from '../../client.ts';
import { exitCodes } from '../exit-codes.ts';
import { announcement } from '../output/announce.ts';
import { junitReport } from '../output/junit-report.ts';
import { awayMessages, clockText, printMessage, type Screen, waitingLine } from '../output/wait-progress.ts';
import type { Environment } from '../settings/config.ts';
import { catchSignals, comesFromTerminal, type ExitStatus, exitWith, Interrupted } from '../signals.ts';
import { type AcquireLicenseOptions, acquireLicense } from './acquire-license.ts';
import { type Child, startChild } from './child-process.ts';

export interface RunOptions
  extends Pick<
    AcquireLicenseOptions,
    'product' | 'machineId' | 'session' | 'waitSeconds' | 'serviceWaitSeconds' | 'offline'
  > {
  /** The path of a JUnit report to write. */
  readonly junit?: string | undefined;
  readonly onLoss: 'continue' | 'terminate';
  /** Grace time for the command to end, ms. */
  readonly graceMs: number;
}

/** The signals that a kill soon follows: the license must be released before. */
const mustEnd: ReadonlySet<NodeJS.Signals> = new Set(['SIGTERM', 'SIGHUP']);

/**
 * Runs a command with a license: takes one, keeps it while the command runs, and releases it however the command ends.
 *
 * @returns the exit status of the command, for this process to repeat
 * @throws CommandFailed if the command could not be started
 * @throws Interrupted if a signal came before the command started
 * @throws the refusal of the activation
 */
export const run = async (
  command: readonly [string, ...string[]],
  makeClient: () => Client,
  options: RunOptions,
  { screen, environment }: { screen: Screen; environment: Environment },
): Promise<ExitStatus> => {
  const { product, onLoss, graceMs, junit } = options;
  const announce = (kind: 'error' | 'warning' | 'notice', text: string) =>
    printMessage(screen, announcement(environment, kind, text));
  const say = (text: string) => announce('warning', text);
  const interrupted = new AbortController();
  let child: Child | undefined;
  const stopCatching = catchSignals((signal) => {
    if (!child?.runs()) {
      // Releasing a license takes a moment; a second signal ends this process at once.
      if (interrupted.signal.aborted) {
        stopCatching();
        exitWith({ signal });
      }
      interrupted.abort(new Interrupted(signal));
    } else if (mustEnd.has(signal)) child.terminate(signal);
    else if (!comesFromTerminal(signal)) child.pass(signal);
  });
  const line = waitingLine(product, screen, environment);
  const began = performance.now();
  const waitedSeconds = () => (performance.now() - began) / 1000;
  let waited = false;
  const report = async (failure?: Error) => {
    const wait = { product, sessionId: options.session.sessionId, waitedSeconds: waitedSeconds() };
    if (junit)
      await writeFile(junit, junitReport({ ...wait, ...(failure && { failure: failure.message }) })).catch(
        ({ message }: Error) => say(`the JUnit report could not be written: ${message}.`),
      );
  };

  const withLicense = async (): Promise<ExitStatus> => {
    const license = await acquireLicense(makeClient, {
      ...options,
      signal: interrupted.signal,
      onWaiting: (place) => {
        waited = true;
        line.show(place);
      },
      onServiceAway: awayMessages((text) => {
        waited = true;
        say(text);
      }, options.serviceWaitSeconds),
      onOfflineRefused: ({ message }) => say(`no license file is good: ${message} Asking the service.`),
    })
      .catch(async (error: Error) => {
        await report(error);
        throw error;
      })
      .finally(line.end);
    await report();
    if (waited) announce('notice', `got a ${product} license after ${clockText(waitedSeconds())}.`);

    let lost = false;
    const onLost = () => {
      lost = true;
      const { message } = license.signal.reason;
      announce(
        'error',
        onLoss === 'terminate' ? `${message} Ending the command.` : `${message} The command goes on without.`,
      );
      if (onLoss === 'terminate') child?.terminate('SIGTERM');
    };
    const onContinued = () => void license.heartbeat();
    try {
      interrupted.signal.throwIfAborted();
      child = startChild(command, graceMs);
      license.signal.addEventListener('abort', onLost, { once: true });
      if (license.signal.aborted) onLost();
      process.on('SIGCONT', onContinued);
      const status = await child.exited;
      return lost && onLoss === 'terminate' ? { code: exitCodes.lost } : status;
    } finally {
      process.off('SIGCONT', onContinued);
      license.signal.removeEventListener('abort', onLost);
      await license
        .release()
        .catch(({ message }: Error) =>
          say(`the license could not be released (${message}): it is free once its lease ends.`),
        );
    }
  };

  try {
    return await withLicense();
  } finally {
    stopCatching();
  }
};
