import { type EndedSession, endOnRecord, type SessionHistory } from '../../domain/history/session-history.ts';
import type { Session } from '../../domain/holder-record.ts';
import { readSession } from '../items/sessions.ts';
import { keys, type Pool } from '../store/keys.ts';
import { put, remove, type Table } from '../store/table.ts';
import { keyOfEnded } from './ended-sessions.ts';
import { recountUsage } from './usage-cache.ts';

type ReadRecord = () => Promise<Session | undefined>;

/**
 * Two clocks differ by a minute at most: one dated the end, and one the count. The difference between an end and a count is
 * certain from here on, ms.
 */
const clockMarginMs = 120_000;

/**
 * Writes an activation that ended by a change of a session record, or that the change dates earlier. Discards the counts of past
 * days that may lack it. Idempotent and order-independent.
 *
 * @param readRecord reads the session's record, strongly consistent: called after the activation is written
 */
export const recordHistory = async (
  table: Table,
  pool: Pool,
  { ended, later }: SessionHistory,
  readRecord: ReadRecord = () => (ended ? readSession(table, pool, ended.sessionId) : Promise.resolve(undefined)),
): Promise<void> => {
  if (!ended) return;
  const endedAt = await recordEnd(table, pool, { ended, later }, readRecord);
  await recountUsage(table, pool, { from: ended.startedAt, to: Infinity }, endedAt - clockMarginMs);
};

/**
 * Writes an end, and deletes a later one. An earlier end may be on record: it may have another key, so this reads the record
 * after the write. The change that told the earlier end deletes the later one after that.
 *
 * @returns the end in the history, epoch ms
 */
const recordEnd = async (
  table: Table,
  pool: Pool,
  { ended: session, later }: { ended: EndedSession; later: EndedSession | undefined },
  readRecord: ReadRecord,
): Promise<number> => {
  const written = await putEarliest(table, pool, session);
  if (later) await deleteUnless(table, pool, later, written);
  const record = await readRecord();
  const onRecord = record && endOnRecord(session, record);
  const isEarlier = onRecord !== undefined && onRecord.endedAt < written.endedAt;
  if (isEarlier) {
    await putEarliest(table, pool, onRecord);
    await deleteUnless(table, pool, written, onRecord);
  }
  // An earlier release may have stored the activation as active. Its records do not name the actor of the start.
  if (!session.startedBy) await remove(table, { Key: keys.formerRunningSession(pool, session) });
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
