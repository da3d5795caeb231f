import { expect } from 'vitest';
import { type HeldSeat, holderId, isHeld } from '../../../shared/domain/seat.ts';
import { everySeat } from '../../../shared/domain/seat-view.ts';
import { type Activated, activateFloating } from '../../../shared/table/activations/activate-floating.ts';
import { readSeats } from '../../../shared/table/items/read-seats.ts';
import { removeMachine } from '../../../shared/table/removals/remove-machine.ts';
import { type Pool, slotsOf } from '../../../shared/table/store/keys.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import type { Database } from './database.ts';
import { clockAt, heldSeats, userId } from './sessions.ts';

/** Activates a session on a machine. By default the request's clock stands still, so that a slow machine costs it no patience. */
export const activateOn = (
  by: Table,
  pool: Pool,
  machineId: string,
  sessionId: string,
  clock = clockAt(Date.now()),
): Promise<Activated> => activateFloating(by, pool, { sessionId, userId, machineId }, clock);

/** The machines that hold slots; the same machine twice if it holds two. */
export const registered = async (table: Table, pool: Pool): Promise<string[]> =>
  (await readSeats(table, slotsOf(pool), [everySeat]))
    .filter((slot): slot is HeldSeat => isHeld(slot, Date.now()))
    .map((slot) => holderId(slot.hold.holder))
    .sort();

/** The machines on which a seat is held. */
export const inUse = async (table: Table, pool: Pool, now?: number): Promise<string[]> =>
  [...new Set((await heldSeats(table, pool, now)).map(({ hold }) => hold.machineId ?? ''))].sort();

/** At rest: no machine holds two slots, and no more are in use than may be. */
export const agree = async (table: Table, pool: Pool, machineQuota: number, now?: number): Promise<void> => {
  const slots = await registered(table, pool);
  expect(new Set(slots).size, 'a machine on two slots').toBe(slots.length);
  const machines = await inUse(table, pool, now);
  expect(machines.length, `in use: ${machines}`).toBeLessThanOrEqual(machineQuota);
};

/** Removes a machine, and dies once the machine's record has ended, before its sessions have. */
export const removeHalf = async (database: Database, pool: Pool, machineId: string, now: number): Promise<void> => {
  const dies = database.client({
    request: async ({ name, input }, send) => {
      const output = await send();
      if (name === 'UpdateItem' && String(input.UpdateExpression).includes('endedReason')) throw new Error('injected');
      return output;
    },
  });
  await expect(removeMachine(dies, pool, machineId, { now })).rejects.toThrow('injected');
};
