import { dayMs } from '../../domain/dates.ts';
import {
  type EndedSession,
  midnightsDuring,
  type RunningSession,
  type SessionHistory,
} from '../../domain/history/session-history.ts';
import { isRecordOf } from '../../domain/holder-record.ts';
import { readSession } from '../items/sessions.ts';
import { inBatches } from '../store/batches.ts';
import { type Key, keys, type Pool } from '../store/keys.ts';
import { getItem, put, remove, type Table } from '../store/table.ts';
import { recountUsage } from './usage-cache.ts';

/**
 * The age from which the end of a change's activation may be purged from the history, ms: the history keeps ends for a day at
 * least. The stream is hardly ever so late; an operator's replay of changes that were set aside is.
 */
const mayBePurgedMs = dayMs / 2;

/**
 * Writes the activations that began or ended by a change of a session's record. Idempotent and order-independent, even after
 * that history was purged.
 *
 * @param times.at when the change was made, epoch ms
 */
export const recordHistory = async (
  table: Table,
  pool: Pool,
  { started, ended, later }: SessionHistory,
  { at, now }: { at: number; now: number },
): Promise<void> => {
  const endedAt = ended && (await recordEnd(table, pool, ended, later));
  if (started && (now - at < mayBePurgedMs || (await stillRuns(table, pool, started))))
    await recordStart(table, pool, started);
  // Whoever counted the days since did not know of it. Until an end is heard of, what runs is counted as running.
  const since = Math.min(endedAt ?? Infinity, started?.startedAt ?? Infinity);
  await recountUsage(table, pool, { from: since, to: Infinity });
};

// An activation that runs is one item among those that run; one that is ended is several. Of the ends that are heard of each
// keeps the earliest, by the condition of its own write. An activation that is ended is written before it is taken from
// those that run, so that a reader finds it in one of the two; one that runs is written before it is asked whether it is
// ended, so that a beginning that is heard of after the end leaves nothing behind.

/** Returns whether the session's record is still this activation's. If not, the change that ends the activation tells all of it. */
const stillRuns = async (table: Table, pool: Pool, started: RunningSession): Promise<boolean> => {
  const record = await readSession(table, pool, started.sessionId);
  return record?.status === 'active' && isRecordOf(record, started);
};

const recordStart = async (table: Table, pool: Pool, session: RunningSession): Promise<void> => {
  const running = keys.runningSession(pool, session);
  await put(table, { Item: { ...running, ...session } });
  if (await getItem(table, keys.endedSession(pool, session))) await remove(table, { Key: running });
};

/** Returns the keys of an ended activation's copies: for each midnight of it, for its user and for its machine. */
export const copiesOf = (pool: Pool, session: EndedSession): Key<EndedSession>[] => [
  ...midnightsDuring(session).map((day) => keys.carriedSession(pool, session, day)),
  keys.endedSession(pool, session, { userId: session.userId }),
  keys.endedSession(pool, session, { machineId: session.machineId }),
];

/** @returns when it ended, as the history tells it from now on: that may be earlier than the end that is heard of (epoch ms) */
const recordEnd = async (table: Table, pool: Pool, session: EndedSession, later?: EndedSession): Promise<number> => {
  await inBatches(25, copiesOf(pool, session), (copy) => putEarliest(table, copy, session));
  // The last one: whoever finds it need not ask for the others.
  const { done, item } = await putEarliest(table, keys.endedSession(pool, session), session);
  const kept = done || !item ? session : item;
  const other = done ? later : session;
  if (other) await forgetDaysAfter(table, pool, other, kept);
  await remove(table, { Key: keys.runningSession(pool, session) });
  return kept.endedAt;
};

const putEarliest = (table: Table, copy: Key<EndedSession>, session: EndedSession) =>
  put(table, {
    Item: { ...copy, ...session },
    ConditionExpression: 'attribute_not_exists(pk) OR endedAt >= :endedAt',
    ExpressionAttributeValues: { ':endedAt': session.endedAt },
  });

/** Takes an activation from the days into which only a later end carried it. */
const forgetDaysAfter = async (table: Table, pool: Pool, later: EndedSession, kept: EndedSession): Promise<void> => {
  const days = midnightsDuring(later).filter((day) => day >= kept.endedAt);
  await inBatches(25, days, (day) => remove(table, { Key: keys.carriedSession(pool, later, day) }));
};
