import { minuteWindow } from '../domain/accounts/limits.ts';
import { isOpen, type Webhook } from '../domain/outbox/webhook.ts';
import { readLimits } from '../table/accounts/organizations.ts';
import { countAll } from '../table/items/limit-counters.ts';
import { readWebhook } from '../table/outbox/webhooks.ts';
import type { Table } from '../table/store/table.ts';
import { limitReached, orNotFound, Problem } from './problems/problem.ts';

/**
 * Returns a webhook to which somebody sends by hand, and counts that for the limit of redeliveries. Throws a 404 if there is
 * no such webhook, a 403 if it is disabled, and a 429 at the limit.
 */
export const sendableWebhook = async (
  table: Table,
  { organizationId, webhookId }: { organizationId: string; webhookId: string },
  now: number,
): Promise<Webhook> => {
  const webhook = orNotFound(await readWebhook(table, { organizationId, id: webhookId }));
  if (!isOpen(webhook))
    throw new Problem('forbidden', 'The target of this webhook answered that it is gone: make a new webhook.');
  const { redeliveriesPerMinute: value } = await readLimits(table, organizationId);
  const reached = await countAll(table, organizationId, [
    { limit: 'redeliveriesPerMinute', of: '', window: minuteWindow(now), value, amount: 1 },
  ]);
  if (reached) throw limitReached(reached, 'Redeliver the next ones later.', now);
  return webhook;
};
