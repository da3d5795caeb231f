import { rotateWebhookSecret as contract } from '../shared/contracts/rotate-webhook-secret.ts';
import { utc } from '../shared/domain/activation.ts';
import { hourMs } from '../shared/domain/dates.ts';
import { invalid, notFound } from '../shared/http/problems/problem.ts';
import { webhookBody } from '../shared/http/responses/webhook.ts';
import { serve } from '../shared/http/serve.ts';
import { newestSecret, rotateSecret } from '../shared/table/outbox/webhook-secrets.ts';

export const handler = serve(contract, async ({ path, headers, body, table, now }) => {
  const webhook = await rotateSecret(
    table,
    { organizationId: path.organizationId, id: path.webhookId },
    { idempotencyKey: headers['idempotency-key'], formerSecretUntil: now + body.overlapHours * hourMs },
  );
  if (webhook === 'missing') throw notFound();
  if (webhook === 'superseded')
    throw invalid('/headers/idempotency-key', 'was used for a rotation before the last: make a new one');
  return {
    status: 200,
    body: {
      ...webhookBody(webhook),
      secret: await newestSecret(table, webhook),
      formerSecretExpiresAt: utc(webhook.formerSecretUntil ?? now),
    },
  };
});
