import { CommanderError } from 'commander';
import { exitCodeOf, exitCodes } from './failures.ts';
import { program } from './program.ts';

/** An error that nobody foresaw shows where it came from; all others say what to do. */
const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return exitCodeOf(error) === exitCodes.software ? (error.stack ?? error.message) : error.message;
};

/** Does what the arguments of this process say; its exit code tells how that went. */
export const main = async (): Promise<void> => {
  try {
    await program(process.env, process.stderr, process.stdout).parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage;
    } else {
      process.stderr.write(`leasehold: ${messageOf(error)}\n`);
      process.exitCode = exitCodeOf(error);
    }
  }
};
