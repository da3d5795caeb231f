import { randomBytes } from 'node:crypto';
import { isRecordOf, type Move, type Session } from '../../domain/holder-record.ts';
import { isBlocked } from '../../domain/machine.ts';
import { type HeldSeat, isClaim, sessionHolder, withHostname } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import { leaseEnd, machineQuotaBinds, type Subscription, statusOf } from '../../domain/subscription.ts';
import type { Refused } from '../engine/claimant.ts';
import { readMachine } from '../items/machines.ts';
import { readSeats } from '../items/read-seats.ts';
import { markSeat, moveToMachine, unmarkSeat } from '../items/seat-moves.ts';
import { claimOf, movedClaim, readSession } from '../items/sessions.ts';
import { type BoundMachine, findOfflineMachine } from '../machines/bound-machines.ts';
import { registerMachine } from '../machines/register-machine.ts';
import { nameSlotRecipient, settleSlotRecipient } from '../machines/slot-handover.ts';
import { settleLapse } from '../session-ends/lapse.ts';
import { putIntent, recordMove, resolveMove } from '../session-ends/session-moves.ts';
import { checkAuthority } from '../store/authority.ts';
import { type Clock, systemClock } from '../store/clock.ts';
import { keys, type Pool } from '../store/keys.ts';
import { type BeginAgain, retryWhileContended } from '../store/retry.ts';
import { getItems, type Table } from '../store/table.ts';

/** The longest time that one request tries, ms: longer than `moveLimitMs`, after which it drops another's dead transfer. */
const patienceMs = 5_000;

export type SessionTransferred =
  | { outcome: 'transferred'; seat: HeldSeat; subscription: Subscription }
  | { outcome: 'per-user' }
  /** An offline license is bound to one of the two machines until `until` (epoch ms). */
  | ({ outcome: 'offline' } & BoundMachine)
  | Refused;

/**
 * Moves a session to another machine, with its seat and no gap: `session-moves.ts` has the steps. The process on the old
 * machine learns it at its next heartbeat. Repeating a transfer is harmless.
 *
 * The transfer marks the seat before it verifies the other machine. So it sees an admin's change, or the change sees the mark.
 */
export const transferSession = async (
  table: Table,
  pool: Pool,
  { sessionId, machineId }: { sessionId: string; machineId: string },
  clock: Clock = systemClock,
): Promise<SessionTransferred> => {
  await checkAuthority(table);
  return retryWhileContended(clock, { ms: patienceMs }, () => attempt(table, pool, { sessionId, machineId }, clock));
};

type TransferAttempt = SessionTransferred | BeginAgain;

const attempt = async (
  table: Table,
  pool: Pool,
  { sessionId, machineId }: { sessionId: string; machineId: string },
  clock: Clock,
): Promise<TransferAttempt> => {
  const wanted = {
    subscription: keys.subscription(pool),
    session: keys.session(pool, sessionId),
    machine: keys.machine(pool, machineId),
  };
  const [found, seats] = await Promise.all([getItems(table, wanted), readSeats(table, pool, [everySeat])]);
  const { subscription, session, machine } = found;
  const now = clock.now();
  if (!subscription) return { outcome: 'missing' };
  if (subscription.licenseType === 'per-user') return { outcome: 'per-user' };
  if (!session) return { outcome: 'missing' };
  const status = statusOf(subscription, now);
  if (status !== 'active') return { outcome: status };
  if (session.endedReason) return { outcome: 'ended', reason: session.endedReason };
  if (session.moving) {
    // Of two transfers, the first to commit is made, and the other begins again.
    await resolveMove(table, pool, session, { now });
    return { outcome: 'again' };
  }
  const seat = seats.find(({ number }) => number === session.number);
  const liveness = await settleLapse(table, pool, session, seat, { subscription, now });
  if (liveness.outcome !== 'live') return { outcome: 'again' };
  if (session.machineId === machineId)
    return { outcome: 'transferred', seat: withHostname(liveness.seat, session), subscription };
  const machineIds = new Set([session.machineId, machineId]);
  const offline = await findOfflineMachine(table, pool, { seats, machineIds, now });
  if (offline) return { outcome: 'offline', ...offline };
  if (isBlocked(machine, now)) return { outcome: 'blocked', until: machine.blockedUntil };
  return moveSession(table, pool, { session, seat: liveness.seat }, machineId, clock);
};

const moveSession = async (
  table: Table,
  pool: Pool,
  { session: asRead, seat: marking }: { session: Session; seat: HeldSeat },
  machineId: string,
  clock: Clock,
): Promise<TransferAttempt> => {
  const claim = claimOf(asRead);
  const moveId = randomBytes(9).toString('base64url');
  const moving: Move = { id: moveId, machineId, fence: asRead.fence + 1, at: clock.now() };
  if (!(await markSeat(table, pool, marking, { machineId, moveId }))) return { outcome: 'again' };
  const session = await putIntent(table, pool, asRead, moving);
  if (!session) {
    await unmarkSeat(table, pool, claim, moveId);
    return { outcome: 'again' };
  }

  const verified = await verify(table, pool, session, moving, clock);
  if (verified.outcome !== 'eligible') {
    await resolveMove(table, pool, session, { now: clock.now(), drop: true });
    const after = await readSession(table, pool, session.sessionId);
    // If the session has ended or moved, the caller learns that instead.
    return after && isRecordOf(after, claim) && after.status === 'active' ? verified : { outcome: 'again' };
  }
  const { subscription, handsSlotOver } = verified;
  const from = clock.now();
  const until = leaseEnd(subscription, from);
  const seat = await moveToMachine(table, pool, claim, { machineId, moveId, from, until });
  const moved = isClaim(seat, movedClaim(session, moving)) && seat.hold.claimId === moveId ? seat : undefined;
  if (!moved) {
    await resolveMove(table, pool, session, { now: from, drop: true });
    if (handsSlotOver) await settleRecipientOf(table, pool, session.machineId, from);
    return { outcome: 'again' };
  }
  const record = await recordMove(table, pool, session, moving, from);
  if (handsSlotOver) await settleRecipientOf(table, pool, session.machineId, from);
  return record?.status === 'active' && record.fence === moving.fence
    ? { outcome: 'transferred', seat: moved, subscription }
    : { outcome: 'again' };
};

const settleRecipientOf = async (table: Table, pool: Pool, machineId: string, now: number): Promise<void> => {
  const machine = await readMachine(table, pool, machineId);
  if (machine?.heir) await settleSlotRecipient(table, pool, { ...machine, heir: machine.heir }, now);
};

type Verified =
  | { outcome: 'eligible'; subscription: Subscription; handsSlotOver: boolean }
  | ({ outcome: 'offline' } & BoundMachine)
  | Refused;

/** Checks whether the marked seat may move. Sees each change before the mark; a later change sees the mark. */
const verify = async (table: Table, pool: Pool, session: Session, moving: Move, clock: Clock): Promise<Verified> => {
  const { machineId, id: moveId } = moving;
  const wanted = { subscription: keys.subscription(pool), machine: keys.machine(pool, machineId) };
  const [found, seats] = await Promise.all([getItems(table, wanted), readSeats(table, pool, [everySeat])]);
  const { subscription, machine } = found;
  const now = clock.now();
  if (!subscription) return { outcome: 'missing' };
  const status = statusOf(subscription, now);
  if (status !== 'active') return { outcome: status };
  const machineIds = new Set([session.machineId, machineId]);
  const offline = await findOfflineMachine(table, pool, { seats, machineIds, now });
  if (offline) return { outcome: 'offline', ...offline };
  if (isBlocked(machine, now)) return { outcome: 'blocked', until: machine.blockedUntil };
  if (!machineQuotaBinds(subscription)) return { outcome: 'eligible', subscription, handsSlotOver: false };
  const { userId, sessionId, number, fence } = session;
  const known = { status: machine?.status ?? 'ended', own: sessionHolder(sessionId) } as const;
  const registered = await registerMachine(table, pool, subscription, { machineId, userId }, clock, known);
  if (registered.outcome === 'registered') return { outcome: 'eligible', subscription, handsSlotOver: false };
  if (registered.outcome !== 'machines-exhausted') return registered;
  const heir = { machineId, userId, sessionId, number, fence, moveId };
  return (await nameSlotRecipient(table, pool, session.machineId, heir, clock.now()))
    ? { outcome: 'eligible', subscription, handsSlotOver: true }
    : registered;
};
