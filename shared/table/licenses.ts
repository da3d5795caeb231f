import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { EndedReason } from '../contracts/schemas/activation.ts';
import type { License } from '../domain/license.ts';
import { type Claim, isClaim, never, userHolder } from '../domain/seat.ts';
import { keys, type Pool, type Position, ranges } from './keys.ts';
import { completeHold } from './long-holds.ts';
import { completeRecord, endRecord } from './records.ts';
import { freeSeat, moveSeat } from './seats.ts';
import { type Item, readAll, readPage, type Table } from './table.ts';
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
  const moved = await moveSeat(table, pool, before, { userId: license.userId, holder: claim.holder, at: now });
  if (!isClaim(moved.seat, claim)) {
    await endRecord(table, recordKey, { claim }, { reason: 'lease-expired', at: now });
    return;
  }
  await endLicense(table, pool, from.userId, before, { reason: 'license-transferred', at: now });
  const completed = await completeRecord<License>(table, recordKey, claim);
  // Ended before it was complete: that end may have met the seat before it had moved.
  if (!completed) await freeSeat(table, pool, claim);
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
