import { isRecordOf } from '../../shared/domain/holder-record.ts';
import { isBlocked, type Machine } from '../../shared/domain/machine.ts';
import type { Ticket } from '../../shared/domain/queue.ts';
import type { HeldSeat } from '../../shared/domain/seat.ts';
import type { Subscription } from '../../shared/domain/subscription.ts';
import type { Story } from './stories.ts';

/** The state from one change to the next. */
export interface Moment {
  /** Epoch ms. */
  now: number;
  terms: Subscription;
  /** The terms of a change that was not answered yet may stand beside these in some blocks. */
  copies: readonly Subscription[];
  /** The claims that stand on seats, and the uses of users' licenses, whether their leases have ended or not. */
  holds: readonly Story[];
  /** The records of machines. */
  machines: readonly Machine[];
  /** The slots that are held. */
  slots: readonly HeldSeat[];
  tickets: readonly Ticket[];
}

/** Returns the numbers that a claim could take at a moment; after a shrink, only as the seats above become free. */
export const freeNumbers = ({ terms, holds }: Moment, isHeld: (story: Story) => boolean, lowest = 1): number[] => {
  const held = new Set(holds.filter((story) => story.onSeat && isHeld(story)).map(({ number }) => number));
  let open = terms.quota;
  while (open > 0 && open + [...held].filter((number) => number > open).length > terms.quota) open--;
  const numbers = Array.from({ length: open }, (_, index) => index + 1);
  return numbers.filter((number) => number >= lowest && !held.has(number));
};

/** The machines that have a place at a moment: used by claims that count, and registered where licenses belong to users. */
export const machinesIn = ({ terms, holds, machines }: Moment, counts: (story: Story) => boolean): Set<string> => {
  const used = holds.filter(counts).flatMap(({ machineId }) => machineId ?? []);
  const registered = machines.filter(
    ({ status, userId }) => terms.licenseType === 'per-user' && status === 'active' && userId !== '',
  );
  return new Set([...used, ...registered.map(({ machineId }) => machineId)]);
};

/** Returns how many machine places are taken at a moment, for a machine that needs one. */
export const placesTaken = (moment: Moment, isHeld: (story: Story) => boolean): Set<string> => {
  const taken = machinesIn(moment, isHeld);
  for (const { holds } of [moment])
    for (const story of holds) if (story.movingTo && isHeld(story)) taken.add(story.movingTo);
  for (const slot of moment.slots) {
    const machineId = slot.hold.holder.slice('machine#'.length);
    const record = moment.machines.find((machine) => machine.machineId === machineId);
    // A claim of a slot that is in flight or was left behind, or a slot that is being handed over.
    if (!isRecordOf(record, slot) || record?.heir) taken.add(`${machineId}, slot ${slot.number}`);
  }
  return taken;
};

export const isBlockedIn = ({ machines }: Moment, machineId: string, now: number): boolean =>
  isBlocked(
    machines.find((machine) => machine.machineId === machineId),
    now,
  );
