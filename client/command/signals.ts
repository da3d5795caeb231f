import { constants } from 'node:os';

/** The signals to handle for the running command: all that a process can catch. */
const handledSignals = (['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGBREAK'] as const).filter(
  (signal) => signal in constants.signals,
);

/** How a process ended. */
export type ExitStatus = { readonly code: number } | { readonly signal: NodeJS.Signals };

/** A signal stopped the command before it began, or between two operations. */
export class Interrupted extends Error {
  override name = 'Interrupted';
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(signal);
    this.signal = signal;
  }
}

/** Calls `handle` for each signal instead of its default action. Returns a function that stops this. */
export const catchSignals = (handle: (signal: NodeJS.Signals) => void): (() => void) => {
  for (const signal of handledSignals) process.on(signal, handle);
  return () => {
    for (const signal of handledSignals) process.off(signal, handle);
  };
};

/** The first signal aborts `signal` with `Interrupted`; the second one ends this process at once. */
export const interruption = (): { signal: AbortSignal; stop: () => void } => {
  const interrupted = new AbortController();
  const stop = catchSignals((signal) => {
    if (!interrupted.signal.aborted) return interrupted.abort(new Interrupted(signal));
    stop();
    exitWith({ signal });
  });
  return { signal: interrupted.signal, stop };
};

/**
 * Returns whether the terminal sends this signal to the whole foreground process group, so also to the running command.
 * Forwarded, it would arrive twice. On Windows these signals come from the console alone, which sends them to all its
 * processes; forwarding one would kill the command.
 */
export const comesFromTerminal = (
  signal: NodeJS.Signals,
  stdin: { isTTY?: boolean } = process.stdin,
  platform: NodeJS.Platform = process.platform,
): boolean =>
  platform === 'win32'
    ? signal === 'SIGINT' || signal === 'SIGBREAK'
    : stdin.isTTY === true && (signal === 'SIGINT' || signal === 'SIGQUIT');

/** How long to wait for a signal to end this process, ms. */
const signalTimeoutMs = 200;

/** Ends this process as another process ended: with the same exit code or signal. */
export const exitWith = (status: ExitStatus): void => {
  if ('code' in status) {
    process.exitCode = status.code;
    return;
  }
  // The shells' code for a signal, in case it does not end this process: process 1 of a container ignores most.
  process.exitCode = 128 + constants.signals[status.signal];
  setTimeout(() => process.exit(), signalTimeoutMs);
  process.kill(process.pid, status.signal);
};
