import type { EndedReason } from '../../contracts/schemas/activation.ts';
import { involvesMember, isRecordOf, reasonOf, type Session } from '../../domain/holder-record.ts';
import { type Claim, type HeldSeat, type LeaseEnd, leaseEndOf, type Seat, sessionHolder } from '../../domain/seat.ts';
import { leaseEnd, type Subscription, statusOf } from '../../domain/subscription.ts';
import { blockFor, readTermsOf } from '../items/blocks.ts';
import { renewSeat } from '../items/seats.ts';
import { endSession, readSession } from '../items/sessions.ts';
import { endByStatus, endByTerms } from '../session-ends/end-by-terms.ts';
import { resolveMove } from '../session-ends/session-moves.ts';
import type { Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';

export interface Heartbeat {
  sessionId: string;
  userId: string;
  /** The seat and fence from the activation. */
  seat: number;
  fence: number;
  /** The time since the user last worked, seconds. Only licensed users have an idle timeout. */
  idleSeconds?: number;
}

export type HeartbeatResult =
  /** `activeAt`: when the user last worked, epoch ms; only for a licensed user. */
  | { outcome: 'extended'; seat: HeldSeat; subscription: Subscription; activeAt?: number }
  | { outcome: 'ended'; reason: EndedReason }
  | { outcome: 'missing' };

/**
 * Extends a floating session's lease: the seat's update and a read of the subscription, in one round trip.
 *
 * The update extends by the lease length on the seat. If the subscription has another length, or ends before the lease, a
 * second write corrects it: for example in the last three heartbeats before an expiry.
 *
 * @returns `per-user` if the pool's licenses belong to users
 */
export const heartbeatFloating = async (
  table: Table,
  pool: Pool,
  { sessionId, userId, seat: number, fence }: Heartbeat,
  now: number,
): Promise<HeartbeatResult | { outcome: 'per-user' }> => {
  const claim: Claim = { number, fence, holder: sessionHolder(sessionId) };
  // A process asks once where a large pool's seats are.
  await blockFor(table, pool, number);
  const [renewed, read] = await Promise.all([
    renewSeat(table, pool, claim, { from: now, userId }),
    readTermsOf(table, pool, number),
  ]);
  if (read?.licenseType === 'per-user') return { outcome: 'per-user' };
  const lost = (seat: Seat | undefined) =>
    explainLoss(table, pool, claim, { sessionId, userId, now, ended: leaseEndOf(seat, claim) });
  if (renewed.outcome === 'lost') return lost(renewed.seat);
  if (!read) return { outcome: 'missing' };
  const current =
    statusOf(read, now) === 'active'
      ? { outcome: 'live' as const, seat: renewed.seat, subscription: read }
      : await endByTerms(table, pool, { sessionId, userId, number, fence }, renewed.seat, (terms, seat) =>
          endByStatus(terms, seat, now),
        );
  if (current.outcome === 'missing') return current;
  if (current.outcome === 'gone') return lost(current.seat);

  const { seat, subscription } = current;
  const until = leaseEnd(subscription, now);
  const leaseMs = subscription.leaseSeconds * 1000;
  if (seat.hold.availableAt === until && seat.hold.leaseMs === leaseMs)
    return { outcome: 'extended', seat, subscription };
  const corrected = await renewSeat(table, pool, claim, { from: now, until, leaseMs, userId });
  return corrected.outcome === 'renewed'
    ? { outcome: 'extended', seat: corrected.seat, subscription }
    : lost(corrected.seat);
};

/** Reads a session's record, and finishes its move first. */
const readSettled = async (table: Table, pool: Pool, sessionId: string, now: number): Promise<Session | undefined> => {
  const session = await readSession(table, pool, sessionId);
  if (session?.status !== 'active' || !session.moving) return session;
  await resolveMove(table, pool, session, { now });
  return readSession(table, pool, sessionId);
};

/**
 * Returns why a claim no longer stands, from its record; `missing` for another member.
 *
 * @param end.ended the end of its lease, if the seat still shows it. If later claims lapsed on the seat since, the stream
 *   function ends the record: `end-lapsed-session.ts`
 */
export const explainLoss = async (
  table: Table,
  pool: Pool,
  claim: Claim,
  {
    sessionId,
    userId,
    now,
    ended: end,
  }: { sessionId: string; userId: string; now: number; ended: LeaseEnd | undefined },
): Promise<HeartbeatResult> => {
  const session = await readSettled(table, pool, sessionId, now);
  if (!session || !involvesMember(session, userId)) return { outcome: 'missing' };
  if (end && session.status === 'active' && session.userId === userId && isRecordOf(session, claim)) {
    // The claim lost its seat after its lease ended, so end its record.
    const { end: at, reason = 'lease-expired' } = end;
    const ended = await endSession(table, pool, sessionId, { claim }, { reason, at });
    if (ended.outcome !== 'missing') return { outcome: 'ended', reason: reasonOf(ended.record, claim) };
  }
  return { outcome: 'ended', reason: reasonOf(session, claim) };
};
