import { isOpen, type Webhook } from '../domain/outbox/webhook.ts';
import { readWebhook } from '../table/outbox/webhooks.ts';
import type { Table } from '../table/store/table.ts';
import { countByHand } from './count-by-hand.ts';
import { ForbiddenByState, orNotFound } from './problems/problem.ts';

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
    throw new ForbiddenByState('The target of this webhook answered that it is gone: make a new webhook.');
  await countByHand(table, organizationId, { now });
  return webhook;
};
