import { type Actor, actorParts } from '../../domain/accounts/actor.ts';
import type { License } from '../../domain/license.ts';
import { type HeldSeat, holderKind } from '../../domain/seat.ts';
import type { Subscription } from '../../domain/subscription.ts';
import { withdrawGrantsOfKey } from '../accounts/withdraw-grants.ts';
import { readWrittenLicenses } from '../items/licenses.ts';
import { readWrittenSeats } from '../items/seats.ts';
import { endSession } from '../items/sessions.ts';
import { forEachSubscription } from '../items/subscriptions.ts';
import { forceEnd } from '../session-ends/force-end.ts';
import { inBatches } from '../store/batches.ts';
import type { Pool, Position } from '../store/keys.ts';
import type { Table, WithActor } from '../store/table.ts';

/**
 * Settles a revoked API key once no request can use it any more: withdraws its grants, and ends the sessions that it keeps
 * alive. The last writer of a seat tells these: a session whose last heartbeat came with another credential goes on.
 */
export const settleKey = async (
  table: Table,
  { organizationId, keyId }: { organizationId: string; keyId: string },
  now: number,
): Promise<void> => {
  await withdrawGrantsOfKey(table, organizationId, keyId, now);
  await forEachSubscription(table, organizationId, (subscription) => endUsesBy(table, subscription, keyId, now));
};

const isBy = (keyId: string, { actor }: { actor: Actor }): boolean => {
  const { type, id } = actorParts(actor);
  return type === 'api-key' && id === keyId;
};

const endUsesBy = async (table: Table, subscription: Subscription, keyId: string, now: number): Promise<void> => {
  const end = { reason: 'license-removed', now } as const;
  let after: Position | undefined;
  do {
    if (subscription.licenseType === 'per-user') {
      const page = await readWrittenLicenses(table, subscription, { limit: 1000, after });
      const used = page.licenses.filter((license) => isBy(keyId, license));
      await inBatches(10, used, (license) => endUse(table, subscription, license, now));
      after = page.next;
    } else {
      const page = await readWrittenSeats(table, subscription, { limit: 1000, after });
      const held = page.seats.filter(
        (seat): seat is WithActor<HeldSeat> =>
          seat.hold !== undefined && holderKind(seat.hold.holder) === 'session' && isBy(keyId, seat),
      );
      await inBatches(10, held, (seat) => forceEnd(table, subscription, seat, end));
      after = page.next;
    }
  } while (after);
};

const endUse = async (table: Table, pool: Pool, { number, inUse }: License, now: number): Promise<void> => {
  if (!inUse) return;
  const claim = { number, fence: inUse.fence };
  await endSession(table, pool, inUse.sessionId, { claim }, { reason: 'license-removed', at: now });
};
