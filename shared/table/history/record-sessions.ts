import { dayMs } from '../../domain/dates.ts';
import {
  type EndedSession,
  endOnRecord,
  type RunningSession,
  type SessionHistory,
} from '../../domain/history/session-history.ts';
import { isRecordOf } from '../../domain/holder-record.ts';
import { readSession } from '../items/sessions.ts';
import { keys, type Pool } from '../store/keys.ts';
import { put, remove, type Table } from '../store/table.ts';
import { keyOfEnded } from './ended-sessions.ts';
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

// An activation is one item: while it is active, and once it has ended. The ended item is written before the active one is
// deleted, so that a reader finds one of the two. The active one is written before the check for an end, so that a beginning
// that arrives after the end leaves nothing behind.

/** Returns whether an activation is still active. If not, the change that ends the activation has all of it. */
const stillRuns = async (table: Table, pool: Pool, started: RunningSession): Promise<boolean> => {
  const record = await readSession(table, pool, started.sessionId);
  return record?.status === 'active' && isRecordOf(record, started);
};

const recordStart = async (table: Table, pool: Pool, session: RunningSession): Promise<void> => {
  await put(table, { Item: { ...keys.runningSession(pool, session), ...session } });
  const record = await readSession(table, pool, session.sessionId);
  const ended = record && endOnRecord(session, record);
  if (ended) await recordEnd(table, pool, ended);
};

/**
 * Writes an end, and deletes a later one. An earlier end may be on record: it may have another key, so this reads the record
 * after the write. The change that told the earlier end deletes the later one after that.
 *
 * @returns the end in the history, epoch ms
 */
const recordEnd = async (table: Table, pool: Pool, session: EndedSession, later?: EndedSession): Promise<number> => {
  const written = await putEarliest(table, pool, session);
  if (later) await deleteUnless(table, pool, later, written);
  const record = await readSession(table, pool, session.sessionId);
  const onRecord = record && endOnRecord(session, record);
  const isEarlier = onRecord !== undefined && onRecord.endedAt < written.endedAt;
  if (isEarlier) {
    await putEarliest(table, pool, onRecord);
    await deleteUnless(table, pool, written, onRecord);
  }
  await remove(table, { Key: keys.runningSession(pool, session) });
  return isEarlier ? onRecord.endedAt : written.endedAt;
};

/**
 * Writes an ended activation, unless an earlier end stands at its key, or the same with its actor: an end that is known from a
 * later record has none. Returns the one that stands.
 */
const putEarliest = async (table: Table, pool: Pool, session: EndedSession): Promise<EndedSession> => {
  const { done, item } = await put(table, {
    Item: { ...keyOfEnded(pool, session), ...session },
    ConditionExpression:
      'attribute_not_exists(pk) OR endedAt > :endedAt OR (endedAt = :endedAt AND attribute_not_exists(endedBy))',
    ExpressionAttributeValues: { ':endedAt': session.endedAt },
  });
  return done || !item ? session : item;
};

/** Deletes an ended activation, unless the one with the earlier end has its key. */
const deleteUnless = async (table: Table, pool: Pool, later: EndedSession, kept: EndedSession): Promise<void> => {
  const key = keyOfEnded(pool, later);
  if (key.sk !== keyOfEnded(pool, kept).sk) await remove(table, { Key: key });
};
