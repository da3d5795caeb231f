import { voidOfflineLicense as contract } from '../shared/contracts/void-offline-license.ts';
import { orNotFound } from '../shared/http/problems/problem.ts';
import { offlineLicenseBody } from '../shared/http/responses/offline-license.ts';
import { serve } from '../shared/http/serve.ts';
import { voidOfflineLicense } from '../shared/table/offline/void-offline.ts';

export const handler = serve(contract, async ({ path, body, table, now }) => {
  const license = orNotFound(await voidOfflineLicense(table, path, path.licenseId, { reason: body.reason, now }));
  return { status: 200, body: offlineLicenseBody(path.product, license, now) };
});
