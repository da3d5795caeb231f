import { constants } from 'node:os';
import { CommanderError } from 'commander';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { sanitize } from './output/sanitize.ts';
import { program } from './program.ts';
import { exitWith, Interrupted } from './signals.ts';

/** An error that nobody foresaw shows where it came from; all others say what to do. */
const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return exitCodeOf(error) === exitCodes.software ? (error.stack ?? error.message) : error.message;
};

/** Says what went wrong, and how this process ends. */
const fail = (error: unknown): void => {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage;
  } else if (error instanceof Interrupted) {
    exitWith({ signal: error.signal });
  } else if ((error as NodeJS.ErrnoException).code === 'EPIPE') {
    // Who reads has enough, as `head` does: without a word, what shells say of a program that SIGPIPE ends.
    process.exitCode = 128 + constants.signals.SIGPIPE;
  } else {
    process.stderr.write(sanitize(`leasehold: ${messageOf(error)}\n`));
    process.exitCode = exitCodeOf(error);
  }
};

/** Does what the arguments of this process say; its exit code tells how that went. */
export const main = async (): Promise<void> => {
  // What is written may fail after that, and be nobody's to catch.
  process.stdout.on('error', fail);
  // Nobody reads what is told beside the result: no reason to end what runs with a license.
  process.stderr.on('error', () => {});
  try {
    await program(process.env, process.stderr, process.stdout).parseAsync();
  } catch (error) {
    // Then it was told already.
    if (error !== process.stdout.errored) fail(error);
  }
};
