import { createHash } from 'node:crypto';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { encodeTime } from 'ulid';
import type { DeliveryStatus } from '../contracts/schemas/webhook.ts';
import type { AuditEvent } from '../domain/audit.ts';
import { outwardEvent } from '../domain/outward.ts';
import {
  type Delivery,
  isGone,
  isTaken,
  mostAttempts,
  nextAttemptAt,
  type TargetAnswer,
  type Webhook,
  wants,
} from '../domain/webhook.ts';
import { readFiltered } from './filtered.ts';
import { type DeliveryName, keys, type Position, ranges, type WebhookName } from './keys.ts';
import { base36 } from './secrets.ts';
import { put, readPage, remove, type Table, update } from './table.ts';
import { readOpenWebhooks } from './webhooks.ts';

/** For how long a delivery can be seen, and asked for again, after it was settled, ms. */
const keptMs = 30 * 86_400_000;
/** How long after it was asked for an attempt should have begun, ms. */
const queuePatienceMs = 300_000;

/** Sorts by the event's time, and is the same however often the event is told. */
const deliveryId = (webhook: WebhookName, { id, at }: AuditEvent): string => {
  const own = base36(createHash('sha256').update(`delivery\n${webhook.organizationId}\n${webhook.id}\n${id}`).digest());
  return `dlv_${encodeTime(Math.max(0, at), 10).toLowerCase()}${own.slice(0, 16)}`;
};

const deliveryOf = (webhook: Webhook, event: AuditEvent, now: number): Delivery => ({
  id: deliveryId(webhook, event),
  organizationId: webhook.organizationId,
  webhookId: webhook.id,
  event: { id: event.id, action: event.action },
  payload: JSON.stringify({
    type: event.action,
    timestamp: new Date(event.at).toISOString(),
    data: outwardEvent(event),
  }),
  status: 'pending',
  createdAt: now,
  attempts: 0,
  nextAttemptAt: now,
  queuedAt: now,
});

/** Makes one delivery of an event for each webhook that wants it. Doing it again makes no second one. */
export const planDeliveries = async (table: Table, event: AuditEvent, now: number): Promise<void> => {
  const webhooks = (await readOpenWebhooks(table, event.organizationId)).filter((webhook) => wants(webhook, event));
  await Promise.all(
    webhooks.map((webhook) => {
      const delivery = deliveryOf(webhook, event, now);
      return put(table, {
        Item: { ...keys.delivery(delivery), ...delivery },
        ConditionExpression: 'attribute_not_exists(pk)',
      });
    }),
  );
};

/** Whether a change of a delivery asks for an attempt: its first, a further one, or one by hand. */
export const isQueued = (before: Delivery | undefined, after: Delivery): boolean =>
  after.status === 'pending' && before?.queuedAt !== after.queuedAt;

/** When the schedule must look at a delivery: when its next attempt is due, and if one that was asked for is not begun. */
export const lookAtDelivery = (
  delivery: Pick<Delivery, 'status' | 'nextAttemptAt' | 'queuedAt' | 'settledAt'>,
): number => {
  const { status, nextAttemptAt: next, queuedAt, settledAt = 0 } = delivery;
  if (status !== 'pending') return settledAt + keptMs;
  return next > queuedAt ? next : queuedAt + queuePatienceMs;
};

/**
 * Begins an attempt, if it is still the one that was asked for. The next one is planned by this very write: whatever
 * becomes of the sender, the event is sent again.
 *
 * @param attempts how many there were when it was asked for
 */
export const beginAttempt = async (
  table: Table,
  name: DeliveryName,
  { attempts, now, random = Math.random() }: { attempts: number; now: number; random?: number },
): Promise<Delivery | undefined> => {
  const { done, item } = await update(table, {
    Key: keys.delivery(name),
    UpdateExpression: 'SET attempts = attempts + :one, nextAttemptAt = :next',
    ConditionExpression: '#status = :pending AND attempts = :attempts AND attempts < :most',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':one': 1,
      ':next': nextAttemptAt(attempts + 1, now, random),
      ':pending': 'pending',
      ':attempts': attempts,
      ':most': mostAttempts,
    },
  });
  return done ? (item as unknown as Delivery) : undefined;
};

/**
 * Notes what a target answered to an attempt: delivered, parked (after the last one, or if the target is gone), or to be
 * tried again. Of an attempt that another one followed meanwhile nothing is noted, unless the target took it.
 */
export const noteAnswer = async (
  table: Table,
  { attempts, ...delivery }: Delivery,
  answer: TargetAnswer,
  now: number,
): Promise<'delivered' | 'failed' | 'parked'> => {
  const taken = isTaken(answer);
  const settled = taken || attempts >= mostAttempts || isGone(answer);
  await update(table, {
    Key: keys.delivery(delivery),
    UpdateExpression: settled
      ? 'SET lastAnswer = :answer, #status = :settled, settledAt = :now'
      : 'SET lastAnswer = :answer',
    ConditionExpression: taken ? '#status = :pending' : '#status = :pending AND attempts = :attempts',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':answer': { ...answer, at: now },
      ':pending': 'pending',
      ...(settled && { ':settled': taken ? 'delivered' : 'parked', ':now': now }),
      ...(!taken && { ':attempts': attempts }),
    },
  });
  if (taken) return 'delivered';
  return settled ? 'parked' : 'failed';
};

/** Gives a delivery up: its webhook gets nothing any more, or its last attempt never told what became of it. */
export const parkDelivery = async (table: Table, name: DeliveryName, attempts: number, now: number): Promise<void> => {
  await update(table, {
    Key: keys.delivery(name),
    UpdateExpression: 'SET #status = :parked, settledAt = :now',
    ConditionExpression: '#status = :pending AND attempts = :attempts',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: { ':parked': 'parked', ':pending': 'pending', ':attempts': attempts, ':now': now },
  });
};

/** Begins a delivery anew, by hand. */
export const redeliver = async (table: Table, name: DeliveryName, now: number): Promise<Delivery | undefined> => {
  const { done, item } = await update(table, {
    Key: keys.delivery(name),
    UpdateExpression:
      'SET #status = :pending, attempts = :none, nextAttemptAt = :now, queuedAt = :now REMOVE settledAt',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: { ':pending': 'pending', ':none': 0, ':now': now },
  });
  return done ? (item as unknown as Delivery) : undefined;
};

/** A page of what was, or is to be, sent to a webhook: newest events first. */
export const listDeliveries = async (
  table: Table,
  webhook: WebhookName,
  { status, ...options }: { limit: number; after?: Position; status?: DeliveryStatus },
): Promise<{ deliveries: Delivery[]; next?: Position }> => {
  const { items, next } = await readFiltered(
    (after) =>
      readPage(table, ranges.deliveries(webhook), { limit: 100, after, backwards: true }).then((page) => ({
        items: page.items as unknown as Delivery[],
        next: page.next,
      })),
    (deliveries) => deliveries.filter((delivery) => status === undefined || delivery.status === status),
    keys.delivery,
    { ...options, most: 2000 },
  );
  return { deliveries: items, next };
};

/**
 * What the schedule does about a delivery: asks for the attempt that is due, parks what had its last, forgets what was
 * kept for long enough. Each change of a delivery plans its next look, so none is planned here.
 */
export const settleDelivery = async (table: Table, name: DeliveryName, now: number): Promise<void> => {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.delivery(name), ConsistentRead: true }),
  );
  if (!Item) return;
  const delivery = Item as Delivery;
  if (lookAtDelivery(delivery) > now) return;
  if (delivery.status !== 'pending') await forget(table, delivery);
  else if (delivery.attempts >= mostAttempts) await parkDelivery(table, name, delivery.attempts, now);
  else await queueAgain(table, delivery, now);
};

const queueAgain = (table: Table, delivery: Delivery, now: number) =>
  update(table, {
    Key: keys.delivery(delivery),
    UpdateExpression: 'SET queuedAt = :now',
    ConditionExpression: '#status = :pending AND attempts = :attempts AND nextAttemptAt = :next',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':now': now,
      ':pending': 'pending',
      ':attempts': delivery.attempts,
      ':next': delivery.nextAttemptAt,
    },
  });

/** Unless it was asked for again meanwhile. */
const forget = (table: Table, delivery: Delivery) =>
  remove(table, {
    Key: keys.delivery(delivery),
    ConditionExpression: 'settledAt = :settledAt',
    ExpressionAttributeValues: { ':settledAt': delivery.settledAt },
  });
