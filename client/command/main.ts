import { constants } from 'node:os';
import { CommanderError } from 'commander';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { sanitize } from './output/sanitize.ts';
import { program } from './program.ts';
import { exitWith, Interrupted } from './signals.ts';

/** An unexpected error shows its stack; every other error says what to do. */
const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return exitCodeOf(error) === exitCodes.software ? (error.stack ?? error.message) : error.message;
};

/** Prints an error, and sets the exit code. */
const fail = (error: unknown): void => {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage;
  } else if (error instanceof Interrupted) {
    exitWith({ signal: error.signal });
  } else if ((error as NodeJS.ErrnoException).code === 'EPIPE') {
    // The reader has closed the pipe, as `head` does. Exit silently, as shells report SIGPIPE.
    process.exitCode = 128 + constants.signals.SIGPIPE;
  } else {
    process.stderr.write(sanitize(`leasehold: ${messageOf(error)}\n`));
    process.exitCode = exitCodeOf(error);
  }
};

/** Runs the command line of this process, and sets its exit code. */
export const main = async (): Promise<void> => {
  // A write may fail later, outside of the try block.
  process.stdout.on('error', fail);
  // A closed standard error must not end a command that runs with a license.
  process.stderr.on('error', () => {});
  try {
    await program(process.env, process.stderr, process.stdout).parseAsync();
  } catch (error) {
    // The handler above has reported it already.
    if (error !== process.stdout.errored) fail(error);
  }
};
