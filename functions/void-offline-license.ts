import { voidOfflineLicense as contract } from '../shared/contracts/void-offline-license.ts';
import { notFound } from '../shared/http/problems/problem.ts';
import { offlineLicenseBody } from '../shared/http/responses/offline-license.ts';
import { serve } from '../shared/http/serve.ts';
import { voidOfflineLicense } from '../shared/table/offline/void-offline.ts';

export const handler = serve(contract, async ({ path, body, table, now }) => {
  const license = await voidOfflineLicense(table, path, path.licenseId, { reason: body.reason, now });
  if (!license) throw notFound();
  return { status: 200, body: offlineLicenseBody(path.product, license, now) };
});
