import type { License } from '../../domain/license.ts';
import type { Claim } from '../../domain/seat.ts';
import { endRecord, type RecordEnd, type RecordEnded } from '../items/holder-records.ts';
import { seatClaimOf } from '../items/licenses.ts';
import { freeSeat } from '../items/seats.ts';
import { readSubscription } from '../items/subscriptions.ts';
import { unregisterMachinesOf } from '../machines/remove-user-machines.ts';
import { endDisplacedSessions } from '../session-ends/ended-uses.ts';
import { keys, type Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';

/**
 * Ends a user's license, the session that uses it, and the registration of the user's machines. A repetition finishes an
 * end that stopped half way.
 *
 * @param claim the seat that the license stands for
 * @returns `other` if the license is of another claim, or a condition of `end` refused: then nothing has ended
 */
export const endLicense = async (
  table: Table,
  pool: Pool,
  userId: string,
  claim: Claim,
  end: RecordEnd,
): Promise<RecordEnded<License>['outcome']> => {
  const ended = await endRecord<License>(table, keys.license(pool, userId), { claim }, end);
  if (ended.outcome === 'ended' || ended.outcome === 'already')
    await finishLicenseEnd(table, pool, ended.record, end.at);
  return ended.outcome;
};

/** Finishes the end of a license whose record has ended. */
export const finishLicenseEnd = async (table: Table, pool: Pool, license: License, now: number): Promise<void> => {
  await endDisplacedSessions(table, pool, license);
  await freeSeat(table, pool, seatClaimOf(license));
  const subscription = await readSubscription(table, pool);
  if (subscription) await unregisterMachinesOf(table, subscription, license.userId, now);
};
