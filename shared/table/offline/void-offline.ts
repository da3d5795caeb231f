import type { OfflineLicense } from '../../domain/offline.ts';
import { freeSeat } from '../items/seats.ts';
import { keys, type Pool } from '../store/keys.ts';
import { type Table, update } from '../store/table.ts';
import { claimOfLicense } from './offline-licenses.ts';

// Only an issued license can be voided: no answer told of a pending one, which the next request completes or drops.
const issued = '#status = :active';
const notVoided = 'attribute_not_exists(voidedAt)';
const notExpired = 'expiresAt > :now';

/**
 * Voids an issued license: its record first, then its seat. After the first write no repetition of its request
 * keeps the seat, or claims another one over the record, whose revision has moved on. Its repetition, or the schedule,
 * finishes a voiding that stops between the two.
 *
 * @param options.now epoch ms
 * @returns the current license (an expired or voided one stays as it was), or undefined if there is none
 */
export const voidOfflineLicense = async (
  table: Table,
  pool: Pool,
  id: string,
  { reason, now }: { reason: string; now: number },
): Promise<OfflineLicense | undefined> => {
  const { item: license } = await update(table, {
    Key: keys.offlineLicense(pool, id),
    UpdateExpression: 'SET voidedAt = :now, voidReason = :reason, revision = revision + :one',
    ConditionExpression: `${issued} AND ${notVoided} AND ${notExpired}`,
    ExpressionAttributeValues: { ':active': 'active', ':now': now, ':reason': reason, ':one': 1 },
  });
  if (license?.status !== 'active') return undefined;
  if (license.voidedAt !== undefined) await freeSeat(table, pool, claimOfLicense(license));
  return license;
};
