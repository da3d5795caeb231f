/** The value of a table cell. */
export type Cell = string | number | boolean | null;

/**
 * Matches each place where a spreadsheet would see the beginning of a formula, in full width too. Blanks and quotes before a
 * formula do not disarm it. Nor does a separator: a spreadsheet with another list separator than the file's cuts there
 * (https://owasp.org/www-community/attacks/CSV_Injection).
 */
const formula = /(^|[;,|\t\r\n])([\s"']*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g;

/** Returns a cell as the service's own files have it: quotes a text, and puts an apostrophe before each formula in it. */
const csvCell = (cell: Cell): string => {
  if (typeof cell !== 'string' || cell === '') return String(cell ?? '');
  const text = cell.replace(formula, "$1'$2").replace(/^(?=[\t\r\n])/, "'");
  return `"${text.replaceAll('"', '""')}"`;
};

/** A line of CSV (RFC 4180), with its line end. */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(csvCell).join(',')}\r\n`;

/** Returns the target of `Link: <…>; rel="next"` (RFC 8288), where the next part of a file is. */
export const nextLinkOf = (headers: Headers): string | undefined =>
  /<([^>]*)>\s*;\s*rel="next"/.exec(headers.get('link') ?? '')?.[1];

/** Drops the first line, the column names, of a file that arrives in chunks. */
export async function* withoutHeading(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let begun = false;
  for await (const piece of pieces) {
    if (begun) yield piece;
    else {
      const end = piece.indexOf('\n');
      if (end === -1) continue;
      begun = true;
      if (end + 1 < piece.length) yield piece.slice(end + 1);
    }
  }
}
