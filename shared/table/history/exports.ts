import type { AuditEvent } from '../../domain/audit.ts';
import { newId } from '../../ids.ts';
import { keys, type Pool } from '../store/keys.ts';
import { put, type Table } from '../store/table.ts';

/** A file that a caller gets: of an offline license, or of a report. */
export type Export = Pick<AuditEvent, 'target' | 'details'> & {
  /** Epoch ms. */
  at: number;
};

/**
 * Notes a file for the audit trail. To be called before the file is given: then no file leaves without its event. A file
 * that its caller asks for again is noted again.
 */
export const noteExport = async (table: Table, pool: Pool, exported: Export): Promise<void> => {
  await put(table, { Item: { ...keys.export(pool, exported.at, newId('exp')), ...exported } });
};
