import { type Holder, isHeld, isLapsed } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import type { Subscription } from '../../domain/subscription.ts';
import { voidUnrecorded } from '../engine/unrecorded-claims.ts';
import { endMachine, readMachine, slotOf } from '../items/machines.ts';
import { closeSeat, freeSeat, readSeats } from '../items/seats.ts';
import { readSubscription } from '../items/subscriptions.ts';
import type { Clock } from '../store/clock.ts';
import { type Pool, slotsOf } from '../store/keys.ts';
import { retryWhileContended } from '../store/retry.ts';
import type { Table } from '../store/table.ts';
import { openSlots } from './assign-slots.ts';

/** How often slots are opened anew: it fails only while others keep changing the subscription. */
const mostTries = 10;

/**
 * Whether more slots may be held than there may be: after a smaller machine quota, or one that has begun to bind. As long
 * as any slot may be claimed that is not so, and nothing is read. Otherwise slots are opened first, as far as they can be.
 */
export const exceedsSlotQuota = async (
  table: Table,
  pool: Pool,
  subscription: Subscription,
  clock: Clock,
): Promise<boolean> => {
  let terms: Subscription | undefined = subscription;
  const { outcome } = await retryWhileContended(clock, { tries: mostTries }, async () => {
    if (terms?.machineClaimable !== 0) return { outcome: 'open' } as const;
    if ((await openSlots(table, pool, clock)(terms, clock.now())).outcome === 'full')
      return { outcome: 'full' } as const;
    terms = await readSubscription(table, pool);
    return { outcome: terms?.machineClaimable === 0 ? 'again' : 'open' } as const;
  });
  return outcome !== 'open';
};

/**
 * Ends the registration of a machine that nobody uses, before somebody uses it again: where more machines are registered
 * than may be, one that comes back is a new one. Only what is on record counts as use; other claims in flight are voided,
 * so that none of them relies on the slot that is given up here.
 *
 * @param own the holder of the claim for which this is done
 */
export const unregisterIfIdle = async (
  table: Table,
  pool: Pool,
  machineId: string,
  { own, now }: { own: Holder | undefined; now: number },
): Promise<void> => {
  const machine = await readMachine(table, pool, machineId);
  if (machine?.status !== 'active' || machine.heir) return;
  const seats = await readSeats(table, pool, [everySeat]);
  for (const seat of seats) {
    const { hold } = seat;
    if (!hold || hold.holder === own || (hold.machineId !== machineId && hold.movingTo !== machineId)) continue;
    if (isHeld(seat, now) && (await voidUnrecorded(table, pool, seat, now)) !== 'voided') return;
    if (!isLapsed(seat, now)) continue;
    const claim = { number: seat.number, fence: seat.fence, holder: hold.holder };
    if ((await closeSeat(table, pool, claim, { now })).outcome === 'alive') return;
  }
  if (await endMachine(table, pool, machine, { reason: 'released', at: now }))
    await freeSeat(table, slotsOf(pool), slotOf(machine));
};
