import type { License } from '../../domain/license.ts';
import { type Claim, userHolder } from '../../domain/seat.ts';
import { keys, type Page, type PageRequest, type Pool, ranges } from '../store/keys.ts';
import { getItem, readAll, readPage, type Table } from '../store/table.ts';

/** Reads a user's license, strongly consistent. */
export const readLicense = (table: Table, pool: Pool, userId: string): Promise<License | undefined> =>
  getItem(table, keys.license(pool, userId));

/** Reads every license of a pool, also the ended ones. */
export const readLicenses = (table: Table, pool: Pool): Promise<License[]> => readAll(table, ranges.licenses(pool));

/** Reads a page of a pool's licenses, by user, strongly consistent by default. */
export const readLicensePage = (
  table: Table,
  pool: Pool,
  options: PageRequest & { consistent?: boolean },
): Promise<Page<License>> => readPage(table, ranges.licenses(pool), options);

/** Returns the claim of a license on its seat. */
export const seatClaimOf = ({ userId, number, fence }: Pick<License, 'userId' | 'number' | 'fence'>): Claim => ({
  number,
  fence,
  holder: userHolder(userId),
});
