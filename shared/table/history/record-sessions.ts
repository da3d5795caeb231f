import pMap from 'p-map';
import { dayMs } from '../../domain/dates.ts';
import {
  type EndedSession,
  midnightsDuring,
  type RunningSession,
  type SessionHistory,
} from '../../domain/history/session-history.ts';
import { isRecordOf } from '../../domain/holder-record.ts';
import { readSession } from '../items/sessions.ts';
import { type Key, keys, type Pool } from '../store/keys.ts';
import { getItem, put, remove, type Table } from '../store/table.ts';
import { recountUsage } from './usage-cache.ts';

/**
 * The age of a change from which the end of its activation may be purged, ms: the history keeps ends for at least a day. The
 * stream is hardly ever so late. An operator's replay of changes that were set aside is.
 */
const mayBePurgedMs = dayMs / 2;

/**
 * Writes the activations that began or ended by a change of a session record. Idempotent and order-independent, even after
 * the purge of that history.
 *
 * @param times.at the time of the change, epoch ms
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
  // Earlier counts of the days since do not have this change. Until its end arrives, an activation counts as active.
  const since = Math.min(endedAt ?? Infinity, started?.startedAt ?? Infinity);
  await recountUsage(table, pool, { from: since, to: Infinity });
};

// An active activation is one item; an ended one is several. Each keeps the earliest end that arrives, by the condition of its
// own write. The ended items are written before the active one is deleted, so that a reader finds one of the two. The active
// one is written before the check for an end, so that a beginning that arrives after the end leaves nothing behind.

/** Returns whether an activation is still active. If not, the change that ends the activation has all of it. */
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

/** Writes an end. Returns the end in the history, epoch ms: an earlier one may have arrived before. */
const recordEnd = async (table: Table, pool: Pool, session: EndedSession, later?: EndedSession): Promise<number> => {
  await pMap(copiesOf(pool, session), (copy) => putEarliest(table, copy, session), { concurrency: 25 });
  // The last one: if it exists, so do the others.
  const { done, item } = await putEarliest(table, keys.endedSession(pool, session), session);
  const kept = done || !item ? session : item;
  const other = done ? later : session;
  if (other) await deleteDaysAfter(table, pool, other, kept);
  await remove(table, { Key: keys.runningSession(pool, session) });
  return kept.endedAt;
};

const putEarliest = (table: Table, copy: Key<EndedSession>, session: EndedSession) =>
  put(table, {
    Item: { ...copy, ...session },
    ConditionExpression: 'attribute_not_exists(pk) OR endedAt >= :endedAt',
    ExpressionAttributeValues: { ':endedAt': session.endedAt },
  });

/** Deletes an activation from the days that only a later end reaches. */
const deleteDaysAfter = async (table: Table, pool: Pool, later: EndedSession, kept: EndedSession): Promise<void> => {
  const days = midnightsDuring(later).filter((day) => day >= kept.endedAt);
  await pMap(days, (day) => remove(table, { Key: keys.carriedSession(pool, later, day) }), { concurrency: 25 });
};
