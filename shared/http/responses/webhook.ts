import type * as z from 'zod';
import type { Webhook as WebhookBody, WebhookDelivery } from '../../contracts/schemas/webhook.ts';
import { utc } from '../../domain/activation.ts';
import type { Delivery, TargetAnswer, Webhook } from '../../domain/webhook.ts';

/** What the API shows of a webhook: never its secret. */
export const webhookBody = ({ id, url, events, createdAt, disabledAt }: Webhook): z.input<typeof WebhookBody> => ({
  id,
  url,
  events,
  createdAt: utc(createdAt),
  disabledAt: disabledAt === undefined ? null : utc(disabledAt),
});

const answerBody = (answer: TargetAnswer & { at: number }) => ({
  at: utc(answer.at),
  status: 'status' in answer ? answer.status : null,
  error: 'error' in answer ? answer.error : null,
});

/** What the API shows of a delivery: how it goes, not what is sent. */
export const deliveryBody = (delivery: Delivery): z.input<typeof WebhookDelivery> => ({
  id: delivery.id,
  event: delivery.event,
  status: delivery.status,
  createdAt: utc(delivery.createdAt),
  attempts: delivery.attempts,
  nextAttemptAt: delivery.status === 'pending' ? utc(delivery.nextAttemptAt) : null,
  lastAnswer: delivery.lastAnswer ? answerBody(delivery.lastAnswer) : null,
});
