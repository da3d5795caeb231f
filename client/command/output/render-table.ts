import { type Cell, csvLine } from './csv.ts';
import { sanitize, sanitizeJson } from './sanitize.ts';

/** A table of what is listed: what it is called, if there is none of it, and a column for each thing that is told. */
export interface Table<T> {
  readonly of: string;
  readonly columns: readonly (readonly [heading: string, cell: (item: T) => Cell])[];
}

/** How many rows decide how wide the columns are: what follows comes as it is read. */
const measuredRows = 200;

/** A cell for a terminal, which would do what control characters say. */
export const plain = (cell: Cell): string => sanitize(String(cell ?? '-').replace(/\p{Cc}+/gu, ' ')).trim() || '-';

/** Lines for people, with their columns aligned. */
export async function* tableLines<T>(items: AsyncIterable<T>, { of, columns }: Table<T>): AsyncGenerator<string> {
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
    // What was done before must be seen.
    if (rows > 0) yield* held();
    throw error;
  }
  yield* rows > 0 ? held() : [`No ${of}.\n`];
}

/** CSV, its first line the names of the columns. It comes with the first item: a list that was refused is not empty. */
export async function* tableCsv<T>(items: AsyncIterable<T>, { columns }: Table<T>): AsyncGenerator<string> {
  let heading = `${columns.map(([name]) => name).join(',')}\r\n`;
  for await (const item of items) {
    yield `${heading}${csvLine(columns.map(([, cell]) => cell(item)))}`;
    heading = '';
  }
  if (heading !== '') yield heading;
}

/** A JSON array, an item a line. What fails in the middle leaves it open, so that nobody takes it for the whole. */
export async function* jsonArray(items: AsyncIterable<unknown>): AsyncGenerator<string> {
  let before = '[';
  for await (const item of items) {
    yield `${before}\n  ${sanitizeJson(JSON.stringify(item))}`;
    before = ',';
  }
  yield before === '[' ? '[]\n' : '\n]\n';
}
