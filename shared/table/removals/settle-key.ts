import pMap from 'p-map';
import { isThroughKey } from '../../domain/accounts/actor.ts';
import { type HeldSeat, holderKind } from '../../domain/seat.ts';
import type { Subscription } from '../../domain/subscription.ts';
import { withdrawGrantsOfKey } from '../accounts/withdraw-grants.ts';
import { readSeatPageBy } from '../items/read-seats.ts';
import { forEachSubscription } from '../items/subscriptions.ts';
import { forceUseEnd } from '../session-ends/ended-uses.ts';
import { forceEnd } from '../session-ends/force-end.ts';
import { type Position, ranges } from '../store/keys.ts';
import { readPageWithActor, type Table } from '../store/table.ts';

/**
 * Settles a revoked API key once no request can use it any more: withdraws its grants, and ends the sessions that it keeps
 * alive. The actor of a seat or license tells these: a session whose last heartbeat came with another credential goes on.
 */
export const settleKey = async (
  table: Table,
  { organizationId, keyId }: { organizationId: string; keyId: string },
  now: number,
): Promise<void> => {
  await withdrawGrantsOfKey(table, organizationId, keyId, now);
  await forEachSubscription(table, organizationId, (subscription) => endUsesBy(table, subscription, keyId, now));
};

const endUsesBy = async (table: Table, subscription: Subscription, keyId: string, now: number): Promise<void> => {
  const reason = 'license-removed';
  let after: Position | undefined;
  do {
    if (subscription.licenseType === 'per-user') {
      const page = await readPageWithActor(table, ranges.licenses(subscription), { limit: 1000, after });
      const used = page.items.filter(({ actor }) => isThroughKey(actor, keyId));
      await pMap(used, (license) => forceUseEnd(table, subscription, license, { reason, at: now }), {
        concurrency: 10,
      });
      after = page.next;
    } else {
      const page = await readSeatPageBy(readPageWithActor, table, subscription, { limit: 1000, after });
      const held = page.items.filter(
        (seat): seat is typeof seat & HeldSeat =>
          seat.hold !== undefined && holderKind(seat.hold.holder) === 'session' && isThroughKey(seat.actor, keyId),
      );
      await pMap(held, (seat) => forceEnd(table, subscription, seat, { reason, now }), { concurrency: 10 });
      after = page.next;
    }
  } while (after);
};
