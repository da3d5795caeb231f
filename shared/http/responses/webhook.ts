import type * as z from 'zod';
import type { ListedWebhook, Webhook as WebhookBody, WebhookDelivery } from '../../contracts/schemas/webhook.ts';
import { utc } from '../../domain/activation.ts';
import {
  confirmedSince,
  type Delivery,
  isTaken,
  type TargetAnswer,
  type Webhook,
} from '../../domain/outbox/webhook.ts';

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
  body: ('status' in answer && answer.body) || null,
});

/** Returns a delivery as the API shows it, never the challenge. */
export const deliveryBody = (delivery: Delivery): z.input<typeof WebhookDelivery> => ({
  id: delivery.id,
  event: delivery.event,
  request: delivery.event.action === 'webhook.challenge' ? null : delivery.payload,
  status: delivery.status,
  createdAt: utc(delivery.createdAt),
  attempts: delivery.attempts,
  nextAttemptAt: delivery.status === 'pending' ? utc(delivery.nextAttemptAt) : null,
  lastAnswer: delivery.lastAnswer ? answerBody(delivery.lastAnswer) : null,
});

/** Returns a webhook as a list shows it. `latest`: its latest deliveries. */
export const listedWebhookBody = (webhook: Webhook, latest: readonly Delivery[]): z.input<typeof ListedWebhook> => {
  const answers = latest.flatMap(({ lastAnswer }) => lastAnswer ?? []);
  const failures = answers.filter((answer) => !isTaken(answer)).sort((a, b) => b.at - a.at);
  const lastFailure = failures[0] && answerBody(failures[0]);
  return {
    ...webhookBody(webhook),
    latest: {
      deliveries: answers.length,
      failed: failures.length,
      lastFailure: lastFailure ? { at: lastFailure.at, status: lastFailure.status, error: lastFailure.error } : null,
    },
  };
};
