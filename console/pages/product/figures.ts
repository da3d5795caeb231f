import type { Subscription } from '../../../client/index.ts';

/** How many licenses of the quota are used. */
export const usedOf = ({ licenseType, inUse }: Subscription): number =>
  (licenseType === 'floating' ? inUse.online : inUse.licensedUsers) + inUse.offline;
