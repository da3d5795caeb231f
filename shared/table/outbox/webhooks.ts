import { createHmac, randomBytes } from 'node:crypto';
import { DeleteCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import { keptMs } from '../../domain/retry-schedule.ts';
import { isOpen, type Webhook } from '../../domain/webhook.ts';
import { newId } from '../../ids.ts';
import { readFiltered } from '../store/filtered-page.ts';
import { keys, type Position, ranges, type WebhookName } from '../store/keys.ts';
import { base36, hashOf } from '../store/secrets.ts';
import { serviceSecret } from '../store/service-secret.ts';
import { put, readAll, readPage, type Table, update } from '../store/table.ts';

/** How many webhooks an organization may have: each event is sent to all of them. */
export const mostWebhooks = 20;

/** For how long a removed webhook is remembered, ms: as its deliveries are, once they are settled. */
export const removedForMs = keptMs;

/** The webhooks of an organization that something is sent to. */
export const readOpenWebhooks = async (table: Table, organizationId: string): Promise<Webhook[]> => {
  const webhooks = (await readAll(table, ranges.webhooks(organizationId))) as unknown as Webhook[];
  return webhooks.filter(isOpen);
};

/** A webhook that was not removed. */
export const readWebhook = async (table: Table, name: WebhookName): Promise<Webhook | undefined> => {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.webhook(name), ConsistentRead: true }),
  );
  return Item?.removedAt === undefined ? (Item as Webhook | undefined) : undefined;
};

/**
 * Creates a webhook. With an idempotency key, the same request again gets the same one: its id is then derived from it.
 *
 * @returns `other` if the idempotency key was used for another request, `too-many` if the organization has its most.
 *   (Several at once may come out above that: it bounds what an event costs, and nothing depends on it.)
 */
export const createWebhook = async (
  table: Table,
  request: Pick<Webhook, 'organizationId' | 'url' | 'events'>,
  { idempotencyKey, createdBy, now }: { idempotencyKey?: string; createdBy: string; now: number },
): Promise<{ outcome: 'created'; webhook: Webhook } | { outcome: 'other' | 'too-many' }> => {
  const { organizationId } = request;
  const id = idempotencyKey
    ? `whk_${base36(await digestOf(table, ['webhook-id', organizationId, createdBy, idempotencyKey]))}`
    : newId('whk');
  const present = await readAll(table, ranges.webhooks(organizationId));
  const others = (present as unknown as Webhook[]).filter((webhook) => webhook.id !== id);
  if (others.filter(({ removedAt }) => removedAt === undefined).length >= mostWebhooks) return { outcome: 'too-many' };

  const webhook: Webhook = { ...request, id, createdAt: now, secretVersion: 1 };
  const { done, item } = await put(table, {
    Item: { ...keys.webhook(webhook), ...webhook },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  if (done) return { outcome: 'created', webhook };
  const before = item as unknown as Webhook;
  const same =
    before.url === request.url &&
    JSON.stringify(before.events) === JSON.stringify(request.events) &&
    before.removedAt === undefined &&
    before.secretVersion === 1;
  return same ? { outcome: 'created', webhook: before } : { outcome: 'other' };
};

const digestOf = async (table: Table, parts: string[]): Promise<Buffer> =>
  createHmac('sha256', await serviceSecret(table))
    .update(parts.join('\n'))
    .digest();

/** A page of an organization's webhooks that were not removed. */
export const listWebhooks = async (
  table: Table,
  organizationId: string,
  options: { limit: number; after?: Position },
): Promise<{ webhooks: Webhook[]; next?: Position }> => {
  const { items, next } = await readFiltered(
    (after) =>
      readPage(table, ranges.webhooks(organizationId), { limit: 100, after }).then((page) => ({
        items: page.items as unknown as Webhook[],
        next: page.next,
      })),
    (webhooks) => webhooks.filter(({ removedAt }) => removedAt === undefined),
    keys.webhook,
    { ...options, most: 1000 },
  );
  return { webhooks: items, next };
};

/** Removes a webhook; repeating it is harmless. */
export const removeWebhook = async (table: Table, name: WebhookName, now: number): Promise<'removed' | 'missing'> => {
  const { done } = await update(table, {
    Key: keys.webhook(name),
    UpdateExpression: 'SET removedAt = if_not_exists(removedAt, :now)',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':now': now },
  });
  return done ? 'removed' : 'missing';
};

/** Forgets a webhook that was removed. */
export const forgetWebhook = async (table: Table, name: WebhookName): Promise<void> => {
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: keys.webhook(name) }));
};

/**
 * Gives a webhook its next secret; the one before signs too, until `formerSecretUntil`. The same rotation again changes
 * nothing and gives the webhook as it left it: one with the same idempotency key, or one whose answer was lost and that the
 * SDK tries again.
 */
export const rotateSecret = async (
  table: Table,
  name: WebhookName,
  { idempotencyKey, formerSecretUntil }: { idempotencyKey?: string; formerSecretUntil: number },
): Promise<Webhook | undefined> => {
  const rotation = idempotencyKey ? hashOf(idempotencyKey) : randomBytes(16).toString('base64url');
  const { done, item } = await update(table, {
    Key: keys.webhook(name),
    UpdateExpression: 'SET secretVersion = secretVersion + :one, formerSecretUntil = :until, rotation = :rotation',
    ConditionExpression:
      'attribute_exists(pk) AND attribute_not_exists(removedAt) AND (attribute_not_exists(rotation) OR rotation <> :rotation)',
    ExpressionAttributeValues: { ':one': 1, ':until': formerSecretUntil, ':rotation': rotation },
  });
  const webhook = item as unknown as Webhook | undefined;
  if (done) return webhook;
  return webhook && webhook.removedAt === undefined ? webhook : undefined;
};

/** Notes that a webhook's target is gone: nothing is sent to it any more. */
export const disableWebhook = async (table: Table, name: WebhookName, now: number): Promise<void> => {
  await update(table, {
    Key: keys.webhook(name),
    UpdateExpression: 'SET disabledAt = if_not_exists(disabledAt, :now)',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':now': now },
  });
};
