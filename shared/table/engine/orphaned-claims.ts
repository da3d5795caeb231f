import type { HolderRecord } from '../../domain/holder-record.ts';
import type { Claim, HeldSeat } from '../../domain/seat.ts';
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
 * @param recordKey the key of the claim's record
 * @param options.asRead the record of another claim, as it was read
 * @param options.ended the claim as ended, to record if there is no record
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

/**
 * Makes sure that a claim that lost its seat is never recorded: its request may only be slow. The schedule calls this before
 * it forgets a claim, since nothing would ever end a session recorded afterwards.
 *
 * @param recordKey the key of the claim's record
 * @param options.asRead the record of another claim, as it was read
 * @param options.ended the claim as ended, to record if there is no record
 * @returns when to check again, if the record was written meanwhile
 */
export const voidLostClaim = async <R extends HolderRecord>(
  table: Table,
  { fence }: Pick<Claim, 'fence'>,
  recordKey: Key,
  { asRead, ended, now }: { asRead: R | undefined; ended: R; now: number },
): Promise<LookAgain | undefined> => {
  // A holder's fences grow, so this record is newer than the one that the claim's request read: that request can't write it.
  if (asRead && asRead.fence >= fence) return undefined;
  const voided = await voidClaim(table, recordKey, asRead, ended);
  return voided ? undefined : { at: now + lookAfterMs, leaseEnd: false };
};
