import type { HolderRecord } from '../../domain/holder-record.ts';
import type { HeldSeat } from '../../domain/seat.ts';
import { voidClaim } from '../items/holder-records.ts';
import { closeSeat } from '../items/seats.ts';
import type { Key, Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';
import { claimLimitMs } from './confirm-claim.ts';

/** How long after a claim, or an end, the schedule looks whether it was completed, ms. */
export const lookAfterMs = claimLimitMs + 5000;

/** When the schedule looks at a claim again, epoch ms, and whether that is the end of its lease. */
export interface LookAgain {
  at: number;
  leaseEnd: boolean;
}

/**
 * Closes a claim that has no record: it is in flight, or was left by a crash. It is voided first, so that nobody is told
 * of it after.
 *
 * @param recordKey where its record would be
 * @param options.asRead the record that is there, of another claim
 * @param options.ended what to record if there is none: the claim, as ended
 * @returns when to look again, if it may still be in flight
 */
export const closeLeftover = async <R extends HolderRecord>(
  table: Table,
  pool: Pool,
  { number, fence, hold }: HeldSeat,
  recordKey: Key,
  { asRead, ended, now }: { asRead: R | undefined; ended: R; now: number },
): Promise<LookAgain | undefined> => {
  if (now - hold.claimedAt < claimLimitMs) return { at: hold.claimedAt + lookAfterMs, leaseEnd: false };
  if (!(await voidClaim(table, recordKey, asRead, ended))) return { at: now + lookAfterMs, leaseEnd: false };
  await closeSeat(table, pool, { number, fence, holder: hold.holder });
  return undefined;
};
