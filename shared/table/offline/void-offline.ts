import type { OfflineLicense } from '../../domain/offline.ts';
import { freeSeat } from '../items/seats.ts';
import { keys, type Pool } from '../store/keys.ts';
import { type Table, update } from '../store/table.ts';
import { claimOfLicense, offlineLicenseOf } from './offline-licenses.ts';

// Only an issued license: one that is on its way was told to nobody, and is completed or dropped by those who meet it.
const issued = '#status = :active';
const notVoided = 'attribute_not_exists(voidedAt)';
const notExpired = 'expiresAt > :now';

/**
 * Voids an issued license: its record first, then its seat. After the first write no repetition of its request holds the
 * seat any more, or claims another one over the record, whose revision has moved on. A voiding that stops between the
 * two is finished by its repetition, or by the schedule.
 *
 * @param options.now epoch ms
 * @returns the license as it is now (one that has expired, or was voided before, is left as it was), or undefined if
 *   there is none
 */
export const voidOfflineLicense = async (
  table: Table,
  pool: Pool,
  id: string,
  { reason, now }: { reason: string; now: number },
): Promise<OfflineLicense | undefined> => {
  const { item } = await update(table, {
    Key: keys.offlineLicense(pool, id),
    UpdateExpression: 'SET voidedAt = :now, voidReason = :reason, revision = revision + :one',
    ConditionExpression: `${issued} AND ${notVoided} AND ${notExpired}`,
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: { ':active': 'active', ':now': now, ':reason': reason, ':one': 1 },
  });
  const license = offlineLicenseOf(item);
  if (license?.status !== 'active') return undefined;
  if (license.voidedAt !== undefined) await freeSeat(table, pool, claimOfLicense(license));
  return license;
};
