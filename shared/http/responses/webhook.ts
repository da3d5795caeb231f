import type * as z from 'zod';
import type { Webhook as WebhookBody, WebhookDelivery } from '../../contracts/schemas/webhook.ts';
import { utc } from '../../domain/activation.ts';
import { confirmedSince, type Delivery, type TargetAnswer, type Webhook } from '../../domain/outbox/webhook.ts';

/** Returns a webhook as the API shows it, never its secret. */
export const webhookBody = (webhook: Webhook): z.input<typeof WebhookBody> => {
  const { id, url, events, createdAt, disabledAt } = webhook;
  const timeOf = (ms: number | undefined) => (ms === undefined ? null : utc(ms));
  return {
    id,
    url,
    events,
    createdAt: utc(createdAt),
    confirmedAt: timeOf(confirmedSince(webhook)),
    disabledAt: timeOf(disabledAt),
  };
};

const answerBody = (answer: TargetAnswer & { at: number }) => ({
  at: utc(answer.at),
  status: 'status' in answer ? answer.status : null,
  error: answer.error ?? null,
});

/** Returns a delivery as the API shows it: its progress, never its content. */
export const deliveryBody = (delivery: Delivery): z.input<typeof WebhookDelivery> => ({
  id: delivery.id,
  event: delivery.event,
  status: delivery.status,
  createdAt: utc(delivery.createdAt),
  attempts: delivery.attempts,
  nextAttemptAt: delivery.status === 'pending' ? utc(delivery.nextAttemptAt) : null,
  lastAnswer: delivery.lastAnswer ? answerBody(delivery.lastAnswer) : null,
});
