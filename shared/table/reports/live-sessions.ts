import pMap from 'p-map';
import { endOrLapse, type HistorySession, isEnded, type RunningSession } from '../../domain/history/session-history.ts';
import { isRecordOf } from '../../domain/holder-record.ts';
import { isClaim } from '../../domain/seat.ts';
import { type Subscription, sessionEnd } from '../../domain/subscription.ts';
import { findSession } from '../activations/list-online.ts';
import { claimOf } from '../items/sessions.ts';
import { holdKeyOf, holdOf } from '../session-ends/lapse.ts';
import { keys, type Pool } from '../store/keys.ts';
import { readItems, type Table } from '../store/table.ts';

/** A session of the history in its current state. */
export interface CurrentSession {
  session: HistorySession;
  /** Epoch ms; absent if the session has ended. */
  leaseEndsAt?: number;
}

/** How many sessions a request reads at once, and how many such reads run at once. */
const perRead = 100;
const readsAtOnce = 10;

/**
 * Returns sessions of the history in their current state: the history is a little late, and has no leases. Reads a hundred
 * active sessions at once: their records, then their seats. Reads a session that seems to have no lease once more, as one
 * activation is read, and closes it if its lease has ended.
 */
export const withCurrentState = async (
  table: Table,
  subscription: Subscription,
  sessions: readonly HistorySession[],
  now: number,
): Promise<CurrentSession[]> => {
  const parts = Array.from({ length: Math.ceil(sessions.length / perRead) }, (_, index) =>
    sessions.slice(index * perRead, (index + 1) * perRead),
  );
  const read = await pMap(parts, (part) => readCurrent(table, subscription, part, now), { concurrency: readsAtOnce });
  return read.flat();
};

const readCurrent = async (
  table: Table,
  subscription: Subscription,
  sessions: readonly HistorySession[],
  now: number,
): Promise<CurrentSession[]> => {
  const active = sessions.filter((session) => !isEnded(session));
  const recordKey = ({ sessionId }: HistorySession) => keys.session(subscription, sessionId);
  const records = await readItems(table, active.map(recordKey));
  const live = active.flatMap((session) => {
    const record = records.get(recordKey(session));
    return record?.status === 'active' ? [record] : [];
  });
  const holds = await readItems(table, await Promise.all(live.map((record) => holdKeyOf(table, subscription, record))));
  return pMap(
    sessions,
    async (session) => {
      if (isEnded(session)) return { session };
      const record = records.get(recordKey(session));
      if (record?.status === 'active' && isRecordOf(record, session)) {
        const seat = await holdOf(table, subscription, record, holds);
        const isLive = isClaim(seat, claimOf(record)) && sessionEnd(seat.hold, subscription) > now;
        if (isLive && !record.moving) return { session, leaseEndsAt: sessionEnd(seat.hold, subscription) };
      }
      return findCurrent(table, subscription, session, now);
    },
    { concurrency: readsAtOnce },
  );
};

const findCurrent = async (table: Table, pool: Pool, session: RunningSession, now: number): Promise<CurrentSession> => {
  const found = await findSession(table, pool, session.sessionId, { now });
  if (!found) return { session };
  const { session: record, seat, subscription } = found;
  if (record.fence === session.fence && seat && subscription)
    return { session, leaseEndsAt: sessionEnd(seat.hold, subscription) };
  return { session: endOrLapse(session, record) ?? session };
};
