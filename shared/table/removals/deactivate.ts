import { involvesMember, reasonOf } from '../../domain/holder-record.ts';
import { isDead, mayHaveTicket } from '../../domain/queue.ts';
import type { Claim } from '../../domain/seat.ts';
import { leaveQueue, readTicket, removePlaceOf } from '../items/queue-tickets.ts';
import { claimOf, endSession } from '../items/sessions.ts';
import type { Pool } from '../store/keys.ts';
import { repeatUntilSettled } from '../store/retry.ts';
import type { Table } from '../store/table.ts';
import { forceLeave } from './leave-queue.ts';

interface Deactivation {
  sessionId: string;
  userId: string;
  mayForce: boolean;
  fence?: number | undefined;
}

/**
 * Gives a session's license back, or takes it away.
 *
 * A session's own member releases it; a caller who may force ends another's as `license-removed`. Both may be repeated. To
 * everyone else the session does not exist. A session that waits for a license leaves the queue.
 *
 * Each takes two writes if nothing is in the way, the record's and the seat's. A caller who may force and names no fence most
 * likely means another member's session: this tries the forced end first. A fence comes from the process with the license.
 *
 * @param request.fence end only the activation that was told this fence; leave a later one, or a wait, alone
 */
export const deactivateSession = async (
  table: Table,
  pool: Pool,
  request: Deactivation,
  now: number,
): Promise<'ended' | 'missing'> => {
  const { sessionId, userId, mayForce, fence } = request;
  if (mayForce && fence === undefined) {
    const forced = await endSession(table, pool, sessionId, { notOf: userId }, { reason: 'license-removed', at: now });
    if (forced.outcome === 'ended' && forced.held && !mayHaveTicket(forced.record, now)) return 'ended';
    if (forced.outcome === 'ended' || forced.outcome === 'already') {
      await endWait(table, pool, request, now);
      return 'ended';
    }
  }
  const released = await endSession(table, pool, sessionId, { userId, fence }, { reason: 'released', at: now });
  if (released.outcome === 'ended' && released.held && !mayHaveTicket(released.record, now)) return 'ended';
  if (released.outcome === 'ended' || released.outcome === 'already') {
    const wasHeld = released.outcome === 'ended' && released.held;
    // The session may wait again, later than any fence, or its request died between its claim and the end of its wait.
    if (fence === undefined || wasHeld) await removePlaceOf(table, pool, { sessionId, userId });
    // Another member may wait with the session ID by now.
    if (mayForce && fence === undefined && !wasHeld) await endWait(table, pool, request, now);
    return 'ended';
  }
  if (fence !== undefined) {
    if (released.outcome === 'missing') return 'missing';
    const { record } = released;
    if (!mayForce || record.userId === userId) return involvesMember(record, userId) ? 'ended' : 'missing';
    return record.fence === fence ? endForced(table, pool, sessionId, claimOf(record), now) : 'ended';
  }
  const waited = await endWait(table, pool, request, now);
  if (waited) return waited;
  if (released.outcome === 'missing') return 'missing';
  // Another member has the session ID by now; the caller's own activation ended before.
  if (!mayForce) return involvesMember(released.record, userId) ? 'ended' : 'missing';
  return endForced(table, pool, sessionId, claimOf(released.record), now);
};

/**
 * Takes a session out of the queue: the caller's own, or another's if the caller may force. A session that got a seat
 * meanwhile loses the seat.
 *
 * @returns undefined if the session does not wait
 */
const endWait = async (
  table: Table,
  pool: Pool,
  { sessionId, userId, mayForce }: Deactivation,
  now: number,
): Promise<'ended' | 'missing' | undefined> => {
  if (await leaveQueue(table, pool, { sessionId, userId }, now)) return 'ended';
  const ticket = mayForce ? await readTicket(table, pool, sessionId) : undefined;
  if (!ticket || isDead(ticket, now)) return undefined;
  const seat = await forceLeave(table, pool, ticket, { reason: 'license-removed', now });
  return seat ? endForced(table, pool, sessionId, seat, now) : 'ended';
};

/**
 * Ends another member's session by its claim, also if the session moves to another machine meanwhile. A newer claim of the
 * member is a new decision.
 */
const endForced = async (
  table: Table,
  pool: Pool,
  sessionId: string,
  found: Pick<Claim, 'number' | 'fence'>,
  now: number,
): Promise<'ended' | 'missing'> => {
  let claim = found;
  return repeatUntilSettled(async () => {
    const forced = await endSession(table, pool, sessionId, { claim }, { reason: 'license-removed', at: now });
    if (forced.outcome === 'missing') return 'missing';
    const { record } = forced;
    if (forced.outcome !== 'other' || reasonOf(record, claim) !== 'license-transferred') return 'ended';
    claim = claimOf(record);
    return undefined;
  });
};
