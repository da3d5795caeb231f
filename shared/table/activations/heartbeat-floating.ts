import type { EndedReason } from '../../contracts/schemas/activation.ts';
import { concerns, names, reasonOf, type Session } from '../../domain/holder-record.ts';
import { type Claim, type HeldSeat, lapseEnd, sessionHolder } from '../../domain/seat.ts';
import { leaseEnd, type Subscription, statusOf } from '../../domain/subscription.ts';
import { renewSeat } from '../items/seats.ts';
import { endSession, readSession } from '../items/sessions.ts';
import { readSubscription } from '../items/subscriptions.ts';
import type { Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';
import { resolveMove } from './session-moves.ts';

export interface Heartbeat {
  sessionId: string;
  userId: string;
  /** As the activation told them. */
  seat: number;
  fence: number;
  /** For how long nobody worked with it. Only licensed users have an idle timeout. */
  idleSeconds?: number;
}

export type HeartbeatResult =
  /** `activeAt`: when somebody last worked with it, where that is of interest (epoch ms). */
  | { outcome: 'extended'; seat: HeldSeat; subscription: Subscription; activeAt?: number }
  | { outcome: 'ended'; reason: EndedReason }
  | { outcome: 'missing' };

/** The pool's licenses belong to users: no session has a seat of its own. */
export interface PerUser {
  outcome: 'per-user';
}

/**
 * Extends a floating session's lease: the seat's update and a read of the subscription, in one round trip.
 *
 * The update extends by the lease length that stands on the seat. Where that is no longer what the subscription says, or
 * where the subscription ends before the lease would, a second write corrects it: in the last three heartbeats before an
 * expiry, say.
 */
export const heartbeatSession = async (
  table: Table,
  pool: Pool,
  { sessionId, userId, seat: number, fence }: Heartbeat,
  now: number,
): Promise<HeartbeatResult | PerUser> => {
  const claim: Claim = { number, fence, holder: sessionHolder(sessionId) };
  const [renewed, subscription] = await Promise.all([
    renewSeat(table, pool, claim, { from: now, userId }),
    readSubscription(table, pool),
  ]);
  if (subscription?.licenseType === 'per-user') return { outcome: 'per-user' };
  if (renewed.outcome === 'lost')
    return explainLoss(table, pool, claim, { sessionId, userId, now, endedAt: lapseEnd(renewed.seat, claim) });
  if (!subscription) return { outcome: 'missing' };

  const status = statusOf(subscription, now);
  if (status !== 'active') {
    const ended = await endSession(table, pool, sessionId, { claim }, { reason: `subscription-${status}`, at: now });
    return ended.outcome === 'missing'
      ? { outcome: 'missing' }
      : { outcome: 'ended', reason: reasonOf(ended.record, claim) };
  }

  const until = leaseEnd(subscription, now);
  const leaseMs = subscription.leaseSeconds * 1000;
  if (renewed.seat.hold.availableAt === until && renewed.seat.hold.leaseMs === leaseMs)
    return { outcome: 'extended', seat: renewed.seat, subscription };
  const corrected = await renewSeat(table, pool, claim, { from: now, until, leaseMs, userId });
  return corrected.outcome === 'renewed'
    ? { outcome: 'extended', seat: corrected.seat, subscription }
    : explainLoss(table, pool, claim, { sessionId, userId, now, endedAt: lapseEnd(corrected.seat, claim) });
};

/** A session's record, once a move that was begun with it is finished. */
const readSettled = async (table: Table, pool: Pool, sessionId: string, now: number): Promise<Session | undefined> => {
  const session = await readSession(table, pool, sessionId);
  if (session?.status !== 'active' || !session.moving) return session;
  await resolveMove(table, pool, session, { now });
  return readSession(table, pool, sessionId);
};

/** The claim does not stand any more: the record tells why, to its own member alone. */
export const explainLoss = async (
  table: Table,
  pool: Pool,
  claim: Claim,
  {
    sessionId,
    userId,
    now,
    endedAt = now,
  }: { sessionId: string; userId: string; now: number; endedAt?: number | undefined },
): Promise<HeartbeatResult> => {
  const session = await readSettled(table, pool, sessionId, now);
  if (!session || !concerns(session, userId)) return { outcome: 'missing' };
  if (session.status === 'active' && session.userId === userId && names(session, claim)) {
    // Taken or closed after its lease ended: the claim is dead, so its record can be closed.
    const ended = await endSession(table, pool, sessionId, { claim }, { reason: 'lease-expired', at: endedAt });
    if (ended.outcome !== 'missing') return { outcome: 'ended', reason: reasonOf(ended.record, claim) };
  }
  return { outcome: 'ended', reason: reasonOf(session, claim) };
};
