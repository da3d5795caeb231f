import type { HeldSeat, Seat } from '../../domain/seat.ts';
import { type Subscription, statusOf } from '../../domain/subscription.ts';
import type { EarlyEnd } from '../items/seats.ts';
import { closeSessionHold, type SessionClaim } from '../items/sessions.ts';
import { readSubscription } from '../items/subscriptions.ts';
import type { Pool } from '../store/keys.ts';
import { repeatUntilSettled } from '../store/retry.ts';
import type { Table } from '../store/table.ts';

export type TermsEnd = Omit<EarlyEnd, 'renewedAt'>;

/**
 * Returns the end of a session whose subscription is suspended or has expired; undefined while the subscription is active. The
 * session lived at least until its lease was last extended, whatever expiry the vendor set since.
 *
 * @param now when the session asked, epoch ms
 */
export const endByStatus = (subscription: Subscription, { hold }: HeldSeat, now: number): TermsEnd | undefined => {
  const at = Math.max(now, hold.renewedAt ?? now);
  const status = statusOf(subscription, at);
  return status === 'active' ? undefined : { reason: `subscription-${status}`, at };
};

/**
 * Ends the lease of a live session early, if the subscription's terms say so. A request may be slow while the terms change,
 * so two rules hold:
 *
 * - The request reads the terms after the lease, so each extension that it has not seen is newer than the terms.
 * - The write closes the seat only if nobody extended its lease since. However late this write arrives, older terms do not
 *   end a session that newer terms let live.
 *
 * The caller ends the session's record afterwards: as after a lapse, the seat tells every reader when and why.
 *
 * @param seat the session's seat, as it was read
 * @param decide returns the end by these terms, if they end the session
 * @returns `gone` with the current seat, from which `leaseEndOf` tells the end
 * @throws Contended if heartbeats came in between again and again
 */
export const endByTerms = async (
  table: Table,
  pool: Pool,
  session: SessionClaim,
  seat: HeldSeat,
  decide: (subscription: Subscription, seat: HeldSeat) => TermsEnd | undefined,
): Promise<
  | { outcome: 'gone'; seat: Seat | undefined }
  | { outcome: 'live'; seat: HeldSeat; subscription: Subscription }
  | { outcome: 'missing' }
> => {
  let current = seat;
  return repeatUntilSettled(async () => {
    const subscription = await readSubscription(table, pool);
    if (!subscription) return { outcome: 'missing' } as const;
    const decided = decide(subscription, current);
    if (!decided) return { outcome: 'live', seat: current, subscription } as const;
    const early = { ...decided, renewedAt: current.hold.renewedAt };
    const closed = await closeSessionHold(table, pool, session, { early });
    if (closed.outcome === 'gone') return closed;
    // A heartbeat was first: decide anew.
    current = closed.seat;
    return undefined;
  });
};
