import type { Export } from '../../domain/history/export.ts';
import { newId } from '../../ids.ts';
import { keys, type Pool } from '../store/keys.ts';
import { put, type Table } from '../store/table.ts';

/**
 * Notes a file for the audit trail. Call this before you hand out the file, so that no file leaves without its event. Each
 * repetition of a download is noted.
 */
export const noteExport = async (table: Table, pool: Pool, exported: Export): Promise<void> => {
  await put(table, { Item: { ...keys.export(pool, exported.at, newId('exp')), ...exported } });
};
