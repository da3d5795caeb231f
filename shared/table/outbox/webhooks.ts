import { createHmac, randomBytes } from 'node:crypto';
import { defaultLimits } from '../../contracts/schemas/limits.ts';
import { retentionMs } from '../../domain/outbox/retry-schedule.ts';
import { isOpen, type Webhook } from '../../domain/outbox/webhook.ts';
import { newId } from '../../ids.ts';
import { joinList } from '../items/limit-counters.ts';
import { makeThing } from '../items/pending-things.ts';
import { updateUnderAuthority } from '../store/authority.ts';
import { readFiltered } from '../store/filtered-page.ts';
import { keys, type LimitList, type Page, type PageRequest, ranges, type WebhookName } from '../store/keys.ts';
import { currentSecret } from '../store/purpose-secrets.ts';
import { base36, hashOf } from '../store/secrets.ts';
import { getItem, readAll, readPage, remove, type Table, update } from '../store/table.ts';

/** How long a removed webhook is kept, ms: as long as its settled deliveries. */
export const removedForMs = retentionMs;

/** Reads the webhooks of an organization that get messages. */
export const readOpenWebhooks = async (table: Table, organizationId: string): Promise<Webhook[]> => {
  const webhooks = await readAll(table, ranges.webhooks(organizationId));
  return webhooks.filter(isOpen);
};

/** The organizations without a list of webhooks that had no webhook: a new webhook makes the list. */
const without = new Set<string>();

/**
 * Returns whether an organization may have webhooks. Earlier releases made webhooks without a list.
 *
 * @param list the organization's list of webhooks, read strongly consistent
 */
export const mayHaveWebhooks = async (
  table: Table,
  organizationId: string,
  list: LimitList | undefined,
): Promise<boolean> => {
  if (list || !without.has(organizationId)) {
    if (list || (await readAll(table, ranges.webhooks(organizationId))).length > 0) return true;
    if (without.size >= 10_000) without.clear();
    without.add(organizationId);
  }
  return false;
};

/** Reads a webhook; undefined if it was removed, or is pending. */
export const readWebhook = async (table: Table, name: WebhookName): Promise<Webhook | undefined> => {
  const webhook = await getItem(table, keys.webhook(name));
  return webhook && isLive(webhook) ? webhook : undefined;
};

const isLive = ({ removedAt, pending }: Webhook) => removedAt === undefined && pending === undefined;

/**
 * Creates a webhook. With an idempotency key, which gives the webhook its id, the same request again returns the same webhook.
 *
 * @param options.most the organization's maximum of webhooks: the service sends each event to all of them
 * @returns `other` if the idempotency key was used for another request, `too-many` if the organization has its maximum,
 *   `same-target` if another webhook of the organization has this target
 * @throws Contended if others were in the way for too long
 */
export const createWebhook = async (
  table: Table,
  request: Pick<Webhook, 'organizationId' | 'url' | 'events'>,
  {
    idempotencyKey,
    createdBy,
    most = defaultLimits.webhooks,
    now,
  }: { idempotencyKey?: string; createdBy: string; most?: number; now: number },
): Promise<{ outcome: 'created' | 'same-target'; webhook: Webhook } | { outcome: 'other' | 'too-many' }> => {
  const { organizationId } = request;
  const id = idempotencyKey
    ? `whk_${base36(await digestOf(table, `webhook-id\n${organizationId}\n${createdBy}\n${idempotencyKey}`))}`
    : newId('whk');
  const { version: derivedFrom } = await currentSecret(table, 'webhooks');
  const challenge = randomBytes(24).toString('base64url');
  const webhook: Webhook = { ...request, id, createdAt: now, challenge, secretVersion: 1, derivedFrom };
  const made = await makeThing(table, keys.webhook(webhook), {
    thing: webhook,
    isSame: (before) =>
      before.url === request.url &&
      JSON.stringify(before.events) === JSON.stringify(request.events) &&
      before.removedAt === undefined &&
      before.secretVersion === 1,
    join: () =>
      joinList(table, keys.listOfWebhooks(organizationId), {
        id,
        name: targetName(webhook),
        value: most,
        nameOf: targetName,
        // The former release listed a webhook by its URL's text.
        readsFirst: true,
        readThings: async () =>
          (await readAll(table, ranges.webhooks(organizationId))).filter(({ removedAt }) => removedAt === undefined),
      }),
  });
  switch (made.outcome) {
    case 'made':
      return { outcome: 'created', webhook: made.thing };
    case 'full':
      return made.same ? { outcome: 'same-target', webhook: made.same } : { outcome: 'too-many' };
    case 'other':
      return { outcome: 'other' };
  }
};

/** Returns a target's name on the list of targets, the same for each spelling: the URL is long and may be secret. */
const targetName = ({ url }: Pick<Webhook, 'url'>) => {
  const { origin, pathname, search } = new URL(url);
  return hashOf(origin + pathname + search);
};

const digestOf = async (table: Table, text: string): Promise<Buffer> =>
  createHmac('sha256', (await currentSecret(table, 'names')).bytes)
    .update(text)
    .digest();

/** Returns a page of an organization's webhooks that were not removed. */
export const listWebhooks = (table: Table, organizationId: string, options: PageRequest): Promise<Page<Webhook>> =>
  readFiltered(
    (after) => readPage(table, ranges.webhooks(organizationId), { limit: 100, after }),
    (webhooks) => webhooks.filter(isLive),
    keys.webhook,
    { ...options, most: 1000 },
  );

/**
 * Confirms a webhook by its challenge: the webhook gets the events from now on. A repetition changes nothing. Its target can
 * confirm it, too, so this gives nobody more than the webhook's making gave.
 *
 * @returns `other` if the challenge is wrong
 */
export const confirmWebhook = async (
  table: Table,
  name: WebhookName,
  challenge: string,
  now: number,
): Promise<{ outcome: 'confirmed'; webhook: Webhook } | { outcome: 'missing' | 'other' }> => {
  const { done } = await updateUnderAuthority(table, {
    Key: keys.webhook(name),
    UpdateExpression: 'SET confirmedAt = if_not_exists(confirmedAt, :now)',
    ConditionExpression: 'challenge = :challenge AND attribute_not_exists(removedAt)',
    ExpressionAttributeValues: { ':now': now, ':challenge': challenge },
  });
  const webhook = await readWebhook(table, name);
  if (!webhook) return { outcome: 'missing' };
  return done ? { outcome: 'confirmed', webhook } : { outcome: 'other' };
};

/** Removes a webhook. A repetition changes nothing. */
export const removeWebhook = async (table: Table, name: WebhookName, now: number): Promise<'removed' | 'missing'> => {
  const { done } = await updateUnderAuthority(table, {
    Key: keys.webhook(name),
    UpdateExpression: 'SET removedAt = if_not_exists(removedAt, :now)',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':now': now },
  });
  return done ? 'removed' : 'missing';
};

/** Deletes a webhook that was removed long enough ago. Its ID may be that of a webhook made anew since: that one stays. */
export const deleteWebhook = async (table: Table, name: WebhookName, now: number): Promise<void> => {
  await remove(table, {
    Key: keys.webhook(name),
    ConditionExpression: 'removedAt <= :until',
    ExpressionAttributeValues: { ':until': now - removedForMs },
  });
};

/** Notes that a webhook's target is gone: the service sends nothing more to it. */
export const disableWebhook = async (table: Table, name: WebhookName, now: number): Promise<void> => {
  await update(table, {
    Key: keys.webhook(name),
    UpdateExpression: 'SET disabledAt = if_not_exists(disabledAt, :now)',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':now': now },
  });
};
