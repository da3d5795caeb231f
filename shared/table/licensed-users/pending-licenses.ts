import { voidedRecordOf } from '../../domain/holder-record.ts';
import type { License } from '../../domain/license.ts';
import { type HeldSeat, noExpiry, seatClaim } from '../../domain/seat.ts';
import { completePending } from '../engine/complete-pending.ts';
import { completeRecord, voidClaim } from '../items/holder-records.ts';
import { seatClaimOf } from '../items/licenses.ts';
import { closeSeat, freeSeat, handOver } from '../items/seats.ts';
import { keys, type Pool } from '../store/keys.ts';
import { type Table, update } from '../store/table.ts';
import { endLicense } from './end-license.ts';

/**
 * Completes or drops a pending grant or transfer, as its seat decides. Each request that meets a pending license does this,
 * so that an interrupted grant or transfer is neither usable nor in the way.
 */
export const resolveLicense = async (table: Table, pool: Pool, license: License, now: number): Promise<void> => {
  const claim = seatClaimOf(license);
  const recordKey = keys.license(pool, license.userId);
  if (!license.from) {
    await completePending<License>(table, { pool, recordKey }, claim, { until: noExpiry, now });
    return;
  }
  // An unverified transfer must never be made: the request that asked for it sees that, and begins again.
  if (!license.from.verified) return dropIntent(table, pool, license, now);
  // The seat moves (the commit), then the giver's license ends. Only then is the recipient's good.
  const { from, userId } = license;
  const before = seatClaimOf({ ...from, number: license.number });
  const to = { userId, holder: claim.holder, claimedAt: now, claimId: from.intent };
  if (!(await handOver(table, pool, before, to))) return dropIntent(table, pool, license, now);
  await endLicense(table, pool, from.userId, before, { reason: 'license-transferred', at: now });
  const completed = await completeRecord<License>(table, recordKey, claim);
  // The license ended before it was complete: that end may have come before the seat moved.
  if (!completed) await freeSeat(table, pool, claim);
};

/**
 * Marks an intent as verified: from now on each request that meets it completes it.
 *
 * @returns undefined if the intent was dropped before
 */
export const verifyIntent = async (table: Table, pool: Pool, license: License): Promise<License | undefined> => {
  const intent = license.from?.intent;
  const { item: now } = await update(table, {
    Key: keys.license(pool, license.userId),
    UpdateExpression: 'SET #from.verified = :verified, revision = revision + :one',
    ConditionExpression: '#status = :pending AND #from.intent = :intent AND attribute_not_exists(#from.verified)',
    ExpressionAttributeValues: { ':pending': 'pending', ':intent': intent, ':verified': true, ':one': 1 },
  });
  // An earlier try of this request, whose answer was lost, may be the refusal: nobody else verifies this intent.
  return now?.from?.intent === intent && now?.from?.verified ? now : undefined;
};

/**
 * Drops an intent that was not verified, or whose seat went elsewhere: no answer told of it. A dropped intent names no
 * claim, since a grant can get a claim of the same name.
 */
export const dropIntent = async (table: Table, pool: Pool, license: License, now: number): Promise<void> => {
  await update(table, {
    Key: keys.license(pool, license.userId),
    UpdateExpression:
      'SET #status = :ended, endedReason = :reason, endedAt = :now, #number = :none, fence = :none, revision = revision + :one',
    // An intent that was verified since the read stays: its seat may have moved.
    ConditionExpression: `#status = :pending AND #from.intent = :intent${license.from?.verified ? '' : ' AND attribute_not_exists(#from.verified)'}`,
    ExpressionAttributeValues: {
      ':pending': 'pending',
      ':ended': 'ended',
      ':reason': 'lease-expired',
      ':intent': license.from?.intent,
      ':now': now,
      ':none': 0,
      ':one': 1,
    },
  });
};

/**
 * Voids, then closes, the claim of a grant that has no license, so that the grant can't record it later.
 *
 * @param asRead the user's license as read, which is not of this claim
 * @returns false if the license changed since the read
 */
export const voidGrant = async (
  table: Table,
  pool: Pool,
  seat: HeldSeat,
  asRead: License | undefined,
  now: number,
): Promise<boolean> => {
  const { userId, claimedAt } = seat.hold;
  const ended: License = { ...voidedRecordOf(seat, now), licensedAt: claimedAt, useFence: 0, over: [] };
  if (!(await voidClaim(table, keys.license(pool, userId), asRead, ended))) return false;
  await closeSeat(table, pool, seatClaim(seat));
  return true;
};
