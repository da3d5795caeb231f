import type { EndedReason } from '../../contracts/schemas/activation.ts';
import { type ClaimName, hasSlotRecipient, type Machine } from '../../domain/machine.ts';
import type { Ticket } from '../../domain/queue.ts';
import { type HeldSeat, holderKind, isHeld, isLapsed } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import { endMachine, putMachine, readMachine, slotOf } from '../items/machines.ts';
import { readSeats } from '../items/read-seats.ts';
import { dropMoves, isMoving, type MovingSeat } from '../items/seat-moves.ts';
import { closeLapsedSeats, freeSeat } from '../items/seats.ts';
import { noteMachineBlocked } from '../items/subscriptions.ts';
import { settleSlotRecipient } from '../machines/slot-handover.ts';
import { claimsOf, endMachineHolds, type MachineHolds, sessionsOn, usesOn } from '../session-ends/end-on-machine.ts';
import { checkAuthority } from '../store/authority.ts';
import { type Clock, systemClock } from '../store/clock.ts';
import { type Pool, slotsOf } from '../store/keys.ts';
import { type BeginAgain, retryWhileContended } from '../store/retry.ts';
import type { Table } from '../store/table.ts';
import { forceAllToLeave, readWaiting } from './leave-queue.ts';

export type MachineRemoved =
  | { outcome: 'removed' }
  /** Nobody uses the machine, and nobody did. */
  | { outcome: 'missing' }
  /** An offline license is bound to the machine until then (epoch ms). */
  | { outcome: 'offline'; until: number }
  /** The machine was used again and again meanwhile. */
  | { outcome: 'contended' };

/** How often a removal begins again because the machine was used meanwhile. */
const mostTries = 10;

/** The most claims that a machine's record names; if the machine has more, these end before its record. */
const mostNamed = 5000;

/** The holds on a machine, with claims in flight. */
interface OnMachine extends MachineHolds {
  /** Seats of sessions that are about to move to the machine. */
  movingHere: MovingSeat[];
  /** Sessions that wait for a seat. */
  waiting: Ticket[];
  offline: HeldSeat[];
  /** Seats of offline licenses that expired, or were never issued. */
  lapsed: HeldSeat[];
}

const readOnMachine = async (table: Table, pool: Pool, machineId: string, now: number): Promise<OnMachine> => {
  // Read tickets before seats: a session that leaves the queue with a seat then shows up on that seat.
  const waiting = await readWaiting(table, pool, { machineId }, now);
  const [seats, uses] = await Promise.all([readSeats(table, pool, [everySeat]), usesOn(table, pool, machineId)]);
  const offline = seats.filter(
    (seat): seat is HeldSeat => seat.hold?.machineId === machineId && holderKind(seat.hold.holder) === 'offline',
  );
  return {
    sessions: sessionsOn(seats, machineId),
    movingHere: seats.filter(isMoving).filter(({ hold }) => hold.movingTo === machineId),
    uses,
    waiting,
    offline: offline.filter((seat) => isHeld(seat, now)),
    lapsed: offline.filter((seat) => isLapsed(seat, now)),
  };
};

/** Returns whether a session runs on a machine, or waits to. */
const isUsed = ({ sessions, uses, waiting }: OnMachine): boolean => sessions.length + uses.length + waiting.length > 0;

const until = (offline: readonly HeldSeat[]) => Math.max(...offline.map(({ hold }) => hold.availableAt));

/** Ends all online holds on a machine, recorded or not, and all waits on it. */
const endAll = async (
  table: Table,
  pool: Pool,
  { movingHere, waiting, ...running }: OnMachine,
  end: { reason: EndedReason; now: number },
): Promise<void> => {
  await forceAllToLeave(table, pool, waiting, end);
  await endMachineHolds(table, pool, running, end);
  // The session no longer moves, or has moved and ends like the others.
  const moved = await dropMoves(table, pool, movingHere);
  await endMachineHolds(table, pool, { sessions: moved, uses: [] }, end);
};

/**
 * Deactivates a machine: ends its record first, then all holds on it, then frees its slot. An activation there meanwhile
 * claims before it reads the record, or the note that a machine is blocked, so one of the two sees the other. A repetition finishes a removal that stopped half way,
 * and so does a check a minute later: the record names the claims on the machine.
 *
 * @param options.blockedUntil the end of the machine's block, epoch ms
 */
export const removeMachine = async (
  table: Table,
  pool: Pool,
  machineId: string,
  { blockedUntil, now }: { blockedUntil?: number; now: number },
  clock: Clock = systemClock,
): Promise<MachineRemoved> => {
  await checkAuthority(table);
  if (blockedUntil !== undefined) await noteMachineBlocked(table, pool, blockedUntil);
  return retryWhileContended(clock, { tries: mostTries }, async (): Promise<MachineRemoved | BeginAgain> => {
    const machine = await readMachine(table, pool, machineId);
    if (hasSlotRecipient(machine)) {
      await settleSlotRecipient(table, pool, machine, now);
      return { outcome: 'again' };
    }
    const before = await readOnMachine(table, pool, machineId, now);
    if (before.offline.length > 0) return { outcome: 'offline', until: until(before.offline) };
    // A repetition of its request may still complete a pending license.
    const { held } = await closeLapsedSeats(table, pool, before.lapsed, now, before.lapsed.length);
    if (held.length > 0) return { outcome: 'again' };
    if (!machine && !isUsed(before)) return { outcome: 'missing' };
    if (before.movingHere.length > 0) {
      // A completed move would give its session a claim that the record does not name.
      await dropMoves(table, pool, before.movingHere);
      return { outcome: 'again' };
    }
    const ran = claimsOf(before);
    if (ran.length > mostNamed) {
      await endMachineHolds(table, pool, before, { reason: 'machine-removed', now });
      return { outcome: 'again' };
    }
    const ended = await endRecordOf(table, pool, machineId, machine, { blockedUntil, ran, now });
    if (!ended) return { outcome: 'again' };
    const after = await readOnMachine(table, pool, machineId, now);
    await endAll(table, pool, after, { reason: 'machine-removed', now });
    await freeSeat(table, slotsOf(pool), slotOf(ended));
    return { outcome: 'removed' };
  });
};

/**
 * Ends a machine's record as read. If there was none, this puts an ended one, which says that the machine was here, and for
 * how long it is blocked.
 *
 * @returns undefined if the record changed since the read
 */
const endRecordOf = async (
  table: Table,
  pool: Pool,
  machineId: string,
  asRead: Machine | undefined,
  { blockedUntil, ran, now }: { blockedUntil?: number; ran: readonly ClaimName[]; now: number },
): Promise<Machine | undefined> => {
  if (asRead) return endMachine(table, pool, asRead, { reason: 'machine-removed', at: now, blockedUntil, ran });
  const ended: Machine = {
    status: 'ended',
    number: 0,
    fence: 0,
    revision: now,
    userId: '',
    endedReason: 'machine-removed',
    endedAt: now,
    previous: [],
    machineId,
    registeredAt: now,
    lastSeenAt: now,
    blockedUntil,
    ran,
  };
  return (await putMachine(table, pool, ended)) ? ended : undefined;
};

/**
 * Ends the sessions and waits on a machine, which stays registered if licenses belong to users.
 *
 * @returns `offline` if the machine has only offline licenses: these can't be taken away
 */
export const removeMachineLicense = async (
  table: Table,
  pool: Pool,
  machineId: string,
  now: number,
): Promise<Exclude<MachineRemoved, { outcome: 'contended' }>> => {
  await checkAuthority(table);
  const found = await readOnMachine(table, pool, machineId, now);
  if (isUsed(found)) {
    await endAll(table, pool, found, { reason: 'license-removed', now });
    return { outcome: 'removed' };
  }
  if (found.offline.length > 0) return { outcome: 'offline', until: until(found.offline) };
  return (await readMachine(table, pool, machineId)) ? { outcome: 'removed' } : { outcome: 'missing' };
};
