import pMap from 'p-map';
import { dayMs } from '../../domain/dates.ts';
import { durationClasses } from '../../domain/history/duration-class.ts';
import type { Refusal } from '../../domain/history/refusal.ts';
import { type EndedSession, midnightsDuring } from '../../domain/history/session-history.ts';
import { type Key, type KeyRange, keys, type Pool, type Position, ranges } from '../store/keys.ts';
import { readStoredPage, remove, removeAll, type Table } from '../store/table.ts';
import { type PlannedDay, retentionDayKey } from './retention-days.ts';

const removeInBatches = async (table: Table, gone: readonly Key[]): Promise<void> => {
  const batches = Array.from({ length: Math.ceil(gone.length / 25) }, (_, at) => gone.slice(at * 25, at * 25 + 25));
  await pMap(batches, (batch) => removeAll(table, batch), { concurrency: 4 });
};

/** Returns the keys of an ended activation's copies in earlier releases: for each midnight of it, its user and its machine. */
const formerCopiesOf = (pool: Pool, session: EndedSession): Key<EndedSession>[] => [
  ...midnightsDuring(session).map((day) => keys.formerCarriedSession(pool, session, day)),
  keys.formerEndedSession(pool, session, { userId: session.userId }),
  keys.formerEndedSession(pool, session, { machineId: session.machineId }),
];

/** Deletes a session's record, unless it is of another activation, or of a later claim. */
const deleteRecord = (table: Table, pool: Pool, { sessionId, number, fence }: EndedSession) =>
  remove(table, {
    Key: keys.session(pool, sessionId),
    ConditionExpression: '#status = :ended AND #number = :number AND fence = :fence',
    ExpressionAttributeValues: { ':ended': 'ended', ':number': number, ':fence': fence },
  });

/** Deletes the note that a session was refused, unless it is of a later refusal. */
const deleteRefusal = ({ organizationId, product, sessionId, reason, at }: Refusal, table: Table) =>
  remove(table, {
    Key: keys.refusal({ organizationId, product }, sessionId, reason),
    ConditionExpression: '#at = :at',
    ExpressionAttributeValues: { ':at': at },
  });

/**
 * Deletes a day of the history, oldest first, and then its plan. So the next run finds the rest of an interrupted one.
 *
 * @returns `left` if `until` stopped it
 */
export const purgeDay = async (table: Table, past: PlannedDay, until: () => boolean): Promise<'done' | 'left'> => {
  if (until() || (await purgeItemsOf(table, past, until)) === 'left') return 'left';
  await remove(table, {
    Key: retentionDayKey(past),
    ConditionExpression: 'mark = :mark',
    ExpressionAttributeValues: { ':mark': past.mark },
  });
  return 'done';
};

const purgeItemsOf = async (table: Table, past: PlannedDay, until: () => boolean): Promise<'done' | 'left'> => {
  const day = { from: past.day, to: past.day + dayMs };
  switch (past.kind) {
    case 'events':
      return purgeItems(table, { range: ranges.auditEvents(past.organizationId, day) }, until);
    case 'sessions': {
      const { pool, since } = past;
      const deleteRecords = (sessions: EndedSession[]) =>
        pMap(sessions, (session) => deleteRecord(table, pool, session), { concurrency: 25 });
      const isPast = ({ endedAt }: EndedSession) => endedAt < since;
      for (const durationClass of durationClasses) {
        const range = ranges.endedSessions(pool, durationClass, day);
        if ((await purgeItems(table, { range, isPast, before: deleteRecords }, until)) === 'left') return 'left';
      }
      const before = async (sessions: EndedSession[]) => {
        await deleteRecords(sessions);
        await removeInBatches(
          table,
          sessions.flatMap((session) => formerCopiesOf(pool, session)),
        );
      };
      return purgeItems(table, { range: ranges.formerEndedSessions(pool, day), isPast, before }, until);
    }
    case 'refusals': {
      const before = (refusals: Refusal[]) =>
        pMap(refusals, (refusal) => deleteRefusal(refusal, table), { concurrency: 25 });
      return purgeItems(table, { range: ranges.refused(past.pool, day), before }, until);
    }
  }
};

/** The purge of one kind of items of a day. */
interface Purge<T> {
  range: KeyRange<T>;
  isPast?: (item: T) => boolean;
  /** Deletes the items that only these lead to. */
  before?: (items: T[]) => Promise<unknown>;
}

const purgeItems = async <T>(
  table: Table,
  { range, isPast = () => true, before }: Purge<T>,
  until: () => boolean,
): Promise<'done' | 'left'> => {
  let after: Position | undefined;
  do {
    const page = await readStoredPage(table, range, { limit: 200, after });
    const gone = page.items.filter(({ item }) => isPast(item));
    await before?.(gone.map(({ item }) => item));
    const found = gone.map(({ key }) => key);
    await removeInBatches(table, found);
    after = page.next;
    if (after && until()) return 'left';
  } while (after);
  return 'done';
};
