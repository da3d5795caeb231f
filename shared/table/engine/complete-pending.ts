import { LostAuthority } from '../../domain/accounts/authority.ts';
import type { HolderRecord } from '../../domain/holder-record.ts';
import type { Claim, HeldSeat } from '../../domain/seat.ts';
import { completeRecord, endRecord } from '../items/holder-records.ts';
import { freeSeat, prolongSeat } from '../items/seats.ts';
import { checkAuthority } from '../store/authority.ts';
import type { Key, Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';

/**
 * Completes a pending claim: extends its hold, then makes its record active. Any request may do this, also twice. If the
 * claim lost its seat meanwhile, or the caller its right, its record ends. The right is read here, since the record is there: so
 * both were there at once.
 *
 * @param until the end of the hold, epoch ms
 * @returns `lost` if the claim is gone: no request was answered with it
 * @throws LostAuthority if the caller's membership, role or key has ended
 */
export const completePending = async <R extends HolderRecord>(
  table: Table,
  { pool, recordKey }: { pool: Pool; recordKey: Key<R> },
  claim: Claim,
  { until, now }: { until: number; now: number },
): Promise<{ outcome: 'held'; seat: HeldSeat; record: R } | { outcome: 'lost' }> => {
  // `pending`: a claim that another request completed holds until its end.
  const drop = () => endRecord<R>(table, recordKey, { claim }, { reason: 'lease-expired', at: now, pending: true });
  try {
    await checkAuthority(table);
  } catch (error) {
    if (error instanceof LostAuthority && (await drop()).outcome === 'ended') await freeSeat(table, pool, claim);
    throw error;
  }
  const held = await prolongSeat(table, pool, claim, until);
  if (held.outcome === 'lost') {
    await drop();
    return { outcome: 'lost' };
  }
  const record = await completeRecord<R>(table, recordKey, claim);
  if (record) return { outcome: 'held', seat: held.seat, record };
  // The record ended first: that end may have left the seat, or read it before it was extended.
  await freeSeat(table, pool, claim);
  return { outcome: 'lost' };
};
