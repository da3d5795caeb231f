import type { Member } from '../../domain/accounts/member.ts';
import type { License } from '../../domain/license.ts';
import { readLicensePage } from '../items/licenses.ts';
import { readFiltered } from '../store/filtered-page.ts';
import { keys, type Pool, type Position } from '../store/keys.ts';
import { keyText, readItems, type Table } from '../store/table.ts';

/** How many licenses one request of the list looks at, whatever it finds. */
const licensesPerRequest = 2000;

/** A page of a pool's licensed users, by user: those whose license is complete and not ended. */
export const listLicensed = async (
  table: Table,
  pool: Pool,
  options: { limit: number; after?: Position },
): Promise<{ licensed: { license: License; member: Member }[]; next?: Position }> => {
  const page = await readFiltered(
    (after) =>
      readLicensePage(table, pool, { limit: 100, after }).then(({ licenses, next }) => ({ items: licenses, next })),
    (licenses) => licenses.filter(({ status }) => status === 'active'),
    ({ userId }) => keys.license(pool, userId),
    { ...options, most: licensesPerRequest },
  );
  const memberKey = ({ userId }: License) => keys.member(pool.organizationId, userId);
  const found = new Map<string, Member>();
  for (let start = 0; start < page.items.length; start += 100)
    for (const [key, item] of await readItems(table, page.items.slice(start, start + 100).map(memberKey)))
      found.set(key, item as unknown as Member);
  return {
    // One who is no member any more loses the license in a moment.
    licensed: page.items.flatMap((license) => {
      const member = found.get(keyText(memberKey(license)));
      return member ? [{ license, member }] : [];
    }),
    next: page.next,
  };
};
