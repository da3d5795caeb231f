import { getSubscription } from '../shared/contracts/get-subscription.ts';
import { orNotFound } from '../shared/http/problems/problem.ts';
import { withFigures } from '../shared/http/responses/subscription.ts';
import { serve } from '../shared/http/serve.ts';
import { readSubscription } from '../shared/table/items/subscriptions.ts';

export const handler = serve(getSubscription, async ({ path, caller, table, now }) => {
  const subscription = orNotFound(await readSubscription(table, path));
  return { status: 200, body: await withFigures(table, subscription, now, { isVendor: !caller }) };
});
