import type { HeldSeat, Seat } from '../../domain/seat.ts';
import { type Subscription, statusOf } from '../../domain/subscription.ts';
import type { EarlyEnd } from '../items/seats.ts';
import { closeStanding, type StandingOf } from '../items/sessions.ts';
import { readSubscription } from '../items/subscriptions.ts';
import type { Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';

export type Decision = Omit<EarlyEnd, 'renewedAt'>;

/**
 * The end of a session whose subscription is suspended or has expired; undefined while the subscription is active. The
 * session has lived until its lease was last extended, whatever the subscription's expiry was set to since.
 *
 * @param now when the session asked, epoch ms
 */
export const endByStatus = (subscription: Subscription, { hold }: HeldSeat, now: number): Decision | undefined => {
  const at = Math.max(now, hold.renewedAt ?? now);
  const status = statusOf(subscription, at);
  return status === 'active' ? undefined : { reason: `subscription-${status}`, at };
};

/**
 * Ends the lease of a live session early, if the subscription's terms say so. A request may be slow, and the terms change
 * meanwhile, so two things hold of the end:
 *
 * - The terms are read after the lease was, so that each extension the decision does not know of comes after the terms.
 * - The seat is closed on condition that nobody extended its lease since. A session that was told that it lives, by terms
 *   that are newer, is not ended by the older ones, however late this write arrives.
 *
 * The session's record is to be ended after it: as after a lapse the seat tells when and why, to everybody who meets it.
 *
 * @param seat what the session stands on, as it was read
 * @param decide the end by these terms, if they end it
 * @returns `gone` with the seat as it is now: `leaseEndOf` tells the end
 */
export const endByTerms = async (
  table: Table,
  pool: Pool,
  session: StandingOf,
  seat: HeldSeat,
  decide: (subscription: Subscription, seat: HeldSeat) => Decision | undefined,
): Promise<
  | { outcome: 'gone'; seat: Seat | undefined }
  | { outcome: 'live'; seat: HeldSeat; subscription: Subscription }
  | { outcome: 'missing' }
> => {
  let standing = seat;
  for (;;) {
    const subscription = await readSubscription(table, pool);
    if (!subscription) return { outcome: 'missing' };
    const decided = decide(subscription, standing);
    if (!decided) return { outcome: 'live', seat: standing, subscription };
    const early = { ...decided, renewedAt: standing.hold.renewedAt };
    const closed = await closeStanding(table, pool, session, { early });
    if (closed.outcome === 'gone') return closed;
    // Each further round is a heartbeat that came between: the decision is made anew.
    standing = closed.seat;
  }
};
