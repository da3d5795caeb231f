import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { EndedReason } from '../contracts/schemas/activation.ts';
import type { License } from '../domain/license.ts';
import { voidedRecordOf } from '../domain/record.ts';
import { type Claim, type HeldSeat, never, userHolder } from '../domain/seat.ts';
import { keys, type Pool, type Position, ranges } from './keys.ts';
import { completeHold } from './long-holds.ts';
import { completeRecord, endRecord, voidClaim } from './records.ts';
import { closeSeat, freeSeat, moveSeat } from './seats.ts';
import { type Item, readAll, readPage, type Table, update } from './table.ts';
import { tellAllOver } from './uses-over.ts';

export const licenseOf = (item: Item | undefined): License | undefined => item as unknown as License | undefined;

/** A user's license, strongly consistent. */
export const readLicense = async (table: Table, pool: Pool, userId: string): Promise<License | undefined> => {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.license(pool, userId), ConsistentRead: true }),
  );
  return licenseOf(Item);
};

/** Every license of a pool, also those that ended. */
export const readLicenses = async (table: Table, pool: Pool): Promise<License[]> =>
  (await readAll(table, ranges.licenses(pool))) as unknown as License[];

/** A page of a pool's licenses, by user. */
export const readLicensePage = async (
  table: Table,
  pool: Pool,
  options: { limit: number; after?: Position },
): Promise<{ licenses: License[]; next?: Position }> => {
  const { items, next } = await readPage(table, ranges.licenses(pool), options);
  return { licenses: items as unknown as License[], next };
};

/** The claim that a license stands for. */
export const seatClaimOf = ({ userId, number, fence }: Pick<License, 'userId' | 'number' | 'fence'>): Claim => ({
  number,
  fence,
  holder: userHolder(userId),
});

/**
 * Completes or drops what a pending license stands for, by what its seat says. Anybody who meets one does that, so that
 * a grant or a transfer that stopped half way is neither usable nor in the way.
 */
export const resolveLicense = async (table: Table, pool: Pool, license: License, now: number): Promise<void> => {
  const claim = seatClaimOf(license);
  const recordKey = keys.license(pool, license.userId);
  if (!license.from) {
    await completeHold<License>(table, { pool, recordKey }, claim, { until: never, now });
    return;
  }
  // A transfer. The seat moves (the commit); then the one's license ends; only then is the other's good.
  const { from } = license;
  const before = seatClaimOf({ ...from, number: license.number });
  const { userId } = license;
  const to = { userId, holder: claim.holder, at: now, claimId: from.intent };
  if (!(await moveSeat(table, pool, before, to))) {
    await dropIntent(table, pool, license, now);
    return;
  }
  await endLicense(table, pool, from.userId, before, { reason: 'license-transferred', at: now });
  const completed = await completeRecord<License>(table, recordKey, claim);
  // Ended before it was complete: that end may have met the seat before it had moved.
  if (!completed) await freeSeat(table, pool, claim);
};

/**
 * Drops an intent: nobody was told of it. It then names no claim any more, since a grant can get a claim of just the name
 * that the intent was to have.
 *
 * @returns whether it was dropped, and not completed meanwhile
 */
export const dropIntent = async (table: Table, pool: Pool, license: License, now: number): Promise<boolean> => {
  const { done, item } = await update(table, {
    Key: keys.license(pool, license.userId),
    UpdateExpression:
      'SET #status = :ended, endedReason = :reason, endedAt = :now, #number = :none, fence = :none, revision = revision + :one',
    ConditionExpression: '#status = :pending AND #from.intent = :intent',
    ExpressionAttributeNames: { '#status': 'status', '#number': 'number', '#from': 'from' },
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
  return done || (item?.status === 'ended' && item.number === 0);
};

/**
 * Ends a user's license, and at once what the user runs on it. Repeating it finishes an end that stopped half way.
 *
 * @param claim the seat that the license stands for
 */
export const endLicense = async (
  table: Table,
  pool: Pool,
  userId: string,
  claim: Claim,
  end: { reason: EndedReason; at: number },
): Promise<void> => {
  const ended = await endRecord<License>(table, keys.license(pool, userId), { claim }, end);
  if (ended.outcome === 'ended' || ended.outcome === 'already') await finishLicenseEnd(table, pool, ended.record);
};

/** What is left to do once the record of a license is ended. */
export const finishLicenseEnd = async (table: Table, pool: Pool, license: License): Promise<void> => {
  await tellAllOver(table, pool, license);
  await freeSeat(table, pool, seatClaimOf(license));
};

/**
 * Closes a claim that was made for a grant and has no license: it is voided first, so that nobody is granted it after.
 *
 * @param asRead the user's license as it was read: it does not stand for the claim
 * @returns false if the license is no longer as it was read
 */
export const voidGrant = async (
  table: Table,
  pool: Pool,
  seat: HeldSeat,
  asRead: License | undefined,
  now: number,
): Promise<boolean> => {
  const { userId, holder, claimedAt } = seat.hold;
  const ended: License = { ...voidedRecordOf(seat, now), licensedAt: claimedAt, useFence: 0, over: [] };
  if (!(await voidClaim(table, keys.license(pool, userId), asRead, ended))) return false;
  await closeSeat(table, pool, { number: seat.number, fence: seat.fence, holder });
  return true;
};
