/**
 * Matches each place where a spreadsheet would see the beginning of a formula, in full width too. Blanks and quotes before a
 * formula do not disarm it. Nor does a separator: a spreadsheet with another list separator than the file's cuts there
 * (https://owasp.org/www-community/attacks/CSV_Injection).
 */
const formula = /(^|[;,|\t\r\n])([\s"']*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g;

/** Returns a cell: a number as it is, a text in quotes, with an apostrophe before each formula in it. */
const cell = (value: string | number): string => {
  if (typeof value === 'number' || value === '') return String(value);
  const text = value.replace(formula, "$1'$2").replace(/^(?=[\t\r\n])/, "'");
  return `"${text.replaceAll('"', '""')}"`;
};

/** A line of CSV (RFC 4180), with its line end. */
export const csvLine = (cells: readonly (string | number)[]): string => `${cells.map(cell).join(',')}\r\n`;

/**
 * Renders a CSV file.
 *
 * @param columns the column names: plain words, so they need no quotes
 */
export const csvFile = (columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [`${columns.join(',')}\r\n`, ...rows.map(csvLine)].join('');
