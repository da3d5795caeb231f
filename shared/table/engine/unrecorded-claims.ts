import { type HolderRecord, isRecordOf, voidedRecordOf } from '../../domain/holder-record.ts';
import { voidedOffline } from '../../domain/offline.ts';
import { type Claim, type HeldSeat, holderId, holderKind, seatClaim } from '../../domain/seat.ts';
import { voidClaim } from '../items/holder-records.ts';
import { closeSeat } from '../items/seats.ts';
import { readSession, sessionRecord } from '../items/sessions.ts';
import { type Key, keys, type Pool } from '../store/keys.ts';
import { getItem, type Table } from '../store/table.ts';
import { claimLimitMs } from './confirm-claim.ts';

/**
 * Checks that a claim of a floating pool is recorded; otherwise voids it, so that its request begins again and verifies anew.
 *
 * @returns `changed` if a request wrote the record meanwhile: check again
 */
export const voidUnrecorded = async (
  table: Table,
  pool: Pool,
  seat: HeldSeat,
  now: number,
): Promise<'recorded' | 'voided' | 'changed'> => {
  // The other holders of a floating pool's seats are sessions.
  if (holderKind(seat.hold.holder) === 'offline') return voidOffline(table, pool, seat, now);
  const sessionId = holderId(seat.hold.holder);
  const session = await readSession(table, pool, sessionId);
  const isNamed = session && (isRecordOf(session, seat) || (session.moving && session.moving.id === seat.hold.claimId));
  // An ended or voided claim only has its seat to give back.
  if (isNamed) return session.status === 'active' ? 'recorded' : 'voided';
  const ended = sessionRecord(voidedRecordOf(seat, now), seat.hold);
  return (await voidClaim(table, keys.session(pool, sessionId), session, ended)) ? 'voided' : 'changed';
};

const voidOffline = async (table: Table, pool: Pool, seat: HeldSeat, now: number) => {
  const recordKey = keys.offlineLicense(pool, holderId(seat.hold.holder));
  const license = await getItem(table, recordKey);
  // A pending license has passed its verification.
  if (license && isRecordOf(license, seat)) return license.status === 'ended' ? 'voided' : 'recorded';
  return (await voidClaim(table, recordKey, license, voidedOffline(seat, now))) ? 'voided' : 'changed';
};

/** The time from a claim or an end to the schedule's check that it is complete, ms. */
export const checkClaimAfterMs = claimLimitMs + 5000;

/**
 * Closes a claim without a record, if it is old: its request has crashed or is slow. Voids it first, so that the request can't
 * record it afterwards.
 *
 * @param recordKey the key of the claim's record
 * @param options.asRead the record of another claim, as it was read
 * @param options.ended the claim as ended, to record if there is no record
 * @returns when to check again (epoch ms), if the claim may still be in flight
 */
export const closeOrphanedClaim = async <R extends HolderRecord>(
  table: Table,
  pool: Pool,
  seat: HeldSeat,
  recordKey: Key<R>,
  { asRead, ended, now }: { asRead: R | undefined; ended: R; now: number },
): Promise<number | undefined> => {
  const { claimedAt } = seat.hold;
  if (now - claimedAt < claimLimitMs) return claimedAt + checkClaimAfterMs;
  if (!(await voidClaim(table, recordKey, asRead, ended))) return now + checkClaimAfterMs;
  await closeSeat(table, pool, seatClaim(seat));
  return undefined;
};

/**
 * Makes sure that a claim that lost its seat is never recorded: its request may only be slow. The schedule calls this before
 * it forgets a claim, since nothing would ever end a session recorded afterwards.
 *
 * @param recordKey the key of the claim's record
 * @param options.asRead the record of another claim, as it was read
 * @param options.ended the claim as ended, to record if there is no record
 * @returns when to check again (epoch ms), if the record was written meanwhile
 */
export const voidLostClaim = async <R extends HolderRecord>(
  table: Table,
  { fence }: Pick<Claim, 'fence'>,
  recordKey: Key<R>,
  { asRead, ended, now }: { asRead: R | undefined; ended: R; now: number },
): Promise<number | undefined> => {
  // A holder's fences grow, so this record is newer than the one that the claim's request read: that request can't write it.
  if (asRead && asRead.fence >= fence) return undefined;
  const voided = await voidClaim(table, recordKey, asRead, ended);
  return voided ? undefined : now + checkClaimAfterMs;
};
