import { names, type Session } from '../domain/record.ts';
import { type HeldSeat, type Hold, holderId, holderKind, isHeld } from '../domain/seat.ts';
import type { Subscription } from '../domain/subscription.ts';
import { keys, type Pool, type Position } from './keys.ts';
import { settleLapse } from './lapse.ts';
import { readSeatPage, seatOf } from './seats.ts';
import { readSession } from './sessions.ts';
import { subscriptionOf } from './subscriptions.ts';
import { keyText, readItems, type Table } from './table.ts';

/** A session, and while it lives the seat that it stands on. */
export interface FoundSession {
  session: Session;
  seat?: HeldSeat;
  subscription?: Subscription;
}

/** One session, also after its end. One whose lease has ended is closed, so that it is told as ended only once. */
export const findSession = async (
  table: Table,
  pool: Pool,
  sessionId: string,
  now: number,
): Promise<FoundSession | undefined> => {
  for (;;) {
    const session = await readSession(table, pool, sessionId);
    if (session?.status !== 'active') return session && { session };
    const seatKey = keys.seat(pool, session.number);
    const subscriptionKey = keys.subscription(pool);
    const found = await readItems(table, [seatKey, subscriptionKey]);
    const seatItem = found.get(keyText(seatKey));
    const subscription = subscriptionOf(found.get(keyText(subscriptionKey)));
    const seat = seatItem && seatOf(seatItem);
    const liveness = await settleLapse(table, pool, session, seat, { subscription, now });
    if (liveness.outcome === 'live') return { session, seat: liveness.seat, subscription };
    if (liveness.outcome === 'ended') return { session: liveness.session };
    // It was activated anew meanwhile: that is the session now.
  }
};

/** How many seats one request of a list looks at, whatever it finds. */
const seatsPerRequest = 2000;

/**
 * A page of the seats on which sessions live, by number. A claim that has no record yet is not a license in use.
 *
 * @param options.userId only this member's
 */
export const listOnline = async (
  table: Table,
  pool: Pool,
  options: { limit: number; after?: Position; userId?: string; now: number },
): Promise<{ seats: HeldSeat[]; next?: Position }> => {
  const seats: HeldSeat[] = [];
  let after = options.after;
  for (let looked = 0; looked < seatsPerRequest; ) {
    // As many seats as entries are missing: the page then ends exactly where the next one begins.
    const limit = Math.min(options.limit - seats.length, 100);
    const page = await readSeatPage(table, pool, { limit, after });
    looked += page.seats.length;
    const inUse = page.seats.filter(
      (seat): seat is HeldSeat =>
        isHeld(seat, options.now) &&
        holderKind(seat.hold.holder) === 'session' &&
        (options.userId === undefined || seat.hold.userId === options.userId),
    );
    const recordKey = (seat: { hold: Hold }) => keys.session(pool, holderId(seat.hold.holder));
    const records = await readItems(table, inUse.map(recordKey));
    for (const seat of inUse) {
      const session = records.get(keyText(recordKey(seat))) as unknown as Session | undefined;
      if (session?.status === 'active' && names(session, seat)) seats.push(seat);
    }
    after = page.next;
    if (!after || seats.length >= options.limit) break;
  }
  return { seats, next: after };
};
