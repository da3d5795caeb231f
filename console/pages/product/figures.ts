import type { Subscription } from '../../../client/index.ts';

/** Returns how many licenses of the quota are used. */
export const usedOf = ({ licenseType, inUse }: Subscription): number =>
  (licenseType === 'floating' ? inUse.online : inUse.licensedUsers) + inUse.offline;
