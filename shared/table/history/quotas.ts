import type { QuotaSet } from '../../domain/history/quotas.ts';
import { keys, type Pool, ranges } from '../store/keys.ts';
import { put, readPage, type Table } from '../store/table.ts';

/** Records that the vendor set a quota. A repetition changes nothing. */
export const recordQuota = async (table: Table, pool: Pool, set: QuotaSet): Promise<void> => {
  await put(table, { Item: { ...keys.quotaSet(pool, set.at), ...set } });
};

/** How many changes of a quota a report reads. */
const mostChanges = 1000;

/** Reads the quotas that were set before a time (epoch ms), oldest first: of more than 1,000 the latest. */
export const readQuotas = async (table: Table, pool: Pool, to: number): Promise<QuotaSet[]> => {
  const { items } = await readPage(table, ranges.quotasSet(pool, to), { backwards: true, limit: mostChanges });
  return items.reverse();
};
