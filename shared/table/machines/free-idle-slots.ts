import pMap from 'p-map';
import { isRecordOf, voidedRecordOf } from '../../domain/holder-record.ts';
import { licenseUses } from '../../domain/license.ts';
import { hasSlotRecipient, isIdleSlot, type Machine, machineUse } from '../../domain/machine.ts';
import { type HeldSeat, holderId, seatClaim } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import type { Subscription } from '../../domain/subscription.ts';
import { claimLimitMs } from '../engine/confirm-claim.ts';
import { voidClaim } from '../items/holder-records.ts';
import { readLicenses } from '../items/licenses.ts';
import { endMachine, machineRecord, readMachines } from '../items/machines.ts';
import { readSeats } from '../items/read-seats.ts';
import { closeSeat, freeSeat } from '../items/seats.ts';
import { closeLapsed } from '../session-ends/lapsed-holds.ts';
import { keys, type Pool, slotsOf } from '../store/keys.ts';
import { shuffled } from '../store/shuffled.ts';
import type { Table } from '../store/table.ts';
import { settleSlotRecipient } from './slot-handover.ts';

/** How many slots one request frees at once: one for itself, the others for later requests. */
const freesPerPass = 25;

/**
 * Frees the slots of machines that nobody uses, once every slot is held.
 *
 * Reads the machines' records before it lists seats and uses of licenses, and ends only unchanged records: a machine that
 * somebody uses in between keeps its slot.
 *
 * @param slots every slot that is held
 * @returns `none` if every slot's machine is in use; otherwise the pool has changed
 */
export const freeIdleSlots = async (
  table: Table,
  pool: Pool,
  { licenseType }: Pick<Subscription, 'licenseType'>,
  slots: readonly HeldSeat[],
  now: number,
): Promise<'some' | 'none'> => {
  const ids = slots.map(({ hold }) => holderId(hold.holder));
  const machines = await readMachines(table, pool, ids);
  const [seats, licenses] = await Promise.all([
    readSeats(table, pool, [everySeat]),
    licenseType === 'per-user' ? readLicenses(table, pool) : [],
  ]);
  const use = machineUse([...seats, ...licenseUses(licenses)], now);
  const idle = slots.flatMap((slot): IdleSlot[] => {
    const machineId = holderId(slot.hold.holder);
    const machine = machines.get(machineId);
    // If the machine has another slot, nobody needs this one, whatever runs on the machine.
    const hasOther = machine?.status === 'active' && !isRecordOf(machine, slot);
    if (use.inUse.has(machineId) && !hasOther) return [];
    if (!isIdleSlot(slot, machine, { licenseType, now, claimLimitMs })) return [];
    return [{ slot, machine, lapsed: use.lapsed.get(machineId) ?? [] }];
  });
  // Shuffled, since other requests may free the same slots.
  const outcomes = await pMap(
    shuffled(idle).slice(0, freesPerPass),
    (one) => freeIdleSlot(table, { ...pool, licenseType }, one, now),
    { concurrency: freesPerPass },
  );
  return outcomes.includes('changed') ? 'some' : 'none';
};

/** A slot whose machine is idle, with the machine's record and the lapsed holds on it, as they were read. */
interface IdleSlot {
  slot: HeldSeat;
  machine: Machine | undefined;
  lapsed: readonly HeldSeat[];
}

const freeIdleSlot = async (
  table: Table,
  pool: Pool & Pick<Subscription, 'licenseType'>,
  { slot, machine, lapsed }: IdleSlot,
  now: number,
): Promise<'changed' | 'in-use'> => {
  if ((await closeLapsed(table, pool, lapsed, now)) === 'alive') return 'in-use';
  if (hasSlotRecipient(machine)) {
    await settleSlotRecipient(table, pool, machine, now);
    return 'changed';
  }
  const claim = seatClaim(slot);
  if (!machine || !isRecordOf(machine, slot)) {
    const ended = machineRecord(voidedRecordOf(slot, now), slot.hold);
    const recordKey = keys.machine(pool, ended.machineId);
    if (await voidClaim(table, recordKey, machine, ended)) await closeSeat(table, slotsOf(pool), claim);
  } else if (machine.status === 'ended' || (await endMachine(table, pool, machine, { reason: 'released', at: now })))
    await freeSeat(table, slotsOf(pool), claim);
  return 'changed';
};
