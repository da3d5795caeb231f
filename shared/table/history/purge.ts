import { hash32 } from '../../domain/seat.ts';
import { dueShards, type Key, keys, ranges } from '../store/keys.ts';
import { type Bounds, inShards, type RunReport } from '../store/run-shards.ts';
import { put, readPage, remove, type Table } from '../store/table.ts';
import { purgeDay } from './purge-days.ts';
import type { PlannedDay } from './retention-days.ts';

/** An item that is history. The purge deletes it after the retention. */
export interface Retained {
  key: Key;
  /** When the retention starts, epoch ms. */
  since: number;
  /** The attributes, at least one, that must be unchanged at the deletion. Otherwise this plan leaves the item. */
  unchanged: Readonly<Record<string, string | number>>;
}

const planKey = ({ key, since }: Retained): Key => {
  const name = `${key.pk}#${key.sk}`;
  return keys.past(hash32(name) % dueShards, since, name);
};

/**
 * Plans the deletion of an item. A repetition changes nothing.
 *
 * The plan has the start of the retention, not its end. The retention is a setting of the schedule, and a change of the
 * setting applies to all plans at once.
 */
export const planPurge = async (table: Table, past: Retained): Promise<void> => {
  await put(table, { Item: { ...past, ...planKey(past) } });
};

/** Deletes an item that is history, unless it has changed, and then its plan. */
const purge = async (table: Table, past: Retained): Promise<'done'> => {
  const unchanged = Object.entries(past.unchanged);
  await remove(table, {
    Key: past.key,
    ConditionExpression: unchanged.map(([name]) => `#${name} = :${name}`).join(' AND '),
    ExpressionAttributeValues: Object.fromEntries(unchanged.map(([name, value]) => [`:${name}`, value])),
  });
  await remove(table, { Key: planKey(past) });
  return 'done';
};

/**
 * Deletes the items that are history since `before` (epoch ms) or longer, oldest first. Like `settleAllDue`, safe to run
 * twice at once and to stop anywhere. A day of the history counts as one of `most`, whatever its size.
 */
export const purgeHistory = (
  table: Table,
  { before, ...bounds }: Bounds & { before: number },
): Promise<RunReport<Retained | PlannedDay>> =>
  inShards(bounds, {
    read: (shard, options) => readPage(table, ranges.past<Retained | PlannedDay>(shard, before), options),
    process: (past) => ('day' in past ? purgeDay(table, past, bounds.until) : purge(table, past)),
  });
