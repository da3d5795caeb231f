import { planDue } from './due.ts';
import { keepHistory } from './keep-history.ts';
import { type Change, dueOf } from './plan.ts';
import type { Table } from './table.ts';
import { tellLapse } from './tell-lapse.ts';

/**
 * Writes all that follows from one change of the table: what the schedule must look at, what the history tells, and when
 * a lease ended whose seat is gone. Doing it twice, late or in another order changes nothing.
 */
export const followChange = async (table: Table, change: Change): Promise<void> => {
  const due = dueOf(change);
  if (due) await planDue(table, due);
  await keepHistory(table, change);
  await tellLapse(table, change);
};
