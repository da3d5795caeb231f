import pMap from 'p-map';
import { licenseUses } from '../../domain/license.ts';
import { type Machine, machineUse } from '../../domain/machine.ts';
import { isHeld } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import type { Subscription } from '../../domain/subscription.ts';
import { readLicenses } from '../items/licenses.ts';
import { assignMachine, readAllMachines, slotOf, unregisterMachine } from '../items/machines.ts';
import { readSeats } from '../items/read-seats.ts';
import { freeSeat } from '../items/seats.ts';
import { closeLapsed } from '../session-ends/lapsed-holds.ts';
import { type Pool, slotsOf } from '../store/keys.ts';
import type { Table } from '../store/table.ts';

/** How often to begin again at once. A machine that others keep using stays theirs. */
const mostTries = 5;

/**
 * Removes the machines of a user whose license has ended, unless somebody has used them since. A machine that another user
 * uses now becomes that user's. A machine with an offline license stays for as long as that lasts.
 */
export const unregisterMachinesOf = async (
  table: Table,
  subscription: Subscription,
  userId: string,
  now: number,
): Promise<void> => {
  for (let tried = 0; tried < mostTries; tried++) {
    const machines = (await readAllMachines(table, subscription)).filter((machine) => machine.userId === userId);
    if (machines.length === 0) return;
    // Read after the machines: a later use of one of them touches it.
    const [licenses, seats] = await Promise.all([
      readLicenses(table, subscription),
      readSeats(table, subscription, [everySeat]),
    ]);
    // After a new grant the user's machines stay.
    if (licenses.some((license) => license.userId === userId && license.status === 'active')) return;
    const uses = licenseUses(licenses);
    const { inUse, lapsed } = machineUse([...seats, ...uses], now);
    const users = new Map(uses.filter((use) => isHeld(use, now)).map(({ hold }) => [hold.machineId, hold.userId]));
    const outcomes = await pMap(
      machines,
      async (machine) => {
        const { machineId } = machine;
        // A late heartbeat may revive a use, and a repeated request may complete a pending offline license.
        if ((await closeLapsed(table, subscription, lapsed.get(machineId) ?? [], now)) === 'alive') return 'lost';
        const nextUser = users.get(machineId) ?? (inUse.has(machineId) ? '' : undefined);
        return unregister(table, subscription, machine, nextUser, now);
      },
      { concurrency: 10 },
    );
    if (!outcomes.includes('lost')) return;
  }
};

/** Gives a machine to its next user; without one, removes the machine. */
const unregister = async (
  table: Table,
  pool: Pool,
  machine: Machine,
  nextUser: string | undefined,
  now: number,
): Promise<'settled' | 'lost'> => {
  if (nextUser !== undefined) {
    // A removed machine keeps its slot while sessions run on that an interrupted removal left.
    if (machine.status === 'ended') return 'settled';
    return (await assignMachine(table, pool, machine, nextUser)) === 'lost' ? 'lost' : 'settled';
  }
  if (machine.status === 'active')
    return (await unregisterMachine(table, pool, machine, { reason: 'user-removed', at: now })) ? 'settled' : 'lost';
  await freeSeat(table, slotsOf(pool), slotOf(machine));
  return 'settled';
};
