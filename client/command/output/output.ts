import { pipeline } from 'node:stream/promises';
import { type Command, Option } from 'commander';
import type { Environment } from '../settings/config.ts';
import type { Flags } from '../settings/options.ts';
import { interruption } from '../signals.ts';
import { jsonArray, type Table, tableCsv, tableLines } from './render-table.ts';
import { sanitize, sanitizeJson } from './sanitize.ts';
import type { Screen } from './wait-progress.ts';

/** The environment and the outputs of a subcommand. */
export interface CommandContext {
  readonly environment: Environment;
  /** Messages for people, apart from the result. */
  readonly screen: Screen;
  /** The output for the result. */
  readonly out: NodeJS.WritableStream;
}

export interface OutputFlags extends Flags {
  readonly json?: true;
  readonly csv?: true;
}

/** Adds the options for the format of a list. */
export const withTable = (command: Command): Command =>
  command.addOption(new Option('--json', 'as JSON').conflicts('csv')).option('--csv', 'as CSV, for a spreadsheet');

/** Prints a result: as JSON with `--json`, otherwise as lines for people. */
export const printResult = (
  { out }: CommandContext,
  { json }: OutputFlags,
  result: unknown,
  lines: readonly string[],
): void => {
  const text = lines.map((line) => `${line}\n`).join('');
  out.write(json ? `${sanitizeJson(JSON.stringify(result, null, 2))}\n` : sanitize(text));
};

/** Prints chunks of text as they arrive, no faster than they are read. */
export const printPieces = ({ out }: CommandContext, pieces: AsyncIterable<string>): Promise<void> =>
  pipeline(pieces, out, { end: false });

/** Prints a whole list as it arrives: as JSON or CSV if requested, otherwise as a table for people. */
export const printList = <T>(
  context: CommandContext,
  { json, csv }: OutputFlags,
  items: AsyncIterable<T>,
  table: Table<T>,
): Promise<void> =>
  printPieces(context, json ? jsonArray(items) : csv ? tableCsv(items, table) : tableLines(items, table));

/**
 * Runs all operations, then prints their results, so a slow or closed reader does not stop them. After a failure or a signal it
 * still prints the results so far.
 *
 * @param operations runs one operation for each result that it yields
 */
export const printWhenDone = async <T>(
  context: CommandContext,
  flags: OutputFlags,
  operations: AsyncIterable<T>,
  table: Table<T>,
): Promise<void> => {
  const results: T[] = [];
  const failures: unknown[] = [];
  const { signal, stop } = interruption();
  try {
    for await (const result of operations) {
      results.push(result);
      signal.throwIfAborted();
    }
  } catch (error) {
    failures.push(error);
  } finally {
    stop();
  }
  async function* replay() {
    yield* results;
    for (const failure of failures) throw failure;
  }
  return printList(context, flags, replay(), table);
};
