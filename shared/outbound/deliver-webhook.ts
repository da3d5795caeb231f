import * as z from 'zod';
import {
  answersChallenge,
  confirmedSince,
  type Delivery,
  isGone,
  isOpen,
  isTaken,
  type TargetAnswer,
  type Webhook,
} from '../domain/outbox/webhook.ts';
import { beginAttempt, settleUnsent } from '../table/outbox/attempts.ts';
import { noteAnswer } from '../table/outbox/deliveries.ts';
import { signingSecrets } from '../table/outbox/webhook-secrets.ts';
import { confirmWebhook, disableWebhook, readWebhook } from '../table/outbox/webhooks.ts';
import { keys } from '../table/store/keys.ts';
import type { Table } from '../table/store/table.ts';
import { signedMessage } from './sign-webhook.ts';

/** A job of the queue: the delivery to attempt, and its attempts so far. */
export const DeliveryJob = z.object({
  organizationId: z.string(),
  webhookId: z.string(),
  deliveryId: z.string(),
  attempts: z.int(),
});
export type DeliveryJob = z.infer<typeof DeliveryJob>;

/** Returns the job for the next attempt at a delivery. */
export const deliveryJobOf = ({ organizationId, webhookId, id, attempts }: Delivery): DeliveryJob => ({
  organizationId,
  webhookId,
  deliveryId: id,
  attempts,
});

/**
 * Sends a signed message to a URL.
 *
 * @param options.readsBody whether to read the body of the answer
 */
export type PostWebhook = (
  url: string,
  message: { headers: Record<string, string>; body: string },
  options: { readsBody: boolean },
) => Promise<TargetAnswer>;

/**
 * Makes one attempt at a delivery. A job that comes twice or late makes no second attempt; after a crash the next attempt follows
 * at its time. So a target may get an event twice, and recognizes it by its id.
 */
export const deliver = async (
  table: Table,
  { organizationId, webhookId, deliveryId, attempts }: DeliveryJob,
  { post, now }: { post: PostWebhook; now: number },
): Promise<'delivered' | 'failed' | 'parked' | 'not-due'> => {
  const key = keys.delivery({ organizationId, webhookId, id: deliveryId });
  const webhook = await readWebhook(table, { organizationId, id: webhookId });
  if (!webhook || !isOpen(webhook)) {
    await settleUnsent(table, key, attempts, { settled: 'parked', now });
    return 'parked';
  }
  const delivery = await beginAttempt(table, key, { attempts, now });
  if (!delivery) return 'not-due';

  const secrets = await signingSecrets(table, webhook, now);
  const isChallenge = delivery.event.action === 'webhook.challenge';
  const message = signedMessage(delivery, secrets, now);
  const answer = await post(webhook.url, message, { readsBody: isChallenge });
  if (isGone(answer)) await disableWebhook(table, webhook, now);
  // A target that has not confirmed did not agree that its words are kept.
  const outcome = isChallenge ? await answeredChallenge(table, webhook, answer, now) : answer;
  return noteAnswer(table, delivery, outcome, now);
};

/**
 * Confirms a webhook whose target answered its challenge. From a webhook that is confirmed already, any 2xx will do.
 *
 * @returns the answer without its body, with an error if it is wrong
 */
const answeredChallenge = async (
  table: Table,
  webhook: Webhook,
  { body = '', ...answer }: TargetAnswer & { body?: string },
  now: number,
): Promise<TargetAnswer> => {
  const { challenge } = webhook;
  if (!isTaken(answer) || challenge === undefined || confirmedSince(webhook) !== undefined) return answer;
  if (!answersChallenge(body, challenge)) return { ...answer, error: 'CHALLENGE_NOT_ANSWERED' };
  // An error notes nothing of this attempt: the next one confirms the webhook.
  await confirmWebhook(table, webhook, challenge, now);
  return answer;
};
