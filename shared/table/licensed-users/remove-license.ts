import { readLicense, seatClaimOf } from '../items/licenses.ts';
import type { Pool } from '../store/keys.ts';
import { repeatUntilSettled } from '../store/retry.ts';
import type { Table } from '../store/table.ts';
import { endLicense } from './end-license.ts';
import { resolveLicense } from './pending-licenses.ts';

/**
 * Removes a user's license, and ends the session that uses it (`user-removed`). A repetition is harmless, and finishes a
 * removal that stopped half way.
 *
 * @returns `missing` if the user never had one
 */
export const removeLicense = async (
  table: Table,
  pool: Pool,
  userId: string,
  now: number,
): Promise<'removed' | 'missing'> =>
  repeatUntilSettled(async () => {
    const license = await readLicense(table, pool, userId);
    if (!license) return 'missing';
    if (license.status !== 'pending') {
      await endLicense(table, pool, userId, seatClaimOf(license), { reason: 'user-removed', at: now });
      return 'removed';
    }
    // A grant or a transfer is under way.
    await resolveLicense(table, pool, license, now);
    return undefined;
  });
