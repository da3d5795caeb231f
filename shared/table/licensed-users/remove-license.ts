import { isUnusedSince } from '../../domain/license.ts';
import { readLicense, seatClaimOf } from '../items/licenses.ts';
import { readMember } from '../items/members.ts';
import { checkAuthority } from '../store/authority.ts';
import type { Pool } from '../store/keys.ts';
import { repeatUntilSettled } from '../store/retry.ts';
import type { Table } from '../store/table.ts';
import { endLicense } from './end-license.ts';
import { resolveLicense } from './pending-licenses.ts';

/**
 * Removes a user's license, and ends the session that uses it (`user-removed`). A repetition is harmless, and finishes a
 * removal that stopped half way.
 *
 * @param options.unusedSince only if the user has not worked with the license since then, epoch ms. The write that ends the
 *   license checks it, so a use between the read and the write counts
 * @param options.ofFormer only if the user is no member
 * @returns `missing` if the user never had one; `used` if it stays
 */
export const removeLicense = async (
  table: Table,
  pool: Pool,
  userId: string,
  now: number,
  { unusedSince, ofFormer }: { unusedSince?: number | undefined; ofFormer?: true } = {},
): Promise<'removed' | 'missing' | 'used'> => {
  await checkAuthority(table);
  return repeatUntilSettled(async () => {
    const license = await readLicense(table, pool, userId);
    if (!license) return 'missing';
    if (ofFormer && (await readMember(table, pool.organizationId, userId))) return 'used';
    if (license.status === 'pending') {
      // A grant or a transfer is under way.
      await resolveLicense(table, pool, license, now);
      return undefined;
    }
    const unused = unusedSince === undefined ? undefined : { asRead: license.revision, since: unusedSince };
    if (unused && license.status === 'active' && !isUnusedSince(license, unused.since)) return 'used';
    const end = { reason: 'user-removed', at: now, unused } as const;
    const outcome = await endLicense(table, pool, userId, seatClaimOf(license), end);
    // The license has changed since it was read: with a use, it stays.
    return unused && outcome === 'other' ? undefined : 'removed';
  });
};
