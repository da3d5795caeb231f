import { isBlocked, type Machine } from '../../domain/machine.ts';
import { type Hold, machineHolder, noExpiry } from '../../domain/seat.ts';
import { machineQuotaBinds } from '../../domain/subscription.ts';
import type { Claimant, Precondition } from '../engine/claimant.ts';
import { machineRecord } from '../items/machines.ts';
import { finishRemoval } from '../session-ends/end-on-machine.ts';
import { keys, type Pool, slotsOf } from '../store/keys.ts';
import type { Table } from '../store/table.ts';

/** A machine, and the user who is about to use it. */
export interface MachineRequest {
  machineId: string;
  /** Absent for an offline license, which nobody signs in to use. */
  userId?: string;
}

/** How much the clocks of two functions may differ, ms. */
const clockToleranceMs = 30_000;

/**
 * Returns the condition that no removal blocks a machine.
 *
 * @param options.isForSession a session needs its machine's record for nothing else, unless the machine quota can bind
 */
export const machinePrecondition = (
  pool: Pool,
  machineId: string,
  { isForSession = false }: { isForSession?: boolean } = {},
): Precondition => {
  const key = keys.machine(pool, machineId);
  return {
    keys: [key],
    ...(isForSession && {
      isNeeded: (subscription, now) =>
        machineQuotaBinds(subscription) ||
        subscription.machinesBlockedUntil === undefined ||
        subscription.machinesBlockedUntil + clockToleranceMs > now,
    }),
    violation: (found, _, now) => {
      const machine = found.get(key);
      return isBlocked(machine, now) ? { outcome: 'blocked', until: machine.blockedUntil } : undefined;
    },
  };
};

/** Makes the claimant for a machine's slot. */
export const machineClaimant = (
  table: Table,
  pool: Pool,
  { machineId, userId = '' }: MachineRequest,
): Claimant<Machine> => ({
  pool: slotsOf(pool),
  holder: machineHolder(machineId),
  recordKey: keys.machine(pool, machineId),
  hold: (_, now): Hold => ({
    holder: machineHolder(machineId),
    userId,
    claimedAt: now,
    availableAt: noExpiry,
    leaseMs: 0,
  }),
  precondition: machinePrecondition(pool, machineId),
  record: machineRecord,
  isSameRequest: () => true,
  // After an interrupted removal nobody else gets the slot until the removal's sessions have ended.
  finishEnd: (removed, now) => finishRemoval(table, pool, removed, now),
  mayAlwaysReturn: true,
});
