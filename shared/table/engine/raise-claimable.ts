import type { Seat } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import { capacityOf, raisedClaimable, type Subscription } from '../../domain/subscription.ts';
import { closeLapsedSeats, readSeats } from '../items/seats.ts';
import { setClaimable } from '../items/subscriptions.ts';
import type { Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';

/** How many lapsed seats are closed before the pool is read again. */
const closesPerPass = 500;

export type Raised =
  /** More numbers may be claimed now, or soon, or somebody else changed the subscription: read again. */
  | { outcome: 'read-again' }
  /** As many seats are held as the quota allows: `above` are the seats over `claimable`. */
  | { outcome: 'full'; above: Seat[] };

/**
 * After a shrink: opens as many numbers as seats have become free, so that what is available can be claimed.
 *
 * It lists the seats above `claimable`, closes the lapsed ones (a heartbeat could revive one that was counted as
 * gone), and raises `claimable` by compare-and-swap. A claim that is made meanwhile above the old `claimable` is
 * given back by its own verification.
 */
export const raiseClaimable = async (
  table: Table,
  pool: Pool,
  subscription: Subscription,
  now: number,
): Promise<Raised> => {
  const { quota, claimable: before } = capacityOf(subscription, pool.numbered);
  const above = await readSeats(table, pool, [{ ...everySeat, first: before + 1 }]);
  const { held, left } = await closeLapsedSeats(table, pool, above, now, closesPerPass);
  // Those that are left may be revived any moment: until they are closed they count as held.
  const stillHeld = [...held, ...left].map(({ number }) => number);
  const claimable = raisedClaimable(quota, before, stillHeld);
  if (claimable === before) return left.length > 0 ? { outcome: 'read-again' } : { outcome: 'full', above };
  await setClaimable(table, pool, subscription, claimable);
  return { outcome: 'read-again' };
};
