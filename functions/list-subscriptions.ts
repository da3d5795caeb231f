import pMap from 'p-map';
import { listSubscriptions as contract } from '../shared/contracts/list-subscriptions.ts';
import { pageOfList } from '../shared/http/page.ts';
import { summaryOf, withFigures } from '../shared/http/responses/subscription.ts';
import { serve } from '../shared/http/serve.ts';
import { listSubscriptions } from '../shared/table/items/subscriptions.ts';
export const handler = serve(contract, async ({ path, query, caller, table, now }) => {
  const page = await pageOfList(table, contract, path, query);
  const { subscriptions, next } = await listSubscriptions(table, path.organizationId, page);
  const items =
    caller.role === 'user'
      ? subscriptions.map((subscription) => summaryOf(subscription, now))
      : await pMap(subscriptions, (subscription) => withFigures(table, subscription, now), { concurrency: 10 });
  return { status: 200, body: await page.answer(items, next) };
});
