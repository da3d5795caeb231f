import { isRecordOf, recordOf } from '../../domain/holder-record.ts';
import { hasSlotRecipient, type Machine, machineUse, type SlotRecipient } from '../../domain/machine.ts';
import { type Claim, type HeldSeat, isClaim, machineHolder, sessionHolder } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import { putRecord } from '../items/holder-records.ts';
import {
  endMachine,
  machineRecord,
  readMachine,
  setSlotRecipient,
  slotOf,
  unsetSlotRecipient,
} from '../items/machines.ts';
import { closeSeat, freeSeat, handSlotOver, readSeats, unmarkSeat } from '../items/seats.ts';
import { keys, type Pool, slotsOf } from '../store/keys.ts';
import type { Table } from '../store/table.ts';

// A session moves to another machine, every slot is held, and it is the only one on its own: then that machine's slot goes
// with it. The machine's record names the heir first. From then on nobody can begin to use the machine, and nobody can take
// its slot, before it is settled whether the session has moved. So the slot stands for the one machine on which the
// session is, whichever that is.

/**
 * Names the heir of a machine's slot, if the session that is marked to move is all that is on the machine.
 *
 * @returns whether the session may move now
 */
export const nameSlotRecipient = async (
  table: Table,
  pool: Pool,
  machineId: string,
  heir: SlotRecipient,
  now: number,
): Promise<boolean> => {
  let machine = await readMachine(table, pool, machineId);
  if (hasSlotRecipient(machine)) {
    // Of a transfer before that died, or of one beside this.
    await settleSlotRecipient(table, pool, machine, now);
    machine = await readMachine(table, pool, machineId);
  }
  if (machine?.status !== 'active' || machine.heir) return false;
  // After the record: whoever begins to use the machine from now on touches that.
  const seats = await readSeats(table, pool, [everySeat]);
  const others = seats.filter(({ number, hold }) => hold && number !== heir.number);
  const { inUse, lapsed } = machineUse(others, now);
  if (inUse.has(machineId)) return false;
  for (const { number, fence, hold } of lapsed.get(machineId) ?? [])
    if ((await closeSeat(table, pool, { number, fence, holder: hold.holder }, { now })).outcome === 'alive')
      return false;
  return setSlotRecipient(table, pool, machine, heir);
};

/**
 * Settles whose a slot is that has an heir, by what the session's seat says. A move that was not made yet is dropped.
 *
 * @param machine as it was read, with its heir
 */
export const settleSlotRecipient = async (
  table: Table,
  pool: Pool,
  machine: Machine & { heir: SlotRecipient },
  now: number,
): Promise<void> => {
  const { heir } = machine;
  const claim: Claim = { number: heir.number, fence: heir.fence, holder: sessionHolder(heir.sessionId) };
  const { seat } = await unmarkSeat(table, pool, claim, heir.moveId);
  // Not moved, and never will be.
  if (isClaim(seat, claim)) return unsetSlotRecipient(table, pool, machine);
  const moved = { ...claim, fence: claim.fence + 1 };
  if (isClaim(seat, moved) && seat.hold.claimId === heir.moveId) await takeOverSlot(table, pool, machine, now);
  // Moved or not, the session is on this machine no more, and nobody else is: it had an heir all the time.
  const ended = await endMachine(table, pool, machine, { reason: 'license-transferred', at: now });
  if (ended) await freeSeat(table, slotsOf(pool), slotOf(machine));
};

/** Gives the heir the slot, unless it has one of its own. */
const takeOverSlot = async (
  table: Table,
  pool: Pool,
  machine: Machine & { heir: SlotRecipient },
  now: number,
): Promise<void> => {
  const { heir } = machine;
  const before = await readMachine(table, pool, heir.machineId);
  if (before?.status === 'active') return;
  const to: Claim = {
    number: machine.number,
    fence: machine.fence + 1,
    holder: machineHolder(heir.machineId),
  };
  const { moveId, userId } = heir;
  const slot = await handSlotOver(table, slotsOf(pool), slotOf(machine), {
    holder: to.holder,
    userId,
    moveId,
    at: now,
  });
  if (!isClaim(slot, to) || slot.hold.claimId !== moveId) return;
  await recordRecipient(table, pool, slot, before, now);
};

const recordRecipient = async (
  table: Table,
  pool: Pool,
  slot: HeldSeat,
  asRead: Machine | undefined,
  now: number,
): Promise<void> => {
  const record = machineRecord(recordOf(slot, asRead, now), slot.hold, asRead);
  if ((await putRecord(table, keys.machine(pool, record.machineId), record, asRead)) === 'recorded') return;
  // It was registered on another slot meanwhile.
  const machine = await readMachine(table, pool, record.machineId);
  if (machine?.status === 'active' && !isRecordOf(machine, slot)) await freeSeat(table, slotsOf(pool), slotOf(record));
};
