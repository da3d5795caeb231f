import { constants } from 'node:os';
import type { Writable } from 'node:stream';
import { type Command, CommanderError } from 'commander';
import { Unauthenticated } from '../errors.ts';
import { CommandFailed, exitCodeOf } from './exit-codes.ts';
import { announcement } from './output/announce.ts';
import { errorJson, explain } from './output/explain-error.ts';
import { printMessage } from './output/wait-progress.ts';
import { program } from './program.ts';
import { readConfigurationFile } from './settings/config.ts';
import { exitWith, Interrupted } from './signals.ts';

/** Returns whether the result is to be JSON, also if the arguments are wrong. */
const wantsJson = (words: readonly string[]): boolean => {
  const end = words.indexOf('--');
  return words.slice(0, end < 0 ? undefined : end).includes('--json');
};

/** Returns a wrong use, as commander reports it, as a failure; undefined if the help or the version was printed. */
const wrongUse = ({ code, message }: CommanderError): CommandFailed | undefined =>
  code.startsWith('commander.help') || code === 'commander.version'
    ? undefined
    : new CommandFailed('usage', message.replace(/^error: /, '').replaceAll('\n', ' '));

/** The parts of its process that the command needs. */
interface Surroundings {
  readonly env: Record<string, string | undefined>;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/**
 * Runs a command line, and sets the exit code of this process.
 *
 * @param words the arguments; default: those of this process
 */
export const main = async (
  words: readonly string[] = process.argv.slice(2),
  { env: environment, stdout, stderr }: Surroundings = process,
): Promise<void> => {
  let action: Command | undefined;
  // CI leaves variables empty.
  if (environment.LEASEHOLD_PRODUCT === '') delete environment.LEASEHOLD_PRODUCT;

  /** Prints an error, and sets the exit code. */
  const fail = (error: unknown, fileOfKey?: string): void => {
    if (error instanceof CommanderError) {
      const failure = wrongUse(error);
      if (failure) fail(failure);
      else process.exitCode = error.exitCode === 0 ? 0 : 64;
    } else if (error instanceof Interrupted) {
      exitWith({ signal: error.signal });
    } else if ((error as NodeJS.ErrnoException).code === 'EPIPE') {
      // The reader has closed the pipe, as `head` does. Exit silently, as shells report SIGPIPE.
      process.exitCode = 128 + constants.signals.SIGPIPE;
    } else {
      const message = explain(error, { action, environment, fileOfKey });
      process.exitCode = exitCodeOf(error);
      printMessage(
        stderr,
        wantsJson(words) ? errorJson(error, exitCodeOf(error), message) : announcement(environment, 'error', message),
      );
    }
  };

  // A write may fail later, outside of the try block.
  stdout.on('error', (error) => fail(error));
  // A closed standard error must not end a command that runs with a license.
  stderr.on('error', () => {});
  try {
    await program(environment, stderr, stdout)
      .hook('preAction', (_, current) => {
        action = current;
      })
      .parseAsync(words, { from: 'user' });
  } catch (error) {
    // The handler above has reported it already.
    if (error === stdout.errored) return;
    // A file that is gone or broken by now must not hide the error.
    const file =
      error instanceof Unauthenticated
        ? await readConfigurationFile(environment, action?.opts().config).catch(() => undefined)
        : undefined;
    fail(error, file?.settings.apiKey && file.path);
  }
};
