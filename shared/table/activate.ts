import type { Session } from '../domain/record.ts';
import { type Hold, sessionHolder } from '../domain/seat.ts';
import { leaseEnd, type Subscription } from '../domain/subscription.ts';
import { acquire } from './acquire.ts';
import type { Acquired, Claimant, Clock } from './claimant.ts';
import { type Foreseen, foresee } from './foresee.ts';
import { keys, type Pool } from './keys.ts';
import { onMachine } from './register-machine.ts';
import { sessionRecord } from './sessions.ts';
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
    isSame: (session) => session.machineId === machineId && session.userId === userId,
  };
};

/** Gets a seat for a floating session. Every outcome is a member of `Acquired`. */
export const activateSession = (
  table: Table,
  pool: Pool,
  request: SessionRequest,
  clock?: Clock,
): Promise<Acquired<Session>> => acquire(table, sessionClaimant(table, pool, request), clock);

/** What `activateSession` would answer, with nothing written. */
export const foreseeActivation = (
  table: Table,
  pool: Pool,
  request: SessionRequest,
  clock?: Clock,
): Promise<Foreseen> => foresee(table, sessionClaimant(table, pool, request), clock);
