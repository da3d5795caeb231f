import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { AuditEvent } from '../../shared/domain/audit.ts';
import { mostAttempts } from '../../shared/domain/retry-schedule.ts';
import { type Delivery, signingVersions, type TargetAnswer, type Webhook } from '../../shared/domain/webhook.ts';
import { AttemptOrder, deliver, orderOf } from '../../shared/outbound/deliver-webhook.ts';
import { beginAttempt, listDeliveries, planDeliveries } from '../../shared/table/outbox/deliveries.ts';
import { createWebhook, readOpenWebhooks, removeWebhook, rotateSecret } from '../../shared/table/outbox/webhooks.ts';
import { keys } from '../../shared/table/store/keys.ts';
import { readItems } from '../../shared/table/store/table.ts';
import { collectOrders } from './collected-orders.ts';
import { createPool } from './database.ts';
import { losingAnswers } from './lost-answers.ts';

const { feed, orders } = await collectOrders('WEBHOOK_QUEUE_URL', AttemptOrder);
const { table, settle } = feed;

const minute = 60_000;
const day = 86_400_000;
let made = 0;

/** A new organization with one webhook, and what can be done with an event for it. */
const open = async (events = ['*']) => {
  const { organizationId } = await createPool(table);
  const request = { organizationId, url: 'https://hooks.example.com/', events };
  const created = await createWebhook(table, request, { createdBy: 'usr_a', now: Date.now() });
  if (created.outcome !== 'created') throw new Error(created.outcome);
  const { webhook } = created;
  const event: AuditEvent = {
    id: `event-${++made}`,
    at: Date.now(),
    organizationId,
    action: 'license.refused',
    actor: 'api-key#key_a#usr_a',
    target: { type: 'activation', id: 'build-4711' },
    product: 'KRE',
    details: { reason: 'license-quota', quota: 10 },
  };
  const all = async (): Promise<Delivery[]> => (await listDeliveries(table, webhook, { limit: 200 })).deliveries;
  const one = async (): Promise<Delivery> => (await all()).find((delivery) => delivery.event.id === event.id)!;
  /** The orders that came out of the queue for the event. */
  const ordered = async () => {
    const { id } = await one();
    return orders.filter(({ deliveryId }) => deliveryId === id);
  };
  return { webhook, organizationId, event, all, one, ordered };
};
const answering = (answer: TargetAnswer) => vi.fn(async () => answer);
const attempt = (order: AttemptOrder, answer: TargetAnswer, now = Date.now()) =>
  deliver(table, order, { post: answering(answer), now });

/** Lets the schedule run at a time, over and over, until something is so: the stream may have to tell it first. */
const settleUntil = async (now: number, check: () => Promise<void>) =>
  vi.waitFor(
    async () => {
      await settle(now);
      await check();
    },
    { timeout: 20_000, interval: 100 },
  );

describe('from a change to its delivery', () => {
  it('what happens goes to each webhook that wants it, once, and to the queue', async () => {
    const { organizationId, webhook } = await open(['webhook.removed']);
    const request = { organizationId, url: 'https://two.example.com/', events: ['api-key.*'] };
    const second = await createWebhook(table, request, { createdBy: 'usr_a', now: Date.now() });
    if (second.outcome !== 'created') throw new Error(second.outcome);
    const now = Date.now();
    await removeWebhook(table, second.webhook, now);

    const deliveries = async (to: Webhook) => (await listDeliveries(table, to, { limit: 10 })).deliveries;
    await vi.waitFor(async () => expect(await deliveries(webhook)).toHaveLength(1), { timeout: 20_000 });
    const [delivery] = await deliveries(webhook);
    expect(JSON.parse(delivery!.payload)).toEqual({
      type: 'webhook.removed',
      timestamp: new Date(now).toISOString(),
      data: {
        id: delivery!.event.id,
        at: new Date(now).toISOString(),
        organizationId,
        action: 'webhook.removed',
        actor: { type: 'service', id: 'tests' },
        target: { type: 'webhook', id: second.webhook.id },
        details: { host: 'two.example.com', events: ['api-key.*'] },
      },
    });
    await vi.waitFor(() => expect(orders).toContainEqual(orderOf(delivery!)), { timeout: 20_000 });
    expect(await deliveries(second.webhook)).toEqual([]);
  });
  it('an event that is told many times, also at once, is one delivery, and its payload never changes', async () => {
    const { event, all } = await open(['license.*']);
    await Promise.all([1, 2, 3].map(() => planDeliveries(table, event, Date.now())));
    const [before] = await all();
    await attempt(orderOf(before!), { status: 200 });
    await planDeliveries(table, event, Date.now() + minute);
    expect(await all()).toMatchObject([{ id: before!.id, payload: before!.payload, status: 'delivered' }]);
  });
  it('an event of another organization is nothing to it', async () => {
    const [ours, theirs] = [await open(['license.*']), await open(['license.*'])];
    await planDeliveries(table, theirs.event, Date.now());
    expect(await ours.all()).toEqual([]);
  });
});

describe('attempts', () => {
  it('an order that comes many times at once is one attempt', async () => {
    const { event, one } = await open(['license.*']);
    await planDeliveries(table, event, Date.now());
    const order = orderOf(await one());
    const post = answering({ status: 200 });
    await Promise.all([1, 2, 3, 4].map(() => deliver(table, order, { post, now: Date.now() })));
    expect(post).toHaveBeenCalledTimes(1);
    expect(await one()).toMatchObject({ status: 'delivered', attempts: 1 });
  });
  it('after a failure the next one comes at its time, not before', async () => {
    const { event, one, ordered } = await open(['license.*']);
    await planDeliveries(table, event, Date.now());
    expect(await attempt(orderOf(await one()), { status: 503 })).toBe('failed');
    const { nextAttemptAt } = await one();
    expect(nextAttemptAt - Date.now()).toBeGreaterThan(50_000);
    await settle(nextAttemptAt - 1);
    expect((await ordered()).filter(({ attempts }) => attempts === 1)).toEqual([]);
    await settleUntil(nextAttemptAt, async () => expect(await ordered()).toContainEqual(orderOf(await one())));
    expect(await attempt(orderOf(await one()), { status: 204 }, nextAttemptAt)).toBe('delivered');
  });
  it('an attempt whose beginning is answered only to the SDK’s second try is sent, also if it is the last', async () => {
    const { event, one } = await open(['license.*']);
    await planDeliveries(table, event, Date.now());
    for (let attempts = 0; attempts < mostAttempts - 1; attempts++)
      await beginAttempt(table, await one(), { attempts, now: Date.now() });
    const by = losingAnswers(feed.database);
    expect(await deliver(by, orderOf(await one()), { post: answering({ status: 200 }), now: Date.now() })).toBe(
      'delivered',
    );
    expect(await one()).toMatchObject({ status: 'delivered', attempts: mostAttempts });
  });
  it('a sender that dies while it sends does not keep the event from being sent again', async () => {
    const { event, one, ordered } = await open(['license.*']);
    await planDeliveries(table, event, Date.now());
    const post = () => Promise.reject(new Error('died'));
    await expect(deliver(table, orderOf(await one()), { post, now: Date.now() })).rejects.toThrow('died');
    const { nextAttemptAt } = await one();
    await settleUntil(nextAttemptAt, async () => expect(await ordered()).toContainEqual(orderOf(await one())));
    expect(await attempt(orderOf(await one()), { status: 200 })).toBe('delivered');
  });
  it('an order that the queue lost is given again after five minutes', async () => {
    const { event, one, ordered } = await open(['license.*']);
    await planDeliveries(table, event, Date.now());
    await vi.waitFor(async () => expect(await ordered()).toHaveLength(1), { timeout: 20_000 });
    const { queuedAt } = await one();
    await settle(queuedAt + 4 * minute);
    expect((await one()).queuedAt).toBe(queuedAt);
    await settleUntil(queuedAt + 5 * minute, async () => expect((await one()).queuedAt).toBeGreaterThan(queuedAt));
    await vi.waitFor(async () => expect(await ordered()).toHaveLength(2), { timeout: 20_000 });
  });
  it('after ten in a day it is parked, and stays so', async () => {
    const { event, one, webhook } = await open(['license.*']);
    await planDeliveries(table, event, Date.now());
    let now = Date.now();
    for (let tries = 1; tries <= mostAttempts; tries++) {
      const delivery = await one();
      expect(delivery.status).toBe('pending');
      now = delivery.nextAttemptAt;
      await attempt(orderOf(delivery), { error: 'ECONNREFUSED' }, now);
    }
    expect(now - event.at).toBeLessThan(1.1 * day);
    expect(now - event.at).toBeGreaterThan(0.9 * day);
    expect(await one()).toMatchObject({
      status: 'parked',
      attempts: mostAttempts,
      lastAnswer: { error: 'ECONNREFUSED' },
    });
    expect(await attempt(orderOf(await one()), { status: 200 })).toBe('not-due');
    // Others are sent as ever.
    expect(await readOpenWebhooks(table, webhook.organizationId)).toHaveLength(1);
  });
  it('one whose last sender died is parked by the schedule', async () => {
    const { event, one } = await open(['license.*']);
    await planDeliveries(table, event, Date.now());
    for (let attempts = 0; attempts < mostAttempts; attempts++)
      await beginAttempt(table, await one(), { attempts, now: Date.now() });
    const { nextAttemptAt } = await one();
    await settleUntil(nextAttemptAt, async () => expect((await one()).status).toBe('parked'));
  });
  it('what a target took is delivered, also if the answer comes after the next attempt began', async () => {
    const { event, one } = await open(['license.*']);
    await planDeliveries(table, event, Date.now());
    const post = async () => {
      await beginAttempt(table, await one(), { attempts: 1, now: Date.now() });
      return { status: 200 };
    };
    await deliver(table, orderOf(await one()), { post, now: Date.now() });
    expect(await one()).toMatchObject({ status: 'delivered', attempts: 2 });
  });
  it('a late failure does not undo what a later attempt achieved', async () => {
    const { event, one } = await open(['license.*']);
    await planDeliveries(table, event, Date.now());
    const post = async () => {
      await attempt(orderOf(await one()), { status: 200 });
      return { status: 500 };
    };
    await deliver(table, orderOf(await one()), { post, now: Date.now() });
    expect(await one()).toMatchObject({ status: 'delivered', attempts: 2, lastAnswer: { status: 200 } });
  });
});

describe('a rotation of the secret', () => {
  it('is one, also if its answer is lost and the SDK tries it again', async () => {
    const { webhook } = await open();
    const formerSecretUntil = Date.now() + day;
    const losing = losingAnswers(feed.database, (name) => name === 'TransactWriteItems');
    const rotated = (await rotateSecret(losing, webhook, { formerSecretUntil })) as Webhook;
    expect(signingVersions(rotated, Date.now())).toEqual([webhook.secretVersion + 1, webhook.secretVersion]);
    const again = (await rotateSecret(table, webhook, { formerSecretUntil })) as Webhook;
    expect(signingVersions(again, Date.now())).toEqual([webhook.secretVersion + 2, webhook.secretVersion + 1]);
  });
});

describe('a target that is gone', () => {
  it('gets nothing more: neither new events nor those that wait', async () => {
    const { event, one, all, webhook } = await open(['license.*']);
    const waiting = { ...event, id: `event-${++made}` };
    await planDeliveries(table, event, Date.now());
    await planDeliveries(table, waiting, Date.now());
    expect(await attempt(orderOf(await one()), { status: 410 })).toBe('parked');
    const other = (await all()).find((delivery) => delivery.event.id === waiting.id)!;
    const post = answering({ status: 200 });
    expect(await deliver(table, orderOf(other), { post, now: Date.now() })).toBe('parked');
    expect(post).not.toHaveBeenCalled();
    await planDeliveries(table, { ...event, id: `event-${++made}` }, Date.now());
    expect((await all()).map(({ status }) => status)).toEqual(['parked', 'parked']);
    const { organizationId } = webhook;
    expect(await readOpenWebhooks(table, organizationId)).toEqual([]);
  });
});

describe('what is kept', () => {
  it('a delivery for 30 days after it was settled, a removed webhook too', async () => {
    const { event, one, webhook } = await open(['license.*']);
    await planDeliveries(table, event, Date.now());
    const now = Date.now();
    await attempt(orderOf(await one()), { status: 200 }, now);
    await removeWebhook(table, webhook, now);
    const kept = async () => {
      const found = await readItems(table, [keys.webhook(webhook)]);
      return [await one(), [...found.values()][0] as unknown as Webhook | undefined];
    };
    await sleep(500);
    await settle(now + 30 * day - 1);
    expect(await kept()).toMatchObject([{ status: 'delivered' }, { removedAt: now }]);
    await settleUntil(now + 30 * day, async () => expect(await kept()).toEqual([undefined, undefined]));
  });
});
