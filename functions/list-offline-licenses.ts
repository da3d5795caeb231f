import { listOfflineLicenses as contract } from '../shared/contracts/list-offline-licenses.ts';
import { pageOfList } from '../shared/http/page.ts';
import { notFound } from '../shared/http/problems/problem.ts';
import { offlineLicenseBody } from '../shared/http/responses/offline-license.ts';
import { serve } from '../shared/http/serve.ts';
import { readSubscription } from '../shared/table/items/subscriptions.ts';
import { listOfflineLicenses } from '../shared/table/offline/offline-licenses.ts';

export const handler = serve(contract, async ({ path, query, table, now }) => {
  const page = await pageOfList(table, contract, path, query);
  if (!(await readSubscription(table, path))) throw notFound();
  const licenses = await listOfflineLicenses(table, path, page);
  return {
    status: 200,
    body: await page.answer(licenses, (license) => offlineLicenseBody(path.product, license, now)),
  };
});
