import * as z from 'zod';
import { type Delivery, isGone, isOpen, type TargetAnswer } from '../domain/webhook.ts';
import { beginAttempt, noteAnswer, parkDelivery } from '../table/outbox/deliveries.ts';
import { signingSecrets } from '../table/outbox/webhook-secrets.ts';
import { disableWebhook, readWebhook } from '../table/outbox/webhooks.ts';
import type { Table } from '../table/store/table.ts';
import { signedMessage } from './sign-webhook.ts';

/** What the queue carries: which delivery to attempt, and how many attempts there were. */
export const AttemptOrder = z.object({
  organizationId: z.string(),
  webhookId: z.string(),
  deliveryId: z.string(),
  attempts: z.int(),
});
export type AttemptOrder = z.infer<typeof AttemptOrder>;

/** The order for the next attempt of a delivery. */
export const orderOf = ({ organizationId, webhookId, id, attempts }: Delivery): AttemptOrder => ({
  organizationId,
  webhookId,
  deliveryId: id,
  attempts,
});

/** Sends a signed message to a URL. */
export type Post = (url: string, message: { headers: Record<string, string>; body: string }) => Promise<TargetAnswer>;

/**
 * Makes one attempt of a delivery. An order that comes twice, or late, makes no second one; one that is cut off anywhere
 * is followed by the next attempt at its time. The target may thus get an event twice, and knows it by its id.
 */
export const deliver = async (
  table: Table,
  { organizationId, webhookId, deliveryId, attempts }: AttemptOrder,
  { post, now }: { post: Post; now: number },
): Promise<'delivered' | 'failed' | 'parked' | 'not-due'> => {
  const name = { organizationId, webhookId, id: deliveryId };
  const webhook = await readWebhook(table, { organizationId, id: webhookId });
  if (!webhook || !isOpen(webhook)) {
    await parkDelivery(table, name, attempts, now);
    return 'parked';
  }
  const delivery = await beginAttempt(table, name, { attempts, now });
  if (!delivery) return 'not-due';

  const secrets = await signingSecrets(table, webhook, now);
  const answer = await post(webhook.url, signedMessage(delivery, secrets, now));
  if (isGone(answer)) await disableWebhook(table, webhook, now);
  return noteAnswer(table, delivery, answer, now);
};
