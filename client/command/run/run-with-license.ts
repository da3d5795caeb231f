import type { Client } from '../../client.ts';
import { exitCodes } from '../exit-codes.ts';
import { clockText, printMessage, type Screen, waitingLine } from '../output/wait-progress.ts';
import type { Environment } from '../settings/config.ts';
import { catchSignals, comesFromTerminal, type ExitStatus, exitWith, Interrupted } from '../signals.ts';
import { type AcquireLicenseOptions, acquireLicense } from './acquire-license.ts';
import { type Child, startChild } from './child-process.ts';

export interface RunOptions
  extends Pick<AcquireLicenseOptions, 'product' | 'machineId' | 'session' | 'waitSeconds' | 'offline'> {
  readonly onLoss: 'continue' | 'terminate';
  /** How long the command has to end once it must, ms. */
  readonly graceMs: number;
}

/** The signals after which whoever sent them soon kills: the license must be given back before. */
const mustEnd: ReadonlySet<NodeJS.Signals> = new Set(['SIGTERM', 'SIGHUP']);

/**
 * Runs a command with a license: takes one, keeps it while the command runs, and gives it back however that ends.
 *
 * @returns how the command ended, for this process to end the same
 * @throws CommandFailed the command could not be started
 * @throws Interrupted a signal came before the command had begun
 * @throws what the activation was refused with
 */
export const run = async (
  command: readonly [string, ...string[]],
  makeClient: () => Client,
  options: RunOptions,
  { screen, environment }: { screen: Screen; environment: Environment },
): Promise<ExitStatus> => {
  const { product, onLoss, graceMs } = options;
  const say = (text: string) => printMessage(screen, `leasehold: ${text}`);
  const interrupted = new AbortController();
  let child: Child | undefined;
  const stopCatching = catchSignals((signal) => {
    if (!child?.runs()) {
      // What is given back, before the command runs or after, takes a moment: who does not want to wait says it again.
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
  let waited = false;

  const withLicense = async (): Promise<ExitStatus> => {
    const license = await acquireLicense(makeClient, {
      ...options,
      signal: interrupted.signal,
      onWaiting: (place) => {
        waited = true;
        line.show(place);
      },
      onOfflineRefused: ({ message }) => say(`no license file is good: ${message} Asking the service.`),
    }).finally(line.end);
    if (waited) say(`got a ${product} license after ${clockText((performance.now() - began) / 1000)}.`);

    let lost = false;
    const onLost = () => {
      lost = true;
      const { message } = license.signal.reason;
      say(onLoss === 'terminate' ? `${message} Ending the command.` : `${message} The command goes on without.`);
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
          say(`the license could not be given back (${message}): it is free once its lease ends.`),
        );
    }
  };

  try {
    return await withLicense();
  } finally {
    stopCatching();
  }
};
