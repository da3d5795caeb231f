import { isRecordOf } from '../../domain/holder-record.ts';
import { voidedOffline } from '../../domain/offline.ts';
import { type Claim, holderId, isClaim } from '../../domain/seat.ts';
import { claimLimitMs } from '../engine/confirm-claim.ts';
import { checkClaimAfterMs, closeOrphanedClaim } from '../engine/unrecorded-claims.ts';
import { seatKey } from '../items/blocks.ts';
import { endRecord } from '../items/holder-records.ts';
import { freeSeat } from '../items/seats.ts';
import { keys, type Pool } from '../store/keys.ts';
import { getItems, type Table } from '../store/table.ts';

/**
 * Settles the claim of an offline license. An issued license stays, whatever became of its subscription, until
 * the vendor voids it: then this frees the seat, if the voiding stopped before that. This drops a pending license: no answer
 * told of it, and once issued it could not be taken back. (A repetition of its request, with the same idempotency key,
 * completes it instead.)
 */
export const settleOffline = async (
  table: Table,
  pool: Pool,
  claim: Claim,
  { now }: { now: number },
): Promise<number | undefined> => {
  const id = holderId(claim.holder);
  const recordKey = keys.offlineLicense(pool, id);
  const wanted = { seat: await seatKey(table, pool, claim.number), license: recordKey };
  const { seat, license } = await getItems(table, wanted);

  if (license && isRecordOf(license, claim)) {
    if (license.status === 'active' && license.voidedAt === undefined) return undefined;
    if (license.status === 'pending') {
      if (now - license.issuedAt < claimLimitMs) return license.issuedAt + checkClaimAfterMs;
      const end = { reason: 'lease-expired', at: now, pending: true } as const;
      const dropped = await endRecord(table, recordKey, { claim }, end);
      // A repetition has just completed it: the license stays.
      if (dropped.outcome === 'other') return undefined;
    }
    await freeSeat(table, pool, claim);
    return undefined;
  }
  if (!isClaim(seat, claim)) return undefined;
  const ended = voidedOffline(seat, now);
  return closeOrphanedClaim(table, pool, seat, recordKey, { asRead: license, ended, now });
};
