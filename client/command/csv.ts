/** What a cell of a table may hold. */
export type Cell = string | number | boolean | null;

/**
 * A cell, as the service's own files have it. A spreadsheet takes what begins with one of `= + - @`, a tab or a line end
 * for a formula, and runs it: an apostrophe before it makes it the text that it is.
 */
const csvCell = (cell: Cell): string => {
  const text = typeof cell === 'string' ? cell.replace(/^[=+\-@\t\r\n]/, "'$&") : String(cell ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** A line of CSV (RFC 4180), with its line end. */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(csvCell).join(',')}\r\n`;
