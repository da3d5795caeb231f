import { holderId, holderKind } from '../../domain/seat.ts';
import { lapseReason } from '../activations/lapse.ts';
import { endRecord } from '../items/holder-records.ts';
import { seatOf } from '../items/seats.ts';
import { readSubscription } from '../items/subscriptions.ts';
import { keys, poolOfItem } from '../store/keys.ts';
import type { Table } from '../store/table.ts';
import type { Change } from './due-checks.ts';

/**
 * Ends the record of a session that lost its seat because its lease had ended, with the time at which that was. Whoever
 * took the seat, or closed it, knew that; once it is gone only the change itself still tells.
 */
export const tellLapse = async (table: Table, { before, after }: Change): Promise<void> => {
  if (!before || !after || !String(after.sk).startsWith('SEAT#')) return;
  const [was, is] = [seatOf(before), seatOf(after)];
  if (!was.hold || was.fence === is.fence || holderKind(was.hold.holder) !== 'session') return;
  // The same session on the same seat: it moved to another machine, or a leftover of its own was claimed anew.
  if (is.hold?.holder === was.hold.holder) return;
  const pool = poolOfItem(after);
  const at = was.hold.availableAt;
  const reason = lapseReason(at, await readSubscription(table, pool));
  await endRecord(table, keys.session(pool, holderId(was.hold.holder)), { claim: was }, { reason, at });
};
