import { endedBy, type HistorySession, isEnded } from '../../domain/history/session-history.ts';
import { sessionEnd } from '../../domain/subscription.ts';
import { findSession } from '../activations/list-online.ts';
import { inBatches } from '../store/batches.ts';
import type { Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';

/** A session of the history as it is now. */
export interface CurrentSession {
  session: HistorySession;
  /** While it is live, epoch ms. */
  leaseEndsAt?: number;
}

/**
 * Sessions of the history as they are now: the history is a little late, and knows no lease. Those that run are looked at,
 * as one activation is; one whose lease has ended is closed.
 */
export const withCurrentState = (
  table: Table,
  pool: Pool,
  sessions: readonly HistorySession[],
  now: number,
): Promise<CurrentSession[]> =>
  inBatches(10, sessions, async (session) => {
    if (isEnded(session)) return { session };
    const found = await findSession(table, pool, session.sessionId, { now });
    if (!found) return { session };
    const { session: record, seat, subscription } = found;
    if (record.fence === session.fence && seat && subscription)
      return { session, leaseEndsAt: sessionEnd(seat.hold, subscription) };
    return { session: endedBy(session, record) ?? session };
  });
