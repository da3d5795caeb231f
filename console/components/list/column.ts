import type { TableProps } from '@cloudscape-design/components/table';
import { csvLine } from '../../../client/csv.ts';

/** The width of a column by its content, px. A fixed width lets no long value squeeze the other columns. */
const widths = {
  id: 190,
  email: 210,
  time: 245,
  /** A time with a sign. */
  expiry: 270,
  count: 110,
  status: 150,
  action: 150,
  person: 230,
  text: 200,
  wide: 340,
  sentence: 640,
};

/** The kinds of columns whose values may be longer than the column is wide. */
const growing: ReadonlySet<keyof typeof widths> = new Set(['id', 'email', 'person', 'text', 'wide', 'sentence']);

type Value = string | number | null | undefined;

/** A column of a list. The first two columns are the most important facts: the head of a card on a phone. */
export type Column<T> = TableProps.ColumnDefinition<T> & {
  /** The content, which sets the width. Default: a text. */
  kind?: keyof typeof widths;
  /** The value for a file and, without another order, to sort by. Default: the field to sort by. */
  value?: (item: T) => Value;
  /** Hidden until the user chooses the column. */
  optional?: true;
};

/** A column with its width and order. */
export type CompleteColumn<T> = Column<T> & { grows: boolean };

const readerOf = <T>({ value, sortingField }: Column<T>): ((item: T) => Value) | undefined =>
  value ?? (sortingField === undefined ? undefined : (item) => (item as Record<string, Value>)[sortingField]);

const compare = (a: Value, b: Value): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : String(a ?? '').localeCompare(String(b ?? ''));

/** Returns a column with the width of its content and the order of its values. */
export const complete = <T>(column: Column<T>): CompleteColumn<T> => {
  const { kind = 'text', value } = column;
  return {
    // A width without a kind fits the values.
    grows: growing.has(kind) && (column.kind !== undefined || column.width === undefined),
    ...(value && !column.sortingField && { sortingComparator: (a: T, b: T) => compare(value(a), value(b)) }),
    width: widths[kind],
    minWidth: Math.min(widths[kind], 100),
    ...column,
  };
};

/** Returns a list as CSV, with every column that has values. */
export const listCsv = <T>(columns: readonly Column<T>[], items: readonly T[]): string => {
  const cells = columns.flatMap((column) => {
    const value = readerOf(column);
    return value ? [{ header: String(column.header), value }] : [];
  });
  return [
    csvLine(cells.map(({ header }) => header)),
    ...items.map((item) => csvLine(cells.map(({ value }) => value(item) ?? null))),
  ].join('');
};
