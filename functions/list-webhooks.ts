import pMap from 'p-map';
import { listWebhooks as contract } from '../shared/contracts/list-webhooks.ts';
import { pageOfList } from '../shared/http/page.ts';
import { listedWebhookBody } from '../shared/http/responses/webhook.ts';
import { serve } from '../shared/http/serve.ts';
import { listDeliveries } from '../shared/table/outbox/deliveries.ts';
import { listWebhooks } from '../shared/table/outbox/webhooks.ts';

/** How many of a webhook's latest deliveries its failures are counted from. */
const latestDeliveries = 100;

export const handler = serve(contract, async ({ path, query, table }) => {
  const page = await pageOfList(table, contract, path, query);
  const { webhooks, next } = await listWebhooks(table, path.organizationId, page);
  const items = await pMap(
    webhooks,
    async (webhook) => {
      const { deliveries } = await listDeliveries(table, webhook, { limit: latestDeliveries });
      return listedWebhookBody(webhook, deliveries);
    },
    { concurrency: 5 },
  );
  return { status: 200, body: await page.answer(items, next) };
});
