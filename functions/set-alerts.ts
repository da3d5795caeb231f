import { setAlerts as contract } from '../shared/contracts/set-alerts.ts';
import { notFound } from '../shared/http/problems/problem.ts';
import { alertsBody } from '../shared/http/responses/alerts.ts';
import { serve } from '../shared/http/serve.ts';
import { readSubscription } from '../shared/table/items/subscriptions.ts';
import { setAlert } from '../shared/table/outbox/alerts.ts';

export const handler = serve(contract, async ({ path, body, table, now }) => {
  if (!(await readSubscription(table, path))) throw notFound();
  return { status: 200, body: alertsBody(await setAlert(table, path, body, now)) };
});
