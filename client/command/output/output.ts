import { pipeline } from 'node:stream/promises';
import { type Command, Option } from 'commander';
import type { Environment } from '../settings/config.ts';
import type { Flags } from '../settings/options.ts';
import { interruption } from '../signals.ts';
import { jsonArray, type Table, tableCsv, tableLines } from './render-table.ts';
import { sanitize, sanitizeJson } from './sanitize.ts';
import type { Screen } from './wait-progress.ts';

/** What a subcommand works with. */
export interface CommandContext {
  readonly environment: Environment;
  /** Where people read what is told beside the result. */
  readonly screen: Screen;
  /** Where its result goes. */
  readonly out: NodeJS.WritableStream;
}

export interface OutputFlags extends Flags {
  readonly json?: true;
  readonly csv?: true;
}

/** How a list is wanted. */
export const withTable = (command: Command): Command =>
  command.addOption(new Option('--json', 'as JSON').conflicts('csv')).option('--csv', 'as CSV, for a spreadsheet');

/** Gives a result: as JSON if that was asked for, else as lines for people. */
export const printResult = (
  { out }: CommandContext,
  { json }: OutputFlags,
  result: unknown,
  lines: readonly string[],
): void => {
  const text = lines.map((line) => `${line}\n`).join('');
  out.write(json ? `${sanitizeJson(JSON.stringify(result, null, 2))}\n` : sanitize(text));
};

/** Gives pieces of text as they come, and no faster than they are read. */
export const printPieces = ({ out }: CommandContext, pieces: AsyncIterable<string>): Promise<void> =>
  pipeline(pieces, out, { end: false });

/** Gives a list, all of it, as it comes: a table for people, or as JSON or CSV if that was asked for. */
export const printList = <T>(
  context: CommandContext,
  { json, csv }: OutputFlags,
  items: AsyncIterable<T>,
  table: Table<T>,
): Promise<void> =>
  printPieces(context, json ? jsonArray(items) : csv ? tableCsv(items, table) : tableLines(items, table));

/**
 * Does what there is to do, and then gives the list of what was done: nobody who reads slowly, or no more, keeps the rest
 * from being done. A failure or a signal ends it, and still what was done before is given.
 *
 * @param deeds does something for each item that it gives
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
