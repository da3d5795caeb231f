import { listWebhooks as contract } from '../shared/contracts/list-webhooks.ts';
import { pageOfList } from '../shared/http/page.ts';
import { webhookBody } from '../shared/http/responses/webhook.ts';
import { serve } from '../shared/http/serve.ts';
import { listWebhooks } from '../shared/table/outbox/webhooks.ts';

export const handler = serve(contract, async ({ path, query, table }) => {
  const page = await pageOfList(table, contract, path, query);
  const { webhooks, next } = await listWebhooks(table, path.organizationId, page);
  return { status: 200, body: await page.answer(webhooks.map(webhookBody), next) };
});
