import { getAlerts as contract } from '../shared/contracts/get-alerts.ts';
import { notFound } from '../shared/http/problems/problem.ts';
import { alertsBody } from '../shared/http/responses/alerts.ts';
import { serve } from '../shared/http/serve.ts';
import { readSubscription } from '../shared/table/items/subscriptions.ts';
import { readAlert } from '../shared/table/outbox/alerts.ts';

export const handler = serve(contract, async ({ path, table }) => {
  const [alert, subscription] = await Promise.all([readAlert(table, path), readSubscription(table, path)]);
  if (!subscription) throw notFound();
  return { status: 200, body: alertsBody(alert) };
});
