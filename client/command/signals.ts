import { constants } from 'node:os';

/** The signals that are meant for the command that runs: all that ask a process for something, and that it can catch. */
const handledSignals = (['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'] as const).filter(
  (signal) => signal in constants.signals,
);

/** How a process ended. */
export type ExitStatus = { readonly code: number } | { readonly signal: NodeJS.Signals };

/** A signal ended it, before anything had begun or between two deeds. */
export class Interrupted extends Error {
  override name = 'Interrupted';
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(signal);
    this.signal = signal;
  }
}

/** Calls `handle` for each signal that arrives, instead of what the signal would do. Gives back how to stop that. */
export const catchSignals = (handle: (signal: NodeJS.Signals) => void): (() => void) => {
  for (const signal of handledSignals) process.on(signal, handle);
  return () => {
    for (const signal of handledSignals) process.off(signal, handle);
  };
};

/** The first signal aborts `signal`, with `Interrupted`; the second one ends this process, whatever is still under way. */
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
 * Whether a terminal sends this signal to the whole group of processes in front, and so to the command that runs as well:
 * passed on, it would arrive twice.
 */
export const comesFromTerminal = (signal: NodeJS.Signals, stdin: { isTTY?: boolean } = process.stdin): boolean =>
  stdin.isTTY === true && (signal === 'SIGINT' || signal === 'SIGQUIT');

/** For how long a signal is waited for that ends this process, ms. */
const signalTimeoutMs = 200;

/** Ends this process as another one ended: by the same signal, or with the same code. */
export const exitWith = (status: ExitStatus): void => {
  if ('code' in status) {
    process.exitCode = status.code;
    return;
  }
  // What shells say of it, where the signal does not end a process: the first one of a container ignores most.
  process.exitCode = 128 + constants.signals[status.signal];
  setTimeout(() => process.exit(), signalTimeoutMs);
  process.kill(process.pid, status.signal);
};
