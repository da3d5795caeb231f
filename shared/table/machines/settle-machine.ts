import { isRecordOf } from '../../domain/holder-record.ts';
import { isBlocked, type Machine } from '../../domain/machine.ts';
import { type Claim, holderId, isClaim } from '../../domain/seat.ts';
import type { Subscription } from '../../domain/subscription.ts';
import { readLicense } from '../items/licenses.ts';
import { forgetMachine, readMachine, slotOf } from '../items/machines.ts';
import { readSeats } from '../items/read-seats.ts';
import { keys, type Pool, slotsOf } from '../store/keys.ts';
import { getItems, type Table } from '../store/table.ts';
import { freeIdleSlots } from './free-idle-slots.ts';
import { unregisterMachinesOf } from './remove-user-machines.ts';

/** How long an ended machine's record is kept, ms: its removal may be repeated so long. */
const keptMs = 3_600_000;

/** How long after a machine's removal the schedule checks that its sessions have ended, ms. */
export const checkRemovalAfterMs = 60_000;

/** After how long to check again a slot that must not be freed yet, ms. */
const recheckAfterMs = 60_000;

/** Returns when an ended record may be deleted, epoch ms: not while it blocks its machine. */
export const forgetAt = ({ endedAt = 0, blockedUntil = 0 }: Machine): number =>
  Math.max(endedAt + keptMs, blockedUntil);

/**
 * Settles the claim of a slot: closes a claim without a record, unless its machine is in use.
 *
 * @returns when to check again (epoch ms), if the claim may still be in flight
 */
export const settleSlot = async (
  table: Table,
  { organizationId, product }: Pool,
  claim: Claim,
  { now }: { now: number },
): Promise<number | undefined> => {
  const pool = { organizationId, product };
  const { slot, machine, subscription } = await getItems(table, {
    slot: keys.seat(slotsOf(pool), claim.number),
    machine: keys.machine(pool, holderId(claim.holder)),
    subscription: keys.subscription(pool),
  });
  if (!subscription || !isClaim(slot, claim)) return undefined;
  if (machine?.status === 'active' && isRecordOf(machine, claim)) {
    await unregisterUnlicensed(table, subscription, machine, now);
    return undefined;
  }
  const freed = await freeIdleSlots(table, pool, subscription, [slot], now);
  return freed === 'none' ? now + recheckAfterMs : undefined;
};

/** Removes the machines of a user whose license ended before an activation, which then died, registered one. */
const unregisterUnlicensed = async (
  table: Table,
  subscription: Subscription,
  machine: Machine,
  now: number,
): Promise<void> => {
  const { userId } = machine;
  if (subscription.licenseType === 'floating' || userId === '') return;
  const license = await readLicense(table, subscription, userId);
  if (license?.status !== 'active') await unregisterMachinesOf(table, subscription, userId, now);
};

/**
 * Deletes the record of an ended machine once nothing depends on it: machine IDs that come and go leave nothing behind.
 *
 * @returns when to check again (epoch ms), if the record must stay for now
 */
export const settleMachine = async (
  table: Table,
  pool: Pool,
  machineId: string,
  now: number,
): Promise<number | undefined> => {
  const machine = await readMachine(table, pool, machineId);
  if (machine?.status !== 'ended') return undefined;
  if (isBlocked(machine, now) || forgetAt(machine) > now) return forgetAt(machine);
  const claim = slotOf(machine);
  const [slot] = await readSeats(table, slotsOf(pool), [{ first: claim.number, last: claim.number }]);
  if (isClaim(slot, claim)) {
    // The machine's end stopped before it freed the slot.
    await settleSlot(table, pool, claim, { now });
    return now + recheckAfterMs;
  }
  await forgetMachine(table, pool, machine);
  return undefined;
};
