import type { EndedReason } from '../contracts/schemas/activation.ts';
import type { Session } from '../domain/record.ts';
import { type HeldSeat, isClaim, type Seat } from '../domain/seat.ts';
import type { Subscription } from '../domain/subscription.ts';
import type { Pool } from './keys.ts';
import { closeSeat } from './seats.ts';
import { claimOf, endSession } from './sessions.ts';
import type { Table } from './table.ts';

export type Liveness =
  | { outcome: 'live'; seat: HeldSeat }
  | { outcome: 'ended'; session: Session }
  /** The record stands for another claim by now. */
  | { outcome: 'superseded'; session: Session };

/**
 * Whether a session that was read as active lives, by what its seat and subscription say. One whose lease has ended is
 * closed for good: first its seat, so that no late heartbeat revives what was already told as ended, then its record.
 * One whose subscription has expired is ended: first its record.
 *
 * @param seat the session's seat as it was read after the session was
 * @param lapsedAt when its lease ended, if the seat tells no longer (epoch ms)
 */
export const settleLapse = async (
  table: Table,
  pool: Pool,
  session: Session,
  seat: Seat | undefined,
  { subscription, now, lapsedAt }: { subscription: Subscription | undefined; now: number; lapsedAt?: number },
): Promise<Liveness> => {
  const claim = claimOf(session);
  const standing = isClaim(seat, claim) ? seat : undefined;
  const end = async (reason: EndedReason, at: number): Promise<Liveness> => {
    const ended = await endSession(table, pool, session.sessionId, { claim }, { reason, at });
    if (ended.outcome === 'missing') return { outcome: 'ended', session };
    return { outcome: ended.outcome === 'other' ? 'superseded' : 'ended', session: ended.record };
  };
  if (standing && standing.hold.availableAt > now) {
    if (!subscription || subscription.expiresAt > now) return { outcome: 'live', seat: standing };
    return end('subscription-expired', subscription.expiresAt);
  }
  // Also where the seat as read is not this claim: it may have been read before the record. The write's answer is sure.
  const closed = await closeSeat(table, pool, claim, { now });
  if (closed.outcome === 'alive') return { outcome: 'live', seat: closed.seat };

  // When somebody else has the seat by now, the lease is known to have ended, but not when.
  const known = standing?.hold.availableAt ?? lapsedAt;
  const byExpiry = known !== undefined && subscription !== undefined && known >= subscription.expiresAt;
  return end(byExpiry ? 'subscription-expired' : 'lease-expired', known ?? now);
};
