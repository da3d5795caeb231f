/**
 * A cell. A spreadsheet takes what begins with one of `= + - @`, a tab or a line end for a formula, and runs it: an
 * apostrophe before it makes it the text that it is.
 */
const cell = (value: string | number): string => {
  const text = typeof value === 'number' ? String(value) : value.replace(/^[=+\-@\t\r\n]/, "'$&");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Lines of CSV (RFC 4180), each with its line end. */
export const csvLines = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
