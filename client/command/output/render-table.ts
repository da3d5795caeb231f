import { type Cell, csvLine } from '../../csv.ts';
import { sanitize, sanitizeJson } from './sanitize.ts';

/** A table: the plural noun of its items, for an empty list, and its columns. */
export interface Table<T> {
  readonly of: string;
  readonly columns: readonly (readonly [heading: string, cell: (item: T) => Cell])[];
}

type Items<T> = AsyncIterable<T> | Iterable<T>;

/** The rows that set the column widths; later rows are printed as they arrive. */
const measuredRows = 200;

/** Returns a cell for a terminal, without control characters. */
export const plain = (cell: Cell): string => sanitize(String(cell ?? '-').replace(/\p{Cc}+/gu, ' ')).trim() || '-';

/** Renders lines for people, with aligned columns. */
export async function* tableLines<T>(items: Items<T>, { of, columns }: Table<T>): AsyncGenerator<string> {
  const widths = columns.map(() => 0);
  const line = (cells: readonly string[]) =>
    `${cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd()}\n`;
  const waiting: string[][] = [];
  const add = (cells: string[]) => {
    for (const [i, cell] of cells.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
    waiting.push(cells);
  };
  add(columns.map(([heading]) => heading.toUpperCase()));
  const held = () => waiting.splice(0).map(line);
  let rows = 0;
  try {
    for await (const item of items) {
      const cells = columns.map(([, cell]) => plain(cell(item)));
      if (++rows <= measuredRows) add(cells);
      else yield [...held(), line(cells)].join('');
    }
  } catch (error) {
    // Print the rows so far before the failure.
    if (rows > 0) yield* held();
    throw error;
  }
  yield* rows > 0 ? held() : [`No ${of}.\n`];
}

/** Renders CSV with a heading line. The heading comes with the first item, so a refused list does not look empty. */
export async function* tableCsv<T>(items: AsyncIterable<T>, { columns }: Table<T>): AsyncGenerator<string> {
  let heading = `${columns.map(([name]) => name).join(',')}\r\n`;
  for await (const item of items) {
    yield `${heading}${csvLine(columns.map(([, cell]) => cell(item)))}`;
    heading = '';
  }
  if (heading !== '') yield heading;
}

/** Renders a JSON array, one item a line. A failure leaves the array open, so it cannot be taken for the whole list. */
export async function* jsonArray(items: Items<unknown>): AsyncGenerator<string> {
  let before = '[';
  for await (const item of items) {
    yield `${before}\n  ${sanitizeJson(JSON.stringify(item))}`;
    before = ',';
  }
  yield before === '[' ? '[]\n' : '\n]\n';
}
