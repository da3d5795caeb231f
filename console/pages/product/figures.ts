import type { Figures } from '../../service/client.tsx';

/** How many licenses of the quota are used. */
export const usedOf = ({ licenseType, inUse }: Figures): number =>
  (licenseType === 'floating' ? inUse.online : inUse.licensedUsers) + inUse.offline;
