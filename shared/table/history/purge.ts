import { hash32 } from '../../domain/seat.ts';
import { dueShards, type Key, keys, ranges } from '../store/keys.ts';
import { type Bounds, inShards, type RunReport } from '../store/run-shards.ts';
import { put, readPage, remove, type Table } from '../store/table.ts';
import { purgeDay } from './purge-days.ts';
import type { PlannedDay } from './retention-days.ts';

/** An item that is history: it goes once the time for which history is kept is over. */
export interface Retained {
  key: Key;
  /** Since when it is, epoch ms. */
  since: number;
  /** What it then was, at least one attribute: where any of it has changed it stays, or goes by another plan. */
  unchanged: Readonly<Record<string, string | number>>;
}

const planKey = ({ key, since }: Retained): Key => {
  const name = `${key.pk}#${key.sk}`;
  return keys.past(hash32(name) % dueShards, since, name);
};

/**
 * Plans that an item goes with the rest of the history of its time. Planning the same again changes nothing.
 *
 * The plan says since when it is history, and not when it goes: how long history is kept is a setting of the schedule,
 * and a change of it is good for everything at once.
 */
export const planPurge = async (table: Table, past: Retained): Promise<void> => {
  await put(table, { Item: { ...past, ...planKey(past) } });
};

/** Deletes an item that is history, if it still is what it was, and then its plan. */
const purge = async (table: Table, past: Retained): Promise<'done'> => {
  const unchanged = Object.entries(past.unchanged);
  await remove(table, {
    Key: past.key,
    ConditionExpression: unchanged.map((_, at) => `#name${at} = :value${at}`).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(unchanged.map(([name], at) => [`#name${at}`, name])),
    ExpressionAttributeValues: Object.fromEntries(unchanged.map(([, value], at) => [`:value${at}`, value])),
  });
  await remove(table, { Key: planKey(past) });
  return 'done';
};

/**
 * Deletes what has been history since `before` (epoch ms) or longer, the oldest first: as `settleAllDue`, safe to run twice
 * at once and to stop anywhere. A day of the history counts as one of `most`, however much lies in it.
 */
export const purgeHistory = (
  table: Table,
  { before, ...bounds }: Bounds & { before: number },
): Promise<RunReport<Retained | PlannedDay>> =>
  inShards(bounds, {
    read: async (shard, options) => {
      const { items, next } = await readPage(table, ranges.past<Retained | PlannedDay>(shard, before), options);
      return { found: items, next };
    },
    deal: (past) => ('day' in past ? purgeDay(table, past, bounds.until) : purge(table, past)),
  });
