import type { Refusal } from '../../../shared/domain/history/refusal.ts';
import type { EndedSession } from '../../../shared/domain/history/session-history.ts';
import type { Session } from '../../../shared/domain/holder-record.ts';
import { keys, type Pool } from '../../../shared/table/store/keys.ts';
import type { Table } from '../../../shared/table/store/table.ts';
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
      number: 1,
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

/** Puts the records of the sessions that these changes end, as they are once all changes are made. */
export const putEndedRecords = (table: Table, changes: readonly StreamRecord[]): Promise<void> => {
  const ended = changes.flatMap(({ after }) => (after?.status === 'ended' ? [after] : []));
  return putMany(table, [...new Map(ended.map((item) => [String(item.pk), item])).values()]);
};

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
