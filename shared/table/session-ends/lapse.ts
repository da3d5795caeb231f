import type { EndedReason } from '../../contracts/schemas/activation.ts';
import { earliestEnd, type Session } from '../../domain/holder-record.ts';
import { type License, useSeat } from '../../domain/license.ts';
import { type HeldSeat, isClaim, leaseEndOf, type Seat } from '../../domain/seat.ts';
import type { Subscription } from '../../domain/subscription.ts';
import { seatKey } from '../items/blocks.ts';
import type { RecordEnd } from '../items/holder-records.ts';
import { claimOf, closeSessionHold, endSession } from '../items/sessions.ts';
import { type Key, keys, type Pool } from '../store/keys.ts';
import { type Found, getItems, type Table } from '../store/table.ts';
import { endByTerms } from './end-by-terms.ts';
import { endDisplacedSessions } from './ended-uses.ts';
import { resolveMove } from './session-moves.ts';

/** Reads the seat or license of a live session, and its subscription. Ends the sessions that the license displaced first. */
export const readSessionHold = async (
  table: Table,
  pool: Pool,
  session: Session,
): Promise<{ seat: Seat | undefined; subscription: Subscription | undefined }> => {
  const wanted = { subscription: keys.subscription(pool) };
  if (!session.licensed) return getItems(table, { ...wanted, seat: await seatKey(table, pool, session.number) });
  const { license, subscription } = await getItems(table, { ...wanted, license: keys.license(pool, session.userId) });
  return { seat: await seatOfLicense(table, pool, license), subscription };
};

/** Returns the key of the seat, or license, of a session. */
export const holdKeyOf = async (table: Table, pool: Pool, { licensed, number, userId }: Session): Promise<Key> =>
  licensed ? keys.license(pool, userId) : seatKey(table, pool, number);

/** Returns the hold of a session from its read seat, or license. Ends the sessions that the license displaced first. */
export const holdOf = async (table: Table, pool: Pool, session: Session, found: Found): Promise<Seat | undefined> =>
  session.licensed
    ? seatOfLicense(table, pool, found.get(keys.license(pool, session.userId)))
    : found.get(await seatKey(table, pool, session.number));

const seatOfLicense = async (table: Table, pool: Pool, license: License | undefined): Promise<Seat | undefined> => {
  if (license) await endDisplacedSessions(table, pool, license);
  return license?.status === 'active' ? useSeat(license) : undefined;
};

/** Returns why a lease ended at a time (epoch ms): a lease lasts no longer than its subscription. */
export const lapseReason = (at: number, subscription: Subscription | undefined): EndedReason =>
  subscription !== undefined && at >= subscription.expiresAt ? 'subscription-expired' : 'lease-expired';

export type Liveness =
  | { outcome: 'live'; seat: HeldSeat }
  | { outcome: 'ended'; session: Session }
  /** The record is of another claim now. */
  | { outcome: 'superseded'; session: Session };

/**
 * Returns whether a session that was read as active lives, by its seat and its subscription. Closes a session whose lease has
 * ended: first its seat, so that no late heartbeat revives a session told as ended, then its record. A session whose
 * subscription has expired ends in the same order: `endByTerms`.
 *
 * @param seat the session's seat, read after the session
 */
export const settleLapse = async (
  table: Table,
  pool: Pool,
  session: Session,
  seat: Seat | undefined,
  { subscription, now }: { subscription: Subscription | undefined; now: number },
): Promise<Liveness> => {
  if (session.moving && (await resolveMove(table, pool, session, { now })) === 'settled')
    return { outcome: 'superseded', session };
  const claim = claimOf(session);
  const held = isClaim(seat, claim) ? seat : undefined;
  const end = async (how: RecordEnd): Promise<Liveness> => {
    const ended = await endSession(table, pool, session.sessionId, { claim }, how);
    if (ended.outcome === 'missing') return { outcome: 'ended', session };
    if (ended.outcome !== 'other') return { outcome: 'ended', session: ended.record };
    // A move began after the read: the claim may be gone because its seat has moved.
    if (ended.record.moving) await resolveMove(table, pool, ended.record, { now });
    return { outcome: 'superseded', session: ended.record };
  };
  const endAs = (gone: Seat | undefined): Promise<Liveness> => {
    const known = leaseEndOf(gone, claim);
    const at = known?.end ?? held?.hold.availableAt ?? earliestEnd(session, now);
    return end({ reason: known?.reason ?? lapseReason(at, subscription), at, unmoved: true });
  };
  if (held && held.hold.availableAt > now) {
    if (!subscription || subscription.expiresAt > now) return { outcome: 'live', seat: held };
    const over = await endByTerms(table, pool, session, held, ({ expiresAt }, { hold }) =>
      expiresAt > now
        ? undefined
        : { reason: 'subscription-expired', at: Math.max(expiresAt, hold.renewedAt ?? expiresAt) },
    );
    if (over.outcome !== 'gone') return { outcome: 'live', seat: 'seat' in over ? over.seat : held };
    return endAs(over.seat);
  }
  // Also if the seat as read is not this claim: that read may be older than the record. The write's answer is sure.
  const closed = await closeSessionHold(table, pool, session, { now });
  if (closed.outcome === 'alive') return { outcome: 'live', seat: closed.seat };
  return endAs(closed.seat);
};
