import { type HolderRecord, isRecordOf } from '../../domain/holder-record.ts';
import type { Claim, HeldSeat } from '../../domain/seat.ts';
import { completeRecord, endRecord } from '../items/holder-records.ts';
import { freeSeat, prolongSeat } from '../items/seats.ts';
import type { Key, Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';

/**
 * Completes a claim that is recorded as pending: first its hold becomes long, then its record active. It may be done by
 * whoever meets such a record, and twice. A claim that lost its seat meanwhile is dead, and its record is ended.
 *
 * @param until the end of the hold, epoch ms
 * @returns `lost` if the claim stands no more: it was never told to anybody
 */
export const completePending = async <R extends HolderRecord>(
  table: Table,
  { pool, recordKey }: { pool: Pool; recordKey: Key<R> },
  claim: Claim,
  { until, now }: { until: number; now: number },
): Promise<{ outcome: 'held'; seat: HeldSeat; record: R } | { outcome: 'lost' }> => {
  const held = await prolongSeat(table, pool, claim, until);
  if (held.outcome === 'lost') {
    // One that somebody else completed long ago stands: it held until its end.
    await endRecord<R>(table, recordKey, { claim }, { reason: 'lease-expired', at: now, pending: true });
    return { outcome: 'lost' };
  }
  const record = await completeRecord<R>(table, recordKey, claim);
  if (record && isRecordOf(record, claim)) return { outcome: 'held', seat: held.seat, record };
  // Ended before it was complete: that end may have met the seat before it was prolonged, or never have seen it.
  await freeSeat(table, pool, claim);
  return { outcome: 'lost' };
};
