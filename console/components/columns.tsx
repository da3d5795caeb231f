import { Breakable } from './breakable.tsx';
import { Copyable } from './copyable.tsx';
import type { Column } from './list/column.ts';
import { Person } from './person.tsx';
import { TimeInLine } from './time/time.tsx';

/** A column of times. `none` is shown without a time. */
export const timeColumn = <F extends string>(
  field: F,
  header: string,
  none = '–',
): Column<{ [Field in F]: string | null }> => ({
  id: field,
  header,
  kind: 'time',
  sortingField: field,
  cell: ({ [field]: at }) => (at ? <TimeInLine at={at} /> : none),
});

/** A column of IDs that can be copied. `name` is the noun: `machine ID`. */
export const idColumn = <F extends string>(
  field: F,
  header: string,
  name: string,
): Column<{ [Field in F]: string | null }> => ({
  id: field,
  header,
  kind: 'id',
  sortingField: field,
  cell: ({ [field]: id }) => (id ? <Copyable text={id} name={name} inLine /> : '–'),
});

/** A column of users, by name and address. */
export const personColumn = <T,>(
  header: string,
  personOf: (item: T) => { name: string; email: string },
): Column<T> => ({
  id: 'user',
  header,
  kind: 'person',
  isRowHeader: true,
  value: (item) => personOf(item).name,
  cell: (item) => <Person {...personOf(item)} />,
});

/** A hidden column of addresses: for files, and for users who choose it. */
export const emailColumn = <T,>(emailOf: (item: T) => string): Column<T> => ({
  id: 'email',
  header: 'Email',
  kind: 'email',
  optional: true,
  value: emailOf,
  cell: (item) => <Breakable>{emailOf(item)}</Breakable>,
});
