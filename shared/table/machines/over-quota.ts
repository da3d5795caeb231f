import { type Holder, isHeld, isLapsed, seatClaim } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import type { Subscription } from '../../domain/subscription.ts';
import { voidUnrecorded } from '../engine/unrecorded-claims.ts';
import { readMachine, unregisterMachine } from '../items/machines.ts';
import { readSeats } from '../items/read-seats.ts';
import { closeSeat } from '../items/seats.ts';
import { readSubscription } from '../items/subscriptions.ts';
import type { Clock } from '../store/clock.ts';
import type { Pool } from '../store/keys.ts';
import { retryWhileContended } from '../store/retry.ts';
import type { Table } from '../store/table.ts';
import { openSlots } from './assign-slots.ts';

/** How often to open slots anew: this fails only while others keep changing the subscription. */
const mostTries = 10;

/**
 * Returns whether the held slots may exceed the machine quota: after it became smaller, or began to bind. While any slot
 * may be claimed they do not, and this reads nothing. Otherwise this first opens the slots that it can.
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
 * Ends the registration of an unused machine before its next use: while too many machines are registered, a machine that
 * comes back counts as new. Only recorded sessions count as use. This voids other claims in flight, so that none relies on
 * the slot that the machine gives up.
 *
 * @param own the holder of the claim that needs the machine
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
    if ((await closeSeat(table, pool, seatClaim(seat), { now })).outcome === 'alive') return;
  }
  await unregisterMachine(table, pool, machine, { reason: 'released', at: now });
};
