import { listYourLicenses as contract } from '../shared/contracts/list-your-licenses.ts';
import type { Subscription } from '../shared/domain/subscription.ts';
import { pageOfList } from '../shared/http/page.ts';
import { yourLicenseBody } from '../shared/http/responses/your-license.ts';
import { serve } from '../shared/http/serve.ts';
import { listSubscriptionsToCount } from '../shared/table/items/subscriptions.ts';
import { readOwnUse } from '../shared/table/reports/own-use.ts';

export const handler = serve(contract, async ({ path, query, caller: { userId }, table, now }) => {
  const page = await pageOfList(table, contract, { ...path, userId }, query);
  const subscriptions = await listSubscriptionsToCount(table, path.organizationId, page);
  const bodyOf = async (subscription: Subscription) =>
    yourLicenseBody(await readOwnUse(table, subscription, { userId, now }), now);
  return { status: 200, body: await page.answer(subscriptions, bodyOf) };
});
