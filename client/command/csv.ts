/** What a cell of a table may hold. */
export type Cell = string | number | boolean | null;

/**
 * What a spreadsheet takes for a formula where a text begins with it, in full width too. Blanks and quotes before it do not
 * help, and neither does a separator: a spreadsheet whose list separator is another than the file's cuts there
 * (https://owasp.org/www-community/attacks/CSV_Injection).
 */
const formula = /(^|[;,|\t\r\n])([\s"']*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g;

/** A cell, as the service's own files have it: a text is quoted, and an apostrophe keeps each formula in it from being run. */
const csvCell = (cell: Cell): string => {
  if (typeof cell !== 'string' || cell === '') return String(cell ?? '');
  const text = cell.replace(formula, "$1'$2").replace(/^(?=[\t\r\n])/, "'");
  return `"${text.replaceAll('"', '""')}"`;
};

/** A line of CSV (RFC 4180), with its line end. */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(csvCell).join(',')}\r\n`;
