import type { License } from '../../domain/license.ts';
import { type Claim, holderId, holderKind, type LeaseEnd, leaseEndOf } from '../../domain/seat.ts';
import { dateEndEarlier, endRecord } from '../items/holder-records.ts';
import { seatOf } from '../items/seats.ts';
import { readSubscription } from '../items/subscriptions.ts';
import { lapseReason } from '../session-ends/lapse.ts';
import type { Change } from '../store/change.ts';
import { keys, poolOfItem } from '../store/keys.ts';
import type { Item, Table } from '../store/table.ts';

type Lapse = { sessionId: string; claim: Pick<Claim, 'number' | 'fence'> } & LeaseEnd;

const lapseOfSeat = (before: Item, after: Item): Lapse | undefined => {
  const [was, is] = [seatOf(before), seatOf(after)];
  if (!was.hold || was.fence === is.fence || holderKind(was.hold.holder) !== 'session') return undefined;
  // The same session on the same seat: it moved to another machine, or a leftover of its own was claimed anew.
  if (is.hold?.holder === was.hold.holder) return undefined;
  return { sessionId: holderId(was.hold.holder), claim: was, end: was.hold.availableAt, ...leaseEndOf(is, was) };
};

/** Returns the lapse of a use that was closed. A license itself tells a use that another displaced: `ended-uses.ts`. */
const lapseOfLicense = (before: Item, after: Item): Lapse | undefined => {
  const { inUse, number } = before as unknown as License;
  const { closedUse, inUse: uses } = after as unknown as License;
  if (!inUse || uses?.fence === inUse.fence || closedUse?.fence !== inUse.fence) return undefined;
  const { availableAt: end, reason } = closedUse;
  return { sessionId: inUse.sessionId, claim: { number, fence: inUse.fence }, end, reason };
};

const lapseOf = ({ before, after }: Change): Lapse | undefined => {
  if (!before || !after) return undefined;
  if (String(after.sk).startsWith('SEAT#')) return lapseOfSeat(before, after);
  return String(after.sk).startsWith('LICENSE#') ? lapseOfLicense(before, after) : undefined;
};

/**
 * Ends the record of a session that lost its seat, or its license, because its lease had ended, at the time of that end. The
 * request that took or closed the seat knew that time; afterwards only the change itself still tells. A record that a release,
 * or an end by force, has ended since then keeps its reason and gets that time.
 */
export const endLapsedSession = async (table: Table, change: Change): Promise<void> => {
  const lapse = lapseOf(change);
  if (!lapse) return;
  const { sessionId, claim, end: at } = lapse;
  const pool = poolOfItem(change.after as Item);
  const reason = lapse.reason ?? lapseReason(at, await readSubscription(table, pool));
  const key = keys.session(pool, sessionId);
  const ended = await endRecord(table, key, { claim }, { reason, at });
  if (ended.outcome === 'already' && ended.record.endedAt !== undefined && ended.record.endedAt > at)
    await dateEndEarlier(table, key, claim, at);
};
