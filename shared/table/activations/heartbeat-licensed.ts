import { isIdleTooLong } from '../../domain/idle-timeout.ts';
import { type License, useSeat } from '../../domain/license.ts';
import { type Claim, type HeldSeat, leaseEndOf, type Seat, sessionHolder } from '../../domain/seat.ts';
import { leaseEnd, type Subscription } from '../../domain/subscription.ts';
import { renewUse } from '../items/license-uses.ts';
import { readLicense } from '../items/licenses.ts';
import { readSubscription } from '../items/subscriptions.ts';
import { endByStatus, endByTerms, type TermsEnd } from '../session-ends/end-by-terms.ts';
import { endDisplacedSessions } from '../session-ends/ended-uses.ts';
import type { Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';
import { explainLoss, type Heartbeat, type HeartbeatResult } from './heartbeat-floating.ts';

/**
 * Extends the lease of a licensed user's session: the license's update and a read of the subscription, in one round trip.
 * A session ends (`idle-timeout`) if its user did not work for the subscription's idle timeout.
 *
 * @param heartbeat `idleSeconds`: the time since the user last worked (default: 0)
 */
export const heartbeatLicensed = async (
  table: Table,
  pool: Pool,
  heartbeat: Heartbeat,
  now: number,
): Promise<HeartbeatResult> => {
  const { sessionId, userId, seat: number, fence, idleSeconds = 0 } = heartbeat;
  const claim: Claim = { number, fence, holder: sessionHolder(sessionId) };
  const activeAt = now - idleSeconds * 1000;
  const [renewed, read] = await Promise.all([
    renewUse(table, pool, userId, claim, { from: now, activeAt }),
    readSubscription(table, pool),
  ]);
  const explain = (seat: Seat | undefined) =>
    explainLoss(table, pool, claim, { sessionId, userId, now, ended: leaseEndOf(seat, claim) });
  const lost = async (license: License | undefined) => {
    // An end is on the license before it is on the session's record.
    if (license) await endDisplacedSessions(table, pool, license);
    return explain(license && useSeat(license));
  };
  if (renewed.outcome === 'lost') return lost(renewed.license);
  if (!read) return { outcome: 'missing' };
  const decide = (terms: Subscription, seat: HeldSeat): TermsEnd | undefined => {
    // A later heartbeat knows better when the user last worked.
    const isIdle = (seat.hold.renewedAt ?? now) <= now && isIdleTooLong(activeAt, terms.idleTimeoutMinutes, now);
    return endByStatus(terms, seat, now) ?? (isIdle ? { reason: 'idle-timeout', at: now } : undefined);
  };
  const current = decide(read, renewed.seat)
    ? await endByTerms(table, pool, { sessionId, userId, number, fence, licensed: true }, renewed.seat, decide)
    : { outcome: 'live' as const, seat: renewed.seat, subscription: read };
  if (current.outcome === 'missing') return current;
  if (current.outcome === 'gone')
    // A newer session displaced this one meanwhile, if the license tells no end of it.
    return leaseEndOf(current.seat, claim) ? explain(current.seat) : lost(await readLicense(table, pool, userId));

  const { seat, subscription } = current;
  const until = leaseEnd(subscription, now);
  const leaseMs = subscription.leaseSeconds * 1000;
  if (seat.hold.availableAt === until && seat.hold.leaseMs === leaseMs)
    return { outcome: 'extended', seat, subscription, activeAt };
  const corrected = await renewUse(table, pool, userId, claim, { from: now, until, leaseMs, activeAt });
  return corrected.outcome === 'renewed'
    ? { outcome: 'extended', seat: corrected.seat, subscription, activeAt }
    : lost(corrected.license);
};
