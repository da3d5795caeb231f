import { confirmWebhook as contract } from '../shared/contracts/confirm-webhook.ts';
import { invalid, notFound } from '../shared/http/problems/problem.ts';
import { webhookBody } from '../shared/http/responses/webhook.ts';
import { serve } from '../shared/http/serve.ts';
import { confirmWebhook } from '../shared/table/outbox/webhooks.ts';

export const handler = serve(contract, async ({ path: { organizationId, webhookId: id }, body, table, now }) => {
  const result = await confirmWebhook(table, { organizationId, id }, body.challenge, now);
  switch (result.outcome) {
    case 'missing':
      throw notFound();
    case 'other':
      throw invalid('/body/challenge', 'is not the challenge that its target received');
    case 'confirmed':
      return { status: 200, body: webhookBody(result.webhook) };
  }
});
