import type { Session } from '../domain/record.ts';
import { type Hold, sessionHolder } from '../domain/seat.ts';
import { leaseEnd, machineQuotaBinds, type Subscription } from '../domain/subscription.ts';
import { everySeat } from '../domain/view.ts';
import { acquire } from './acquire.ts';
import { type Acquired, type Claimant, type Clock, systemClock } from './claimant.ts';
import { type Foreseen, foresee } from './foresee.ts';
import { foreseeMachine } from './foresee-machine.ts';
import { keys, type Pool } from './keys.ts';
import { resolveMove } from './moves.ts';
import { onMachine } from './register-machine.ts';
import { readSeats } from './seats.ts';
import { sessionRecord } from './sessions.ts';
import { readSubscription } from './subscriptions.ts';
import type { Table } from './table.ts';

/** What a member asks for: a license for this session on this machine. */
export interface SessionRequest {
  sessionId: string;
  userId: string;
  machineId: string;
  hostname?: string;
}

const sessionClaimant = (table: Table, pool: Pool, request: SessionRequest): Claimant<Session> => {
  const { sessionId, userId, machineId, hostname } = request;
  return {
    pool,
    holder: sessionHolder(sessionId),
    recordKey: keys.session(pool, sessionId),
    licenseType: 'floating',
    hold: (subscription: Subscription, now: number): Hold => ({
      holder: sessionHolder(sessionId),
      userId,
      machineId,
      hostname,
      claimedAt: now,
      availableAt: leaseEnd(subscription, now),
      leaseMs: subscription.leaseSeconds * 1000,
    }),
    record: (base, hold) => sessionRecord(base, hold),
    ...onMachine(table, pool, { machineId, userId }),
    settleFirst: (session, now) => (session.moving ? resolveMove(table, pool, session, { now }) : undefined),
    isSame: (session) => session.machineId === machineId && session.userId === userId,
  };
};

/** Gets a seat for a floating session. Every outcome is a member of `Acquired`. */
export const activateSession = async (
  table: Table,
  pool: Pool,
  request: SessionRequest,
  clock: Clock = systemClock,
): Promise<Acquired<Session>> => {
  const acquired = await acquire(table, sessionClaimant(table, pool, request), clock);
  if (acquired.outcome !== 'exhausted') return acquired;
  const { subscription, held: seats, races } = acquired;
  // Nothing is free. If the machine would be in the way too, that is what its user must know first.
  if (!machineQuotaBinds(subscription)) return acquired;
  const refused = await foreseeMachine(table, subscription, request.machineId, { seats, now: clock.now() });
  return refused ? { ...refused, races } : acquired;
};

/** What `activateSession` would answer, with nothing written. */
export const foreseeActivation = async (
  table: Table,
  pool: Pool,
  request: SessionRequest,
  clock: Clock = systemClock,
): Promise<Foreseen> => {
  const foreseen = await foresee(table, sessionClaimant(table, pool, request), clock);
  if (foreseen.outcome !== 'accepted' && foreseen.outcome !== 'exhausted') return foreseen;
  const [subscription, seats] = await Promise.all([readSubscription(table, pool), readSeats(table, pool, [everySeat])]);
  if (!subscription) return { outcome: 'missing' };
  return (await foreseeMachine(table, subscription, request.machineId, { seats, now: clock.now() })) ?? foreseen;
};
