import { isIdleTooLong } from '../../domain/idle-timeout.ts';
import type { License } from '../../domain/license.ts';
import { type Claim, sessionHolder } from '../../domain/seat.ts';
import { leaseEnd, statusOf } from '../../domain/subscription.ts';
import { renewUse } from '../items/license-uses.ts';
import { endSession } from '../items/sessions.ts';
import { readSubscription } from '../items/subscriptions.ts';
import { tellAllOver } from '../licensed-users/ended-uses.ts';
import type { Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';
import { explainLoss, type Heartbeat, type HeartbeatResult } from './heartbeat-floating.ts';

/**
 * Extends the lease of a licensed user's session: the license's update and a read of the subscription, in one round trip.
 * A session that nobody worked with for the subscription's idle timeout ends (`idle-timeout`).
 *
 * @param heartbeat its `idleSeconds` tell for how long nobody did (default: 0)
 */
export const heartbeatUser = async (
  table: Table,
  pool: Pool,
  heartbeat: Heartbeat,
  now: number,
): Promise<HeartbeatResult> => {
  const { sessionId, userId, seat: number, fence, idleSeconds = 0 } = heartbeat;
  const claim: Claim = { number, fence, holder: sessionHolder(sessionId) };
  const activeAt = now - idleSeconds * 1000;
  const [renewed, subscription] = await Promise.all([
    renewUse(table, pool, userId, claim, { from: now, activeAt }),
    readSubscription(table, pool),
  ]);
  const lost = async (license: License | undefined) => {
    // What is over is in the license before it is on the session's record.
    if (license) await tellAllOver(table, pool, license);
    return explainLoss(table, pool, claim, { sessionId, userId, now });
  };
  if (renewed.outcome === 'lost') return lost(renewed.license);
  if (!subscription) return { outcome: 'missing' };

  const status = statusOf(subscription, now);
  const reason =
    status !== 'active'
      ? (`subscription-${status}` as const)
      : isIdleTooLong(activeAt, subscription.idleTimeoutMinutes, now)
        ? 'idle-timeout'
        : undefined;
  if (reason) {
    await endSession(table, pool, sessionId, { claim }, { reason, at: now });
    return lost(undefined);
  }

  const until = leaseEnd(subscription, now);
  const leaseMs = subscription.leaseSeconds * 1000;
  if (renewed.seat.hold.availableAt === until && renewed.seat.hold.leaseMs === leaseMs)
    return { outcome: 'extended', seat: renewed.seat, subscription, activeAt };
  const corrected = await renewUse(table, pool, userId, claim, { from: now, until, leaseMs, activeAt });
  return corrected.outcome === 'renewed'
    ? { outcome: 'extended', seat: corrected.seat, subscription, activeAt }
    : lost(corrected.license);
};
