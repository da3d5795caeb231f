import type { TableProps } from '@cloudscape-design/components/table';
import { Copyable } from './copyable.tsx';
import { Time } from './time/time.tsx';

type Column<Field extends string, Value> = TableProps.ColumnDefinition<{ [F in Field]: Value }>;

/** A column of times. `none` is shown without a time. */
export const timeColumn = <F extends string>(field: F, header: string, none = ''): Column<F, string | null> => ({
  id: field,
  header,
  sortingField: field,
  cell: ({ [field]: at }) => (at ? <Time at={at} /> : none),
});

/** A column of IDs that can be copied. `name` is the noun: `machine ID`. */
export const idColumn = <F extends string>(field: F, header: string, name: string): Column<F, string> => ({
  id: field,
  header,
  sortingField: field,
  cell: ({ [field]: id }) => <Copyable text={id} name={name} />,
});
