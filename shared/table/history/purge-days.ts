import { dayMs } from '../../domain/dates.ts';
import type { Refusal } from '../../domain/history/refusal.ts';
import { type EndedSession, midnightsDuring } from '../../domain/history/session-history.ts';
import { inBatches } from '../store/batches.ts';
import { type Key, type KeyRange, keys, type Pool, ranges } from '../store/keys.ts';
import { type Item, readPage, remove, removeAll, type Table } from '../store/table.ts';
import { type PlannedDay, retentionDayKey } from './retention-days.ts';

/** How many items are read at a time, and how many batches of them are deleted side by side. */
const pageSize = 200;
const batchesAtOnce = 4;

const keyOf = ({ pk, sk }: Item): Key => ({ pk: String(pk), sk: String(sk) });

const removeInBatches = async (table: Table, gone: readonly Key[]): Promise<void> => {
  const batches = Array.from({ length: Math.ceil(gone.length / 25) }, (_, at) => gone.slice(at * 25, at * 25 + 25));
  await inBatches(batchesAtOnce, batches, (batch) => removeAll(table, batch));
};

/** The other items of an activation that is over. */
const copiesOf = (pool: Pool, session: EndedSession): Key[] => [
  ...midnightsDuring(session).map((day) => keys.carriedSession(pool, session, day)),
  keys.endedSession(pool, session, { userId: session.userId }),
  keys.endedSession(pool, session, { machineId: session.machineId }),
];

/** The record of a session, unless it stands for another activation of it, or for a claim since. */
const forgetRecord = (table: Table, pool: Pool, { sessionId, number, fence }: EndedSession) =>
  remove(table, {
    Key: keys.session(pool, sessionId),
    ConditionExpression: '#status = :ended AND #number = :number AND fence = :fence',
    ExpressionAttributeNames: { '#status': 'status', '#number': 'number' },
    ExpressionAttributeValues: { ':ended': 'ended', ':number': number, ':fence': fence },
  });

/** The note that a session was refused, which may be of another refusal by now. */
const forgetRefusal = ({ organizationId, product, sessionId, reason, at }: Refusal, table: Table) =>
  remove(table, {
    Key: keys.refusal({ organizationId, product }, sessionId, reason),
    ConditionExpression: '#at = :at',
    ExpressionAttributeNames: { '#at': 'at' },
    ExpressionAttributeValues: { ':at': at },
  });

/** Where the items of a day lie, and what goes before them, since it is found through them alone. */
const workOf = (
  table: Table,
  past: PlannedDay,
): { range: KeyRange; isPast?: (item: Item) => boolean; before?: (items: Item[]) => Promise<unknown> } => {
  const day = { from: past.day, to: past.day + dayMs };
  switch (past.kind) {
    case 'events':
      return { range: ranges.auditEvents(past.organizationId, day) };
    case 'sessions':
      return {
        range: ranges.endedSessions(past.pool, day),
        isPast: ({ endedAt }) => Number(endedAt) < past.since,
        before: async (items) => {
          const sessions = items as unknown as EndedSession[];
          await inBatches(25, sessions, (session) => forgetRecord(table, past.pool, session));
          await removeInBatches(
            table,
            sessions.flatMap((session) => copiesOf(past.pool, session)),
          );
        },
      };
    case 'refusals':
      return {
        range: ranges.refused(past.pool, day),
        before: (items) => inBatches(25, items, (item) => forgetRefusal(item as unknown as Refusal, table)),
      };
  }
};

/**
 * Deletes a day of the history, oldest first, and then its plan: what is left by a run that stops or dies is found by the
 * next one.
 *
 * @returns whether it is done, or was stopped by `until`
 */
export const purgeDay = async (table: Table, past: PlannedDay, until: () => boolean): Promise<'done' | 'left'> => {
  const { range, isPast = () => true, before } = workOf(table, past);
  let after: Key | undefined;
  do {
    if (until()) return 'left';
    const page = await readPage(table, range, { limit: pageSize, after });
    const gone = page.items.filter(isPast);
    await before?.(gone);
    await removeInBatches(table, gone.map(keyOf));
    after = page.next;
  } while (after);
  await remove(table, {
    Key: retentionDayKey(past),
    ConditionExpression: 'mark = :mark',
    ExpressionAttributeValues: { ':mark': past.mark },
  });
  return 'done';
};
