import { redeliverWebhook as contract } from '../shared/contracts/redeliver-webhook.ts';
import { minuteWindow } from '../shared/domain/accounts/limits.ts';
import { isOpen } from '../shared/domain/outbox/webhook.ts';
import { limitReached, notFound, Problem } from '../shared/http/problems/problem.ts';
import { deliveryBody } from '../shared/http/responses/webhook.ts';
import { serve } from '../shared/http/serve.ts';
import { readLimits } from '../shared/table/accounts/organizations.ts';
import { countAll } from '../shared/table/items/limit-counters.ts';
import { redeliver } from '../shared/table/outbox/deliveries.ts';
import { readWebhook } from '../shared/table/outbox/webhooks.ts';

export const handler = serve(contract, async ({ path, table, now }) => {
  const { organizationId, webhookId, deliveryId } = path;
  const webhook = await readWebhook(table, { organizationId, id: webhookId });
  if (!webhook) throw notFound();
  if (!isOpen(webhook))
    throw new Problem('forbidden', 'The target of this webhook answered that it is gone: make a new webhook.');
  const { redeliveriesPerMinute: value } = await readLimits(table, organizationId);
  const reached = await countAll(table, organizationId, [
    { limit: 'redeliveriesPerMinute', of: '', window: minuteWindow(now), value, amount: 1 },
  ]);
  if (reached) throw limitReached(reached, 'Redeliver the next ones later.', now);
  const delivery = await redeliver(table, { organizationId, webhookId, id: deliveryId }, now);
  if (!delivery) throw notFound();
  return { status: 202, body: deliveryBody(delivery) };
});
