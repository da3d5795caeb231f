import { targetConfig } from '../shared/config.ts';
import { createWebhook as contract } from '../shared/contracts/create-webhook.ts';
import { targetError } from '../shared/domain/outbox/webhook-target.ts';
import { invalid, limitReached, Problem } from '../shared/http/problems/problem.ts';
import { webhookBody } from '../shared/http/responses/webhook.ts';
import { serve } from '../shared/http/serve.ts';
import { readLimits } from '../shared/table/accounts/organizations.ts';
import { newestSecret } from '../shared/table/outbox/webhook-secrets.ts';
import { createWebhook } from '../shared/table/outbox/webhooks.ts';

export const handler = serve(contract, async ({ path, headers, body, caller, table, now }) => {
  const wrong = targetError(new URL(body.url), { loopback: targetConfig().WEBHOOK_ALLOW_LOOPBACK });
  if (wrong) throw invalid('/body/url', wrong);
  const { webhooks: most } = await readLimits(table, path.organizationId);
  const result = await createWebhook(
    table,
    { ...path, url: body.url, events: [...new Set(body.events)] },
    { idempotencyKey: headers['idempotency-key'], createdBy: caller.userId, most, now },
  );
  switch (result.outcome) {
    case 'other':
      throw invalid('/headers/idempotency-key', 'was used for another request: make a new one');
    case 'too-many':
      throw limitReached({ limit: 'webhooks', value: most }, 'Remove a webhook first.', now);
    case 'same-target':
      throw new Problem(
        'limit-exceeded',
        `The webhook ${result.webhook.id} sends to this URL already: remove it first, or use another URL.`,
        { limit: 'webhooksPerUrl', value: 1 },
      );
    case 'created': {
      const { webhook } = result;
      return { status: 201, body: { ...webhookBody(webhook), secret: await newestSecret(table, webhook) } };
    }
  }
});
