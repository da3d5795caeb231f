import { testAlerts as contract } from '../shared/contracts/test-alerts.ts';
import { countByHand } from '../shared/http/count-by-hand.ts';
import { notFound } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { readSubscription } from '../shared/table/items/subscriptions.ts';
import { testAlert } from '../shared/table/outbox/alerts.ts';

export const handler = serve(contract, async ({ path, table, now }) => {
  if (!(await readSubscription(table, path))) throw notFound();
  await countByHand(table, path.organizationId, { isAlert: true, now });
  await testAlert(table, path, now);
  return { status: 204 };
});
