import type * as z from 'zod';
import type { OfflineLicense as OfflineLicenseBody } from '../../contracts/schemas/offline-license.ts';
import { utc } from '../../domain/activation.ts';
import { licenseFileName, type OfflineLicense, offlineStatus } from '../../domain/offline.ts';

/** Returns an offline license as the API shows it. */
export const offlineLicenseBody = (
  product: string,
  license: OfflineLicense,
  now: number,
): z.input<typeof OfflineLicenseBody> => ({
  id: license.id,
  product,
  machineId: license.machineId,
  userId: license.usedBy,
  issuedAt: utc(license.issuedAt),
  expiresAt: utc(license.expiresAt),
  status: offlineStatus(license, now),
  ...(license.voidedAt !== undefined && { voidedAt: utc(license.voidedAt), voidReason: license.voidReason }),
  fileName: licenseFileName(product, license.machineId),
  description: license.description,
});
