import pMap from 'p-map';
import { endOrLapse, type HistorySession, isEnded } from '../../domain/history/session-history.ts';
import { sessionEnd } from '../../domain/subscription.ts';
import { findSession } from '../activations/list-online.ts';
import type { Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';

/** A session of the history in its current state. */
export interface CurrentSession {
  session: HistorySession;
  /** Epoch ms; absent if the session has ended. */
  leaseEndsAt?: number;
}

/**
 * Returns sessions of the history in their current state: the history is a little late, and has no leases. Reads each
 * active session as one activation is read, and closes a session whose lease has ended.
 */
export const withCurrentState = (
  table: Table,
  pool: Pool,
  sessions: readonly HistorySession[],
  now: number,
): Promise<CurrentSession[]> =>
  pMap(
    sessions,
    async (session) => {
      if (isEnded(session)) return { session };
      const found = await findSession(table, pool, session.sessionId, { now });
      if (!found) return { session };
      const { session: record, seat, subscription } = found;
      if (record.fence === session.fence && seat && subscription)
        return { session, leaseEndsAt: sessionEnd(seat.hold, subscription) };
      return { session: endOrLapse(session, record) ?? session };
    },
    { concurrency: 10 },
  );
