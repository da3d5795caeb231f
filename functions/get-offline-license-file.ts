import { getOfflineLicenseFile } from '../shared/contracts/get-offline-license-file.ts';
import { licenseFileName } from '../shared/domain/offline.ts';
import { ForbiddenByState, orNotFound } from '../shared/http/problems/problem.ts';
import { attachment } from '../shared/http/reports/content-disposition.ts';
import { serve } from '../shared/http/serve.ts';
import { signLicense } from '../shared/signing/license-file.ts';
import { noteExport } from '../shared/table/history/exports.ts';
import { licenseFile, readOfflineLicense } from '../shared/table/offline/offline-licenses.ts';

export const handler = serve(getOfflineLicenseFile, async ({ path, table, now }) => {
  const license = orNotFound(await readOfflineLicense(table, path, path.licenseId));
  if (license.voidedAt !== undefined)
    throw new ForbiddenByState(`The vendor voided this license: ${license.voidReason}. Issue another one.`);
  const body = await licenseFile(table, path, license, (unsigned) => signLicense(path, unsigned));
  const target = { type: 'offline-license', id: license.id } as const;
  await noteExport(table, path, { target, details: { machineId: license.machineId }, at: now });
  return {
    status: 200,
    headers: { 'Content-Disposition': attachment(licenseFileName(path.product, license.machineId)) },
    body,
  };
});
