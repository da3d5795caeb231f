import type { Refusal } from '../../../shared/domain/history/refusal.ts';
import type { EndedSession } from '../../../shared/domain/history/session-history.ts';
import type { Session } from '../../../shared/domain/holder-record.ts';
import { sessionHolder } from '../../../shared/domain/seat.ts';
import { keys, type Pool, poolOfItem } from '../../../shared/table/store/keys.ts';
import type { Item, Table } from '../../../shared/table/store/table.ts';
import type { StreamRecord } from '../../../shared/table/stream/change.ts';
import { putMany } from './database.ts';

/** Changes of sessions that ran from `startedAt` to `endedAt`, told just now, without the table's engine. */
export const ran = (pool: Pool, runs: readonly (Partial<EndedSession> & { startedAt: number })[]): StreamRecord[] =>
  runs.flatMap(({ startedAt, endedAt, ...run }, index) => {
    const sessionId = run.sessionId ?? `s${index}`;
    const key = keys.session(pool, sessionId);
    const active: Session = {
      sessionId,
      machineId: 'm',
      userId: 'usr_ada',
      status: 'active',
      number: index + 1,
      fence: 1,
      revision: 1,
      activatedAt: startedAt,
      leaseSeconds: 60,
      previous: [],
      ...run,
    };
    const begins: StreamRecord = { id: `${index}b`, at: Date.now(), before: undefined, after: { ...key, ...active } };
    const over = { ...key, ...active, status: 'ended', revision: 2, endedAt, endedReason: 'released' };
    return endedAt === undefined
      ? [begins]
      : [begins, { id: `${index}e`, at: Date.now(), before: { ...key, ...active }, after: over }];
  });

/** Puts the records of these sessions as they are once all changes are made, and the seats of those that run. */
export const putRecords = (table: Table, changes: readonly StreamRecord[]): Promise<void> => {
  const records = new Map(changes.flatMap(({ after }) => (after ? [[String(after.pk), after]] : [])));
  return putMany(
    table,
    [...records.values()].flatMap((record) => (record.status === 'active' ? [record, seatOf(record)] : [record])),
  );
};

/** Returns the seat of an active record. */
const seatOf = (record: Item): Item => {
  const { number, fence, sessionId, userId, machineId, activatedAt } = record as unknown as Session;
  const lease = { claimedAt: activatedAt, availableAt: activatedAt + 60_000, leaseMs: 60_000 };
  return {
    ...keys.seat(poolOfItem(record), number),
    ...{ fence, holder: sessionHolder(sessionId), userId, machineId, ...lease },
  };
};

/** Ends running sessions: puts their records as these changes end them, and frees their seats. Nothing tells it. */
export const endSessions = (table: Table, ends: readonly StreamRecord[]): Promise<void> =>
  putMany(
    table,
    ends.flatMap(({ after = {} }) => {
      const { fence, ...seat } = seatOf(after);
      return [after, { pk: seat.pk, sk: seat.sk, fence }];
    }),
  );

/** An activation that was refused because all licenses were in use. */
export const refusal = ({ organizationId, product }: Pool, at: number, sessionId = `r${at}`): Refusal => ({
  organizationId,
  product,
  sessionId,
  reason: 'license-quota',
  at,
  userId: 'usr_ada',
  machineId: 'm',
  quota: 1,
  inUse: 1,
});
