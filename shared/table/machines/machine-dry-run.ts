import { isBlocked, machineUse, registeredMachines } from '../../domain/machine.ts';
import type { Seat } from '../../domain/seat.ts';
import { machineQuotaBinds, type Subscription } from '../../domain/subscription.ts';
import type { MachineRefused } from '../engine/claimant.ts';
import { readAllMachines, readMachines } from '../items/machines.ts';
import type { Table } from '../store/table.ts';

/**
 * Returns why a machine would be refused now, or undefined; writes nothing.
 *
 * @param seats every held seat of the pool, as this request read it
 */
export const dryRunMachine = async (
  table: Table,
  subscription: Subscription,
  machineId: string,
  { seats, now }: { seats: readonly Seat[]; now: number },
): Promise<MachineRefused | undefined> => {
  const { licenseType, machineQuota } = subscription;
  const machines =
    licenseType === 'per-user'
      ? await readAllMachines(table, subscription)
      : [...(await readMachines(table, subscription, [machineId])).values()];
  const machine = machines.find((one) => one.machineId === machineId);
  if (isBlocked(machine, now)) return { outcome: 'blocked', until: machine.blockedUntil };
  if (!machineQuotaBinds(subscription)) return undefined;
  const registered = registeredMachines(licenseType, { machines, inUse: machineUse(seats, now).inUse });
  return registered.has(machineId) || registered.size < machineQuota
    ? undefined
    : { outcome: 'machines-exhausted', machineQuota, registered: registered.size };
};
