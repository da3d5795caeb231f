import type { Member } from '../../domain/accounts/member.ts';
import { isUnusedSince, type License } from '../../domain/license.ts';
import { readEverMembers } from '../items/members.ts';
import { readFiltered } from '../store/filtered-page.ts';
import { keys, type Page, type PageRequest, type Pool, ranges } from '../store/keys.ts';
import { readPage, type Table } from '../store/table.ts';

/** How many licenses one request of the list reads, whatever it finds. */
const licensesPerRequest = 2000;

/**
 * Reads a page of a pool's licensed users, by user ID: those whose license is complete and not ended.
 *
 * @param options.unusedSince only users who have not worked with their license since then, epoch ms
 */
export const listLicensed = async (
  table: Table,
  pool: Pool,
  { unusedSince, ...options }: PageRequest & { unusedSince?: number },
): Promise<Page<{ license: License; member: Member }>> => {
  const page = await readFiltered(
    (after) => readPage(table, ranges.licenses(pool), { limit: 100, after }),
    (licenses) =>
      licenses.filter(
        (license) => license.status === 'active' && (unusedSince === undefined || isUnusedSince(license, unusedSince)),
      ),
    ({ userId }) => keys.license(pool, userId),
    { ...options, most: licensesPerRequest },
  );
  const members = await readEverMembers(
    table,
    pool.organizationId,
    page.items.map(({ userId }) => userId),
  );
  return {
    // A former member loses the license in a moment.
    items: page.items.flatMap((license) => {
      const member = members.get(license.userId);
      return member ? [{ license, member }] : [];
    }),
    next: page.next,
  };
};
