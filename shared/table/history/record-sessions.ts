import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { dayMs } from '../../domain/dates.ts';
import { names, type Session } from '../../domain/holder-record.ts';
import { daysCarried, type EndedSession, historyOf, type RunningSession } from '../../domain/session-history.ts';
import { readSession } from '../items/sessions.ts';
import { inBatches } from '../store/batches.ts';
import { type Key, keys, type Pool, poolOfItem } from '../store/keys.ts';
import { put, remove, type Table } from '../store/table.ts';
import type { Change } from '../stream/due-checks.ts';
import { recountUsage } from './usage-cache.ts';

/**
 * The age from which the end of a change's activation may be purged from the history, ms: the history keeps ends for a day at
 * least. The stream is hardly ever so late; an operator's replay of changes that were set aside is.
 */
const mayBePurgedMs = dayMs / 2;

/**
 * Writes the history of a session from a change of its record. Idempotent and order-independent, even after that history was
 * purged.
 */
export const keepHistory = async (table: Table, { at, before, after }: Change, now = Date.now()): Promise<void> => {
  if (!after || !String(after.pk).startsWith('SESSION#')) return;
  const { begun, over } = historyOf(before as Session | undefined, after as unknown as Session);
  const pool = poolOfItem(after);
  if (over) await keepEnded(table, pool, over);
  if (begun && (now - at < mayBePurgedMs || (await stillRuns(table, pool, begun)))) await keepBegun(table, pool, begun);
  // Whoever counted the days since did not know of it. Until an end is heard of, what runs is counted as running.
  const since = Math.min(over?.endedAt ?? Infinity, begun?.startedAt ?? Infinity);
  await recountUsage(table, pool, { from: since, to: Infinity });
};

// An activation that runs is one item among those that run; one that is over is several, which never change again. What is
// over is written before it is taken from what runs, so that a reader finds it in one of the two; what runs is written
// before it is asked whether it is over, so that a beginning that is heard of after the end leaves nothing behind.

/** Returns whether the session's record is still this activation's. If not, the change that ends the activation tells all of it. */
const stillRuns = async (table: Table, pool: Pool, begun: RunningSession): Promise<boolean> => {
  const record = await readSession(table, pool, begun.sessionId);
  return record?.status === 'active' && names(record, begun);
};

const keepBegun = async (table: Table, pool: Pool, session: RunningSession): Promise<void> => {
  const running = keys.runningSession(pool, session);
  await put(table, { Item: { ...running, ...session } });
  const { Item: ended } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.endedSession(pool, session), ConsistentRead: true }),
  );
  if (ended) await remove(table, { Key: running });
};

const keepEnded = async (table: Table, pool: Pool, session: EndedSession): Promise<void> => {
  const copies: Key[] = [
    ...daysCarried(session).map((day) => keys.carriedSession(pool, session, day)),
    keys.endedSession(pool, session, { userId: session.userId }),
    keys.endedSession(pool, session, { machineId: session.machineId }),
  ];
  await inBatches(25, copies, (copy) => put(table, { Item: { ...copy, ...session } }));
  // The last one: whoever finds it need not ask for the others.
  await put(table, { Item: { ...keys.endedSession(pool, session), ...session } });
  await remove(table, { Key: keys.runningSession(pool, session) });
};
