import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { settleAllDue } from '../shared/table/settle.ts';
import { openTable, type Table } from '../shared/table/table.ts';

const logger = new Logger();
let table: Table | undefined;

/** How many due items one run deals with, and how much of its time it keeps in reserve, ms. */
const most = 100_000;
const reserveMs = 10_000;

/** The schedule: deals with what is due. Nothing's correctness waits for it. */
export const handler = async (_event: unknown, context: Context) => {
  table ??= openTable('service#schedule');
  const { settled, failed, more } = await settleAllDue(table, {
    now: Date.now(),
    most,
    until: () => context.getRemainingTimeInMillis() < reserveMs,
  });
  for (const { due, error } of failed)
    logger.error('Not settled; it stays due', { error: error as Error, due: { ...due } });
  logger.info('settled', { settled, failed: failed.length, more });
  return { settled, failed: failed.length, more };
};
