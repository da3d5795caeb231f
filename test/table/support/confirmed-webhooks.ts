import type { Webhook } from '../../../shared/domain/outbox/webhook.ts';
import { confirmWebhook, createWebhook, readWebhook } from '../../../shared/table/outbox/webhooks.ts';
import type { WebhookName } from '../../../shared/table/store/keys.ts';
import type { Table } from '../../../shared/table/store/table.ts';

/** Confirms a webhook, as its target does when it answers the challenge. */
export const confirm = async (table: Table, name: WebhookName): Promise<Webhook> => {
  const { challenge } = (await readWebhook(table, name)) ?? {};
  const confirmed = await confirmWebhook(table, name, challenge ?? '', Date.now());
  if (confirmed.outcome !== 'confirmed') throw new Error(confirmed.outcome);
  return confirmed.webhook;
};

/** A new webhook that gets events. */
export const createConfirmed = async (
  table: Table,
  request: Pick<Webhook, 'organizationId' | 'url' | 'events'>,
): Promise<Webhook> => {
  const created = await createWebhook(table, request, { createdBy: 'usr_a', now: Date.now() });
  if (created.outcome !== 'created') throw new Error(created.outcome);
  return confirm(table, created.webhook);
};
