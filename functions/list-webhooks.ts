import { listWebhooks as contract } from '../shared/contracts/list-webhooks.ts';
import type { Webhook } from '../shared/domain/outbox/webhook.ts';
import { pageOfList } from '../shared/http/page.ts';
import { listedWebhookBody } from '../shared/http/responses/webhook.ts';
import { serve } from '../shared/http/serve.ts';
import { listDeliveries } from '../shared/table/outbox/deliveries.ts';
import { listWebhooks } from '../shared/table/outbox/webhooks.ts';

/** How many of a webhook's latest deliveries its failures are counted from. */
const latestDeliveries = 100;

export const handler = serve(contract, async ({ path, query, table }) => {
  const page = await pageOfList(table, contract, path, query);
  const webhooks = await listWebhooks(table, path.organizationId, page);
  const bodyOf = async (webhook: Webhook) => {
    const { items: deliveries } = await listDeliveries(table, webhook, { limit: latestDeliveries });
    return listedWebhookBody(webhook, deliveries);
  };
  return { status: 200, body: await page.answer(webhooks, bodyOf) };
});
