import pMap from 'p-map';
import { type HeldSeat, holderKind, seatClaim } from '../../domain/seat.ts';
import type { Subscription } from '../../domain/subscription.ts';
import { closeUse } from '../items/license-uses.ts';
import { closeSeat } from '../items/seats.ts';
import type { Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';

/**
 * Closes lapsed seats and, where licenses belong to users, lapsed uses, so that no late heartbeat revives a hold that now
 * counts as gone.
 *
 * @returns `alive` if a heartbeat revived one of them first
 */
export const closeLapsed = async (
  table: Table,
  pool: Pool & Pick<Subscription, 'licenseType'>,
  lapsed: readonly HeldSeat[],
  now: number,
): Promise<'gone' | 'alive'> => {
  const outcomes = await pMap(
    lapsed,
    async (seat) => {
      const claim = seatClaim(seat);
      const isUse = pool.licenseType === 'per-user' && holderKind(claim.holder) === 'session';
      return isUse ? closeUse(table, pool, seat.hold.userId, claim, { now }) : closeSeat(table, pool, claim, { now });
    },
    { concurrency: 10 },
  );
  return outcomes.some(({ outcome }) => outcome === 'alive') ? 'alive' : 'gone';
};
