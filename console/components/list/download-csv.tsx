import Button from '@cloudscape-design/components/button';
import { useEffect, useState } from 'react';
import { useAction } from '../../api/use-action.ts';
import { saveFile } from '../save-file.ts';
import { dayOf } from '../time/local-day.ts';
import { type Column, listCsv } from './column.ts';

/** A file that the service makes of a whole list. */
export interface CsvFile {
  name: string;
  pieces: () => AsyncIterable<string>;
}

interface DownloadCsvProps<T> {
  title: string;
  /** The plural noun of the items. */
  plural: string;
  columns: readonly Column<T>[];
  file: CsvFile | undefined;
  /** The items of the file, in their order; undefined until all are loaded. */
  items: readonly T[] | undefined;
  /** Loads all items. */
  onLoad: () => void;
}

/** The button that saves a list as CSV: the service's file, or the items that the search finds, in their order. */
export const DownloadCsv = <T,>({ title, plural, columns, file, items, onLoad }: DownloadCsvProps<T>) => {
  const [wanted, setWanted] = useState(false);
  const download = useAction({
    run: async () => {
      if (file) saveFile(file.name, await Array.fromAsync(file.pieces()), 'text/csv');
      else if (items) saveFile(`${title}_${dayOf(Date.now())}.csv`, [listCsv(columns, items)], 'text/csv');
    },
    done: () => `The ${plural} were downloaded.`,
    invalidates: [],
  });
  const ready = file !== undefined || items !== undefined;
  const { run } = download;
  useEffect(() => {
    if (!wanted || !ready) return;
    setWanted(false);
    run();
  });
  return (
    <Button
      iconName="download"
      ariaLabel={`Download ${plural} as CSV`}
      loading={wanted || download.running}
      onClick={() => {
        setWanted(true);
        if (!ready) onLoad();
      }}
    >
      CSV
    </Button>
  );
};
