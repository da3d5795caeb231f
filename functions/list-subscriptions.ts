import { listSubscriptions as contract } from '../shared/contracts/list-subscriptions.ts';
import { pageOfList } from '../shared/http/page.ts';
import { summaryOf, withFigures } from '../shared/http/responses/subscription.ts';
import { serve } from '../shared/http/serve.ts';
import { listSubscriptions, listSubscriptionsToCount } from '../shared/table/items/subscriptions.ts';

export const handler = serve(contract, async ({ path, query, caller, table, now }) => {
  const page = await pageOfList(table, contract, path, query);
  if (caller.role === 'user') {
    const subscriptions = await listSubscriptions(table, path.organizationId, page);
    return { status: 200, body: await page.answer(subscriptions, (one) => summaryOf(one, now)) };
  }
  const subscriptions = await listSubscriptionsToCount(table, path.organizationId, page);
  return { status: 200, body: await page.answer(subscriptions, (one) => withFigures(table, one, now)) };
});
