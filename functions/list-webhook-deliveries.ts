import { listWebhookDeliveries as contract } from '../shared/contracts/list-webhook-deliveries.ts';
import { pageOfList } from '../shared/http/page.ts';
import { orNotFound } from '../shared/http/problems/problem.ts';
import { deliveryBody } from '../shared/http/responses/webhook.ts';
import { serve } from '../shared/http/serve.ts';
import { listDeliveries } from '../shared/table/outbox/deliveries.ts';
import { readWebhook } from '../shared/table/outbox/webhooks.ts';

export const handler = serve(contract, async ({ path, query, table }) => {
  const { status } = query;
  const webhook = orNotFound(await readWebhook(table, { organizationId: path.organizationId, id: path.webhookId }));
  const page = await pageOfList(table, contract, { ...path, status }, query);
  const deliveries = await listDeliveries(table, webhook, { ...page, status });
  return { status: 200, body: await page.answer(deliveries, deliveryBody) };
});
