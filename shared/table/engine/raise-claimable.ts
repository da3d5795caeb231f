import type { Seat } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import { capacityOf, raisedClaimable, type Subscription } from '../../domain/subscription.ts';
import { readSeats } from '../items/read-seats.ts';
import { closeLapsedSeats } from '../items/seats.ts';
import { setClaimable } from '../items/subscriptions.ts';
import type { Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';

/** The most lapsed seats to close before the pool is read again. */
const closesPerPass = 500;

export type Raised =
  /** More numbers may be claimed, now or soon, or the subscription changed: read again. */
  | { outcome: 'read-again' }
  /** The quota is held: `above` are the seats over `claimable`. */
  | { outcome: 'full'; above: Seat[] };

/**
 * Opens as many numbers as seats have become free after a shrink, so that holders can claim them.
 *
 * Lists the seats above `claimable`, closes the lapsed ones, since a heartbeat could revive them, and raises `claimable` by
 * compare-and-swap. A request that claims above the old `claimable` meanwhile gives the seat back at its verification.
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
  // A heartbeat may revive the seats in `left`: until they are closed they count as held.
  const stillHeld = [...held, ...left].map(({ number }) => number);
  const claimable = raisedClaimable(quota, before, stillHeld);
  if (claimable === before) return left.length > 0 ? { outcome: 'read-again' } : { outcome: 'full', above };
  await setClaimable(table, pool, subscription, claimable);
  return { outcome: 'read-again' };
};
