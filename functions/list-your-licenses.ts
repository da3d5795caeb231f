import pMap from 'p-map';
import { listYourLicenses as contract } from '../shared/contracts/list-your-licenses.ts';
import { pageOfList } from '../shared/http/page.ts';
import { yourLicenseBody } from '../shared/http/responses/your-license.ts';
import { serve } from '../shared/http/serve.ts';
import { listSubscriptions } from '../shared/table/items/subscriptions.ts';
import { readOwnUse } from '../shared/table/reports/own-use.ts';

export const handler = serve(contract, async ({ path, query, caller: { userId }, table, now }) => {
  const page = await pageOfList(table, contract, { ...path, userId }, query);
  const { subscriptions, next } = await listSubscriptions(table, path.organizationId, page);
  const uses = await pMap(subscriptions, (subscription) => readOwnUse(table, subscription, { userId, now }), {
    concurrency: 5,
  });
  const items = uses.map((use) => yourLicenseBody(use, now));
  return { status: 200, body: await page.answer(items, next) };
});
