import { removeWebhook as contract } from '../shared/contracts/remove-webhook.ts';
import { notFound } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { removeWebhook } from '../shared/table/outbox/webhooks.ts';

export const handler = serve(contract, async ({ path: { organizationId, webhookId: id }, table, now }) => {
  if ((await removeWebhook(table, { organizationId, id }, now)) === 'missing') throw notFound();
  return { status: 204 };
});
