import Table, { type TableProps } from '@cloudscape-design/components/table';
import { useLayoutEffect, useRef, useState } from 'react';
import { OneLine } from '../status.tsx';
import type { CompleteColumn } from './column.ts';
import { fitColumns } from './fit-columns.ts';

interface ListRowsProps<T>
  extends Omit<TableProps<T>, 'columnDefinitions' | 'resizableColumns' | 'onColumnWidthsChange'> {
  columns: readonly CompleteColumn<T>[];
  /** The widths that the user has chosen, px, by column. */
  widths: Readonly<Record<string, number>>;
  onWidthsChange: (widths: Readonly<Record<string, number>>) => void;
}

/** The space around the columns, and the column of checkboxes, px. */
const AROUND = 45;
const CHECKBOXES = 54;

/** A list on a wide screen: a row for each item, in columns that the user can resize. */
export const ListRows = <T,>({ columns, widths, onWidthsChange, ...table }: ListRowsProps<T>) => {
  const place = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState<number>();
  useLayoutEffect(() => setRoom(place.current?.clientWidth), []);
  const fitted = fitColumns(columns, {
    room: (room ?? 0) - AROUND - (table.selectionType ? CHECKBOXES : 0),
    hidden: new Set(table.columnDisplay?.flatMap((column) => (column.visible ? [] : [column.id ?? '']))),
    chosen: widths,
  });
  return (
    <div ref={place}>
      {room !== undefined && (
        <OneLine value={!table.wrapLines}>
          <Table
            {...table}
            columnDefinitions={fitted}
            resizableColumns
            onColumnWidthsChange={({ detail }) =>
              onWidthsChange(Object.fromEntries(fitted.map(({ id = '' }, at) => [id, detail.widths[at] ?? 0])))
            }
          />
        </OneLine>
      )}
    </div>
  );
};
