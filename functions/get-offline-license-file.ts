import { getOfflineLicenseFile } from '../shared/contracts/get-offline-license-file.ts';
import { licenseFileName } from '../shared/domain/offline.ts';
import { notFound, Problem } from '../shared/http/problems/problem.ts';
import { attachment } from '../shared/http/reports/content-disposition.ts';
import { serve } from '../shared/http/serve.ts';
import { signLicense } from '../shared/signing/license-file.ts';
import { licenseFile, readOfflineLicense } from '../shared/table/offline/offline-licenses.ts';

export const handler = serve(getOfflineLicenseFile, async ({ path, table }) => {
  const license = await readOfflineLicense(table, path, path.licenseId);
  if (!license) throw notFound();
  if (license.voidedAt !== undefined)
    throw new Problem('forbidden', `The vendor voided this license: ${license.voidReason}. Issue another one.`);
  return {
    status: 200,
    headers: { 'Content-Disposition': attachment(licenseFileName(path.product, license.machineId)) },
    body: await licenseFile(table, path, license, (unsigned) => signLicense(path, unsigned)),
  };
});
