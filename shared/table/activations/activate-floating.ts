import type { SessionRequest } from '../../domain/activation.ts';
import type { Session } from '../../domain/holder-record.ts';
import { type Line, mayHaveQueue } from '../../domain/queue.ts';
import { type Hold, sessionHolder } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import { leaseEnd, machineQuotaBinds, type Subscription } from '../../domain/subscription.ts';
import { acquire } from '../engine/acquire-seat.ts';
import type { Acquired, Claimant, MachineRefused, Occupancy } from '../engine/claimant.ts';
import { type DryRunResult, dryRun } from '../engine/dry-run.ts';
import { removePlace } from '../items/queue-tickets.ts';
import { readSeats } from '../items/read-seats.ts';
import { sessionRecord } from '../items/sessions.ts';
import { readSubscription } from '../items/subscriptions.ts';
import { dryRunMachine } from '../machines/machine-dry-run.ts';
import { onMachine } from '../machines/register-machine.ts';
import { dryRunPlace, isWaitOver, leaveLine, type Place, waitInLine } from '../queue/queue.ts';
import { isItsTurn, readLine, readOn } from '../queue/read-line.ts';
import { resolveMove } from '../session-ends/session-moves.ts';
import { type Clock, systemClock } from '../store/clock.ts';
import { keys, type Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';
import { type KeyMaximum, maximumReached, sessionsAtMaximum, withinMaximum } from './key-maximum.ts';

/** Returns the maximum of the request's key, if it has one: the quota bounds all others. */
const maximumOf = ({ key }: SessionRequest): KeyMaximum | undefined =>
  key?.maxSessions === undefined ? undefined : { keyId: key.id, maxSessions: key.maxSessions };

const sessionClaimant = (table: Table, pool: Pool, request: SessionRequest): Claimant<Session> => {
  const { sessionId, userId, machineId, hostname } = request;
  const maximum = maximumOf(request);
  const keyMaximum = maximum && withinMaximum(table, pool, maximum, sessionHolder(sessionId));
  const machine = onMachine(table, pool, { machineId, userId });
  return {
    pool,
    holder: sessionHolder(sessionId),
    recordKey: keys.session(pool, sessionId),
    licenseType: 'floating',
    trustsCensus: true,
    hold: (subscription: Subscription, now: number): Hold => ({
      holder: sessionHolder(sessionId),
      userId,
      machineId,
      hostname,
      keyId: maximum?.keyId,
      claimedAt: now,
      availableAt: leaseEnd(subscription, now),
      leaseMs: subscription.leaseSeconds * 1000,
    }),
    record: (base, hold) => ({ ...sessionRecord(base, hold), startedBy: table.actor }),
    queue: {
      read: (subscription, record, now) => readLine(table, pool, request, { subscription, record, now }),
      readOn: (line, free, now) => readOn(table, pool, line, free, now),
      isItsTurn: (subscription, { line, view }, now) =>
        isItsTurn(table, pool, sessionId, { subscription, own: line?.own, view, now }),
    },
    // With a machine quota, and after a wait in vain, the refusal needs the whole pool.
    joinsQueue: (subscription, line, now) =>
      !!request.waitSeconds && !machineQuotaBinds(subscription) && !isWaitOver(request, line, now),
    precondition: machine.precondition,
    admit: keyMaximum?.admit,
    // Check the key first: register a machine only for a session that may run.
    acquireDependencies: async (...claim) =>
      (await keyMaximum?.acquireDependencies(...claim)) ?? machine.acquireDependencies(...claim),
    settleFirst: (session, now) => (session.moving ? resolveMove(table, pool, session, { now }) : undefined),
    isSameRequest: (session) => session.machineId === machineId && session.userId === userId,
  };
};

export type Activated = Acquired<Session> | { outcome: 'waiting'; place: Place; races: number; line?: Line };

/** The most tries of a request whose ticket is removed meanwhile. */
const waitTries = 3;

/**
 * Gets a seat for a floating session, or a place in the queue if it wants to wait. A session leaves the queue once its seat is
 * on record, or on a refusal.
 */
export const activateFloating = async (
  table: Table,
  pool: Pool,
  request: SessionRequest,
  clock: Clock = systemClock,
): Promise<Activated> => {
  let races = 0;
  for (let tries = 0; tries < waitTries; tries++) {
    const acquired = await acquire(table, sessionClaimant(table, pool, request), clock);
    races += acquired.races;
    const { line } = acquired;
    const isHeld = acquired.outcome === 'acquired' || acquired.outcome === 'renewed';
    const refused =
      acquired.outcome === 'exhausted' ? await machineRefusal(table, request, acquired, clock) : undefined;
    if (acquired.outcome === 'exhausted' && !refused) {
      const waited = await waitInLine(table, pool, request, { ...acquired, line }, clock);
      if (waited.outcome === 'again') continue;
      return waited.outcome === 'given-up' ? { ...acquired, races } : { ...waited, races };
    }
    if (isHeld) {
      // A duplicate may have taken a place, or got the seat and died before it left the line. A place that ended counts for others
      // for a while.
      const mayHavePlace = request.waitSeconds || acquired.outcome === 'renewed';
      if (line?.own || line?.former || (mayHavePlace && mayHaveQueue(acquired.subscription, clock.now())))
        await leaveLine(table, pool, acquired.record, line?.own);
    } else if (line?.own && acquired.outcome !== 'contended') await removePlace(table, pool, line.own);
    return { ...(refused ?? acquired), races, line };
  }
  return { outcome: 'contended', races };
};

/** Returns the machine's refusal, if no seat is free and the machine would be refused too: then no free seat would help. */
const machineRefusal = async (
  table: Table,
  { machineId }: SessionRequest,
  { subscription, held, census }: Occupancy,
  clock: Clock,
): Promise<MachineRefused | undefined> => {
  if (!machineQuotaBinds(subscription)) return undefined;
  const seats = census ? await readSeats(table, subscription, [everySeat]) : held;
  return dryRunMachine(table, subscription, machineId, { seats, now: clock.now() });
};

/** Returns the answer that `activateFloating` would give. Writes nothing. */
export const dryRunFloating = async (
  table: Table,
  pool: Pool,
  request: SessionRequest,
  clock: Clock = systemClock,
): Promise<DryRunResult> => {
  const predicted = await dryRun(table, sessionClaimant(table, pool, request), clock);
  if (predicted.outcome !== 'accepted' && predicted.outcome !== 'exhausted') return predicted;
  const [subscription, seats] = await Promise.all([readSubscription(table, pool), readSeats(table, pool, [everySeat])]);
  if (!subscription) return { outcome: 'missing' };
  const maximum = maximumOf(request);
  const live = maximum && sessionsAtMaximum(seats, maximum, sessionHolder(request.sessionId), clock.now());
  if (live) return { outcome: 'key-limited', reached: maximumReached(live, maximum) };
  const full =
    predicted.outcome === 'exhausted' && (await dryRunPlace(table, pool, request, subscription, clock.now()));
  if (full) return full;
  return (await dryRunMachine(table, subscription, request.machineId, { seats, now: clock.now() })) ?? predicted;
};
