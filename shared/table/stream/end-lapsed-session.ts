import type { Claim, LeaseEnd } from '../../domain/seat.ts';
import { dateEndEarlier, endRecord } from '../items/holder-records.ts';
import { readSubscription } from '../items/subscriptions.ts';
import { lapseReason } from '../session-ends/lapse.ts';
import { keys, type Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';

/** The loss of a session's seat, or license, to the end of its lease. */
export type Lapse = { sessionId: string; claim: Pick<Claim, 'number' | 'fence'> } & LeaseEnd;

/**
 * Ends the record of a session that lost its seat, or its license, because its lease had ended, at the time of that end. Only
 * the change still has that time. A record that a release, or a forced end, has ended since then keeps its reason and gets
 * that time.
 */
export const endLapsedSession = async (
  table: Table,
  pool: Pool,
  { sessionId, claim, end: at, ...lapse }: Lapse,
): Promise<void> => {
  const reason = lapse.reason ?? lapseReason(at, await readSubscription(table, pool));
  const key = keys.session(pool, sessionId);
  const ended = await endRecord(table, key, { claim }, { reason, at });
  if (ended.outcome === 'already' && ended.record.endedAt !== undefined && ended.record.endedAt > at)
    await dateEndEarlier(table, key, claim, at);
};
