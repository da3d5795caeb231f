import { redeliverWebhook as contract } from '../shared/contracts/redeliver-webhook.ts';
import { orNotFound } from '../shared/http/problems/problem.ts';
import { deliveryBody } from '../shared/http/responses/webhook.ts';
import { sendableWebhook } from '../shared/http/sendable-webhook.ts';
import { serve } from '../shared/http/serve.ts';
import { redeliver } from '../shared/table/outbox/deliveries.ts';

export const handler = serve(contract, async ({ path, table, now }) => {
  const { organizationId, webhookId, deliveryId } = path;
  await sendableWebhook(table, path, now);
  const delivery = orNotFound(await redeliver(table, { organizationId, webhookId, id: deliveryId }, now));
  return { status: 202, body: deliveryBody(delivery) };
});
