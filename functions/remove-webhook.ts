import { removeWebhook as contract } from '../shared/contracts/remove-webhook.ts';
import { contended, notFound } from '../shared/http/problems/problem.ts';
import { serve } from '../shared/http/serve.ts';
import { removeWebhook } from '../shared/table/outbox/webhooks.ts';

export const handler = serve(contract, async ({ path: { organizationId, webhookId: id }, table, now }) => {
  const outcome = await removeWebhook(table, { organizationId, id }, now);
  if (outcome === 'missing') throw notFound();
  if (outcome === 'contended') throw contended();
  return { status: 204 };
});
