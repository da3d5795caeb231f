import { planDue } from './due.ts';
import { expiriesOf } from './expiries.ts';
import { pastOf } from './pasts.ts';
import { type Change, dueOf } from './plan.ts';
import { planPurge } from './purge.ts';
import type { Table } from './table.ts';

/**
 * Writes all that follows from one change of the table: what the schedule must look at, what ends when, and
 * what is history from now on. Doing it twice, late or in another order changes nothing.
 */
export const followChange = async (table: Table, change: Change): Promise<void> => {
  const due = dueOf(change);
  if (due) await planDue(table, due);
  for (const expiry of expiriesOf(change)) await planDue(table, expiry);
  const past = pastOf(change);
  if (past) await planPurge(table, past);
};
