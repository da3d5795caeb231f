import { randomUUID } from 'node:crypto';
import type { DeliveryStatus } from '../../contracts/schemas/webhook.ts';
import type { AuditEvent } from '../../domain/history/audit.ts';
import { publicEvent } from '../../domain/outbox/public-event.ts';
import { firstAttempt, maxAttempts } from '../../domain/outbox/retry-schedule.ts';
import { type Delivery, isGone, isTaken, type TargetAnswer, type Webhook, wants } from '../../domain/outbox/webhook.ts';
import { readFiltered } from '../store/filtered-page.ts';
import { type DeliveryName, keys, type Page, type PageRequest, ranges, type WebhookName } from '../store/keys.ts';
import { put, readPage, type Table, update } from '../store/table.ts';
import { messageId, noteAttempt } from './attempts.ts';
import { readOpenWebhooks } from './webhooks.ts';

const deliveryId = (webhook: WebhookName, { id, at }: Pick<AuditEvent, 'id' | 'at'>): string =>
  messageId('dlv', at, `delivery\n${webhook.organizationId}\n${webhook.id}\n${id}`);

const deliveryOf = (webhook: Webhook, event: AuditEvent, now: number): Delivery => ({
  id: deliveryId(webhook, event),
  organizationId: webhook.organizationId,
  webhookId: webhook.id,
  event: { id: event.id, action: event.action },
  payload: JSON.stringify({
    type: event.action,
    timestamp: new Date(event.at).toISOString(),
    data: publicEvent(event),
  }),
  ...firstAttempt(now),
});

const putNew = (table: Table, delivery: Delivery) =>
  put(table, {
    Item: { ...keys.delivery(delivery), ...delivery },
    ConditionExpression: 'attribute_not_exists(pk)',
  });

/** Makes one delivery of an event for each webhook that wants it. A repetition makes no second one. */
export const planDeliveries = async (table: Table, event: AuditEvent, now: number): Promise<void> => {
  const webhooks = (await readOpenWebhooks(table, event.organizationId)).filter((webhook) => wants(webhook, event));
  await Promise.all(webhooks.map((webhook) => putNew(table, deliveryOf(webhook, event, now))));
};

/** A webhook whose target must answer a challenge. */
export type ChallengedWebhook = Pick<Webhook, 'id' | 'organizationId' | 'createdAt'> & { challenge: string };

/** Makes the delivery of a new webhook's challenge. A repetition makes no second one. */
export const planChallenge = async (
  table: Table,
  { id, organizationId, createdAt: at, challenge }: ChallengedWebhook,
  now: number,
): Promise<void> => {
  const webhook = { organizationId, id };
  await putNew(table, {
    ...ownMessage(webhook, 'webhook.challenge', { at, more: { challenge } }),
    id: deliveryId(webhook, { id: 'webhook.challenge', at }),
    ...firstAttempt(now),
  });
};

/** Makes a delivery that tests a webhook's target. */
export const planTest = async (table: Table, webhook: WebhookName, now: number): Promise<Delivery> => {
  const delivery: Delivery = {
    ...ownMessage(webhook, 'webhook.test', { at: now }),
    id: deliveryId(webhook, { id: randomUUID(), at: now }),
    ...firstAttempt(now),
  };
  await putNew(table, delivery);
  return delivery;
};

/** Returns a message about a webhook itself. `at`: epoch ms. */
const ownMessage = (
  { id: webhookId, organizationId }: WebhookName,
  action: 'webhook.challenge' | 'webhook.test',
  { at, more }: { at: number; more?: object },
) => ({
  organizationId,
  webhookId,
  event: { id: webhookId, action },
  payload: JSON.stringify({
    type: action,
    timestamp: new Date(at).toISOString(),
    data: { organizationId, webhookId },
    ...more,
  }),
});

/**
 * Notes a target's answer to an attempt: delivered, parked (after the last attempt, or if the target is gone), or to be tried
 * again. If another attempt has begun since, only an acceptance is noted.
 */
export const noteAnswer = async (
  table: Table,
  { attempts, ...delivery }: Delivery,
  answer: TargetAnswer,
  now: number,
): Promise<'delivered' | 'failed' | 'parked'> => {
  const taken = isTaken(answer);
  const settled = taken ? 'delivered' : attempts >= maxAttempts || isGone(answer) ? 'parked' : undefined;
  await noteAttempt(table, keys.delivery(delivery), attempts, { answer, settled, reached: taken, now });
  return settled ?? 'failed';
};

/** Restarts a delivery, by hand. Returns undefined if there is no such delivery. */
export const redeliver = async (table: Table, name: DeliveryName, now: number): Promise<Delivery | undefined> => {
  const { done, item } = await update(table, {
    Key: keys.delivery(name),
    UpdateExpression:
      'SET #status = :pending, attempts = :none, nextAttemptAt = :now, queuedAt = :now REMOVE settledAt',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':pending': 'pending', ':none': 0, ':now': now },
  });
  return done ? item : undefined;
};

/** Returns a page of a webhook's deliveries, newest events first. */
export const listDeliveries = (
  table: Table,
  webhook: WebhookName,
  { status, ...options }: PageRequest & { status?: DeliveryStatus },
): Promise<Page<Delivery>> =>
  readFiltered(
    (after) => readPage(table, ranges.deliveries(webhook), { limit: 100, after, backwards: true }),
    (deliveries) => deliveries.filter((delivery) => status === undefined || delivery.status === status),
    keys.delivery,
    { ...options, most: 2000 },
  );
