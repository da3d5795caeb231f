import pMap from 'p-map';
import { hasSlotRecipient, type Machine, machineUse } from '../../domain/machine.ts';
import { type HeldSeat, hasHolder, seatClaim } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import type { Subscription } from '../../domain/subscription.ts';
import { acquire } from '../engine/acquire-seat.ts';
import type { Claimant } from '../engine/claimant.ts';
import { type Raised, raiseClaimable } from '../engine/raise-claimable.ts';
import { voidUnrecorded } from '../engine/unrecorded-claims.ts';
import { touchMachine } from '../items/machines.ts';
import { readSeats } from '../items/read-seats.ts';
import { isMoving, unmarkSeat } from '../items/seat-moves.ts';
import { closeLapsedSeats } from '../items/seats.ts';
import { setSlotsComplete } from '../items/subscriptions.ts';
import type { Clock } from '../store/clock.ts';
import { type Pool, slotsOf } from '../store/keys.ts';
import type { Table } from '../store/table.ts';
import { machineClaimant } from './machine-claimant.ts';
import { settleSlotRecipient } from './slot-handover.ts';

/**
 * Opens slots when none is free. Once the machine quota begins to bind, each machine in use first gets a slot, whatever
 * the quota. Only then may another machine claim one.
 */
export const openSlots =
  (table: Table, pool: Pool, clock: Clock) =>
  async (subscription: Subscription, now: number): Promise<Raised> => {
    if (subscription.slotsComplete) return raiseClaimable(table, slotsOf(pool), subscription, now);
    if (await assignSlots(table, pool, clock)) await setSlotsComplete(table, pool, subscription);
    return { outcome: 'read-again' };
  };

/** How many lapsed seats one pass closes before it reads the pool again. */
const closesPerPass = 500;

/**
 * Gives every machine in use a slot.
 *
 * A claim that was verified before the quota began to bind is older than this listing, which sees it; a claim verified later
 * needs a slot. A claim in flight may be either: voiding it lets its request begin again, and be verified later. Closing a
 * lapsed seat keeps a late heartbeat from reviving a session that was not counted. Touching a machine that already has a slot
 * keeps a request that saw it idle from ending it now.
 *
 * @returns whether each machine in use has a slot
 */
const assignSlots = async (table: Table, pool: Pool, clock: Clock): Promise<boolean> => {
  const now = clock.now();
  const seats = await readSeats(table, pool, [everySeat]);
  const { held: listed, left } = await closeLapsedSeats(table, pool, seats, now, closesPerPass);
  if (left.length > 0) return false;
  const held = await pMap(listed, (seat) => settledSeat(table, pool, seat), { concurrency: 10 });
  const recorded = await pMap(held, (seat) => voidUnrecorded(table, pool, seat, now), { concurrency: 100 });
  if (recorded.includes('changed')) return false;
  const { inUse } = machineUse(
    held.filter((_, index) => recorded[index] === 'recorded'),
    now,
  );
  const assigned = await pMap(
    [...inUse],
    async (machineId) => {
      const touch = () => touchMachine(table, pool, { machineId, now: clock.now() });
      const first = await touch();
      if (first.outcome === 'touched') return true;
      if (hasSlotRecipient(first.machine)) {
        await settleSlotRecipient(table, pool, first.machine, clock.now());
        return false;
      }
      const acquired = await acquire(table, inUseMachineClaimant(table, pool, machineId), clock);
      if (acquired.outcome === 'renewed') return (await touch()).outcome === 'touched';
      return acquired.outcome === 'acquired';
    },
    { concurrency: 10 },
  );
  return assigned.every(Boolean);
};

/** Drops the move of a seat's session, unless it was made. Returns the seat after that. */
const settledSeat = async (table: Table, pool: Pool, listed: HeldSeat): Promise<HeldSeat> => {
  if (!isMoving(listed)) return listed;
  const { seat } = await unmarkSeat(table, pool, seatClaim(listed), listed.hold.moveId);
  return hasHolder(seat) ? seat : listed;
};

/** Makes the claimant for a machine in use: it may claim any number, also above the quota, until all have slots. */
const inUseMachineClaimant = (table: Table, pool: Pool, machineId: string): Claimant<Machine> => ({
  ...machineClaimant(table, pool, { machineId }),
  // A machine under removal is in use until the removal has ended what runs there.
  precondition: undefined,
  capacity: ({ slotsComplete }) => {
    const last = slotsComplete ? 0 : everySeat.last;
    return { quota: last, claimable: last };
  },
  openNumbers: async () => ({ outcome: 'full', above: [] }),
});
