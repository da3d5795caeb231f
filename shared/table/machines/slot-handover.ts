import { isRecordOf, recordOf } from '../../domain/holder-record.ts';
import { hasSlotRecipient, type Machine, machineUse, type SlotRecipient } from '../../domain/machine.ts';
import { type Claim, isClaim, machineHolder, seatClaim, sessionHolder } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import { putRecord } from '../items/holder-records.ts';
import {
  machineRecord,
  readMachine,
  setSlotRecipient,
  slotOf,
  unregisterMachine,
  unsetSlotRecipient,
} from '../items/machines.ts';
import { readSeats } from '../items/read-seats.ts';
import { unmarkSeat } from '../items/seat-moves.ts';
import { closeSeat, freeSeat, handOver } from '../items/seats.ts';
import { keys, type Pool, slotsOf } from '../store/keys.ts';
import type { Table } from '../store/table.ts';

// If every slot is held, and a session that moves is alone on its machine, the slot goes with the session. First the
// machine's record names the slot recipient. From then on nobody can begin to use the machine, or take its slot, until a
// request settles whether the session has moved. So the slot always belongs to the machine that the session is on.

/**
 * Names the recipient of a machine's slot, if nothing but the session that is marked to move is on the machine.
 *
 * @returns whether the session may move now
 */
export const nameSlotRecipient = async (
  table: Table,
  pool: Pool,
  machineId: string,
  recipient: SlotRecipient,
  now: number,
): Promise<boolean> => {
  let machine = await readMachine(table, pool, machineId);
  if (hasSlotRecipient(machine)) {
    // An earlier transfer that died, or a concurrent one, named it.
    await settleSlotRecipient(table, pool, machine, now);
    machine = await readMachine(table, pool, machineId);
  }
  if (machine?.status !== 'active' || machine.heir) return false;
  // Read after the record: a later use of the machine touches the record.
  const seats = await readSeats(table, pool, [everySeat]);
  const others = seats.filter(({ number, hold }) => hold && number !== recipient.number);
  const { inUse, lapsed } = machineUse(others, now);
  if (inUse.has(machineId)) return false;
  for (const seat of lapsed.get(machineId) ?? [])
    if ((await closeSeat(table, pool, seatClaim(seat), { now })).outcome === 'alive') return false;
  return setSlotRecipient(table, pool, machine, recipient);
};

/**
 * Gives a slot to its recipient or leaves it, as the session's seat decides, and drops a move that was not made yet.
 *
 * @param machine as read
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
  // The session has not moved, and never will.
  if (isClaim(seat, claim)) return unsetSlotRecipient(table, pool, machine);
  const moved = { ...claim, fence: claim.fence + 1 };
  if (isClaim(seat, moved) && seat.hold.claimId === heir.moveId) await takeOverSlot(table, pool, machine, now);
  // The session has left this machine, and nobody else could begin here while it had a recipient.
  await unregisterMachine(table, pool, machine, { reason: 'license-transferred', at: now });
};

/** Gives the recipient the slot, unless it has one of its own. */
const takeOverSlot = async (
  table: Table,
  pool: Pool,
  machine: Machine & { heir: SlotRecipient },
  now: number,
): Promise<void> => {
  const { heir } = machine;
  const before = await readMachine(table, pool, heir.machineId);
  if (before?.status === 'active') return;
  const { machineId, moveId, userId } = heir;
  const holder = machineHolder(machineId);
  const to = { holder, userId, claimedAt: now, claimId: moveId };
  const slot = await handOver(table, slotsOf(pool), slotOf(machine), to);
  if (!slot) return;
  const record = machineRecord(recordOf(slot, before, now), slot.hold, before);
  if ((await putRecord(table, keys.machine(pool, machineId), record, before)) === 'recorded') return;
  // The machine was registered on another slot meanwhile.
  const after = await readMachine(table, pool, machineId);
  if (after?.status === 'active' && !isRecordOf(after, slot)) await freeSeat(table, slotsOf(pool), seatClaim(slot));
};
