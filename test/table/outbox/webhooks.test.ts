import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { Webhook as Receiver } from 'standardwebhooks';
import { describe, expect, it, vi } from 'vitest';
import { deliverWebhook, settleDue } from '../../../infra/functions.ts';
import type { AuditEvent } from '../../../shared/domain/history/audit.ts';
import { maxAttempts } from '../../../shared/domain/outbox/retry-schedule.ts';
import {
  type Delivery,
  signingVersions,
  type TargetAnswer,
  type Webhook,
} from '../../../shared/domain/outbox/webhook.ts';
import { DeliveryJob, deliver, deliveryJobOf } from '../../../shared/outbound/deliver-webhook.ts';
import { planDue } from '../../../shared/table/items/due-items.ts';
import { beginAttempt } from '../../../shared/table/outbox/attempts.ts';
import { listDeliveries, planDeliveries, redeliver } from '../../../shared/table/outbox/deliveries.ts';
import { newestSecret, rotateSecret } from '../../../shared/table/outbox/webhook-secrets.ts';
import {
  confirmWebhook,
  createWebhook,
  readOpenWebhooks,
  readWebhook,
  removeWebhook,
} from '../../../shared/table/outbox/webhooks.ts';
import { settleAllDue } from '../../../shared/table/schedule/settle-due.ts';
import { keys, ranges } from '../../../shared/table/store/keys.ts';
import { getItem, put, readAll } from '../../../shared/table/store/table.ts';
import { withGrant } from '../../api/support/grants.ts';
import { eventually } from '../../eventually.ts';
import { coldStart } from '../support/cold-start.ts';
import { collectOrders } from '../support/collected-orders.ts';
import { confirm, createConfirmed } from '../support/confirmed-webhooks.ts';
import { createPool } from '../support/database.ts';
import { losingAnswers } from '../support/requests/lost-answers.ts';

const { feed, orders } = await collectOrders('WEBHOOK_QUEUE_URL', DeliveryJob);
const { table, settle } = feed;

const minute = 60_000;
const day = 86_400_000;
let made = 0;

/** The deliveries of events to a webhook: all but that of its challenge. */
const eventsTo = async (webhook: Webhook): Promise<Delivery[]> =>
  (await listDeliveries(table, webhook, { limit: 200 })).items.filter(
    ({ event }) => event.action !== 'webhook.challenge',
  );

/** A new organization with one webhook, and what can be done with an event for it. */
const open = async (events = ['*']) => {
  const { organizationId } = await createPool(table);
  const request = { organizationId, url: 'https://hooks.example.com/', events };
  const webhook = await createConfirmed(table, request);
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
  const all = () => eventsTo(webhook);
  const one = async (): Promise<Delivery> => (await all()).find((delivery) => delivery.event.id === event.id)!;
  /** The orders that came out of the queue for the event. */
  const ordered = async () => {
    const { id } = await one();
    return orders.filter(({ deliveryId }) => deliveryId === id);
  };
  return { webhook, organizationId, event, all, one, ordered };
};
const answering = (answer: TargetAnswer) => vi.fn(async () => answer);
const attempt = (order: DeliveryJob, answer: TargetAnswer, now = Date.now()) =>
  withGrant(deliverWebhook, () => deliver(table, order, { post: answering(answer), now }));

/** Lets the schedule run at a time, over and over, until something is so: the stream may have to tell it first. */
const settleUntil = async (now: number, check: () => Promise<void>) =>
  eventually(async () => {
    await settle(now);
    await check();
  });

describe('from a change to its delivery', () => {
  it('what happens goes to each webhook that wants it, once, and to the queue', async () => {
    const { organizationId, webhook } = await open(['webhook.removed']);
    const request = { organizationId, url: 'https://two.example.com/', events: ['api-key.*'] };
    const second = await createConfirmed(table, request);
    const now = Date.now();
    await removeWebhook(table, second, now);

    await eventually(async () => expect(await eventsTo(webhook)).toHaveLength(1));
    const [delivery] = await eventsTo(webhook);
    expect(JSON.parse(delivery!.payload)).toEqual({
      type: 'webhook.removed',
      timestamp: new Date(now).toISOString(),
      data: {
        id: delivery!.event.id,
        at: new Date(now).toISOString(),
        organizationId,
        action: 'webhook.removed',
        actor: { type: 'service', id: 'tests' },
        target: { type: 'webhook', id: second.id },
        details: { host: 'two.example.com', events: ['api-key.*'] },
      },
    });
    await eventually(() => expect(orders).toContainEqual(deliveryJobOf(delivery!)));
    expect(await eventsTo(second)).toEqual([]);
  });
  it('a delivery that the queue does not take is told to the stream, which comes back to it', async () => {
    const { event, one } = await open(['license.*']);
    await planDeliveries(table, event, Date.now());
    const { WEBHOOK_QUEUE_URL: queue } = process.env;
    vi.stubEnv('WEBHOOK_QUEUE_URL', 'http://127.0.0.1:9/attempts');
    const { handler } = await coldStart('follow-changes');
    const delivery = await one();
    const NewImage = marshall({ ...keys.delivery(delivery), ...delivery }, { removeUndefinedValues: true });
    const Records = [{ eventID: 'late', dynamodb: { SequenceNumber: '1', NewImage } }];
    const answer = await handler({ Records } as DynamoDBStreamEvent);
    vi.stubEnv('WEBHOOK_QUEUE_URL', queue);
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: '1' }]);
  });
  it('an event that is told many times, also at once, is one delivery, and its payload never changes', async () => {
    const { event, all } = await open(['license.*']);
    await Promise.all([1, 2, 3].map(() => planDeliveries(table, event, Date.now())));
    const [before] = await all();
    await attempt(deliveryJobOf(before!), { status: 200 });
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
    const order = deliveryJobOf(await one());
    const post = answering({ status: 200 });
    await Promise.all([1, 2, 3, 4].map(() => deliver(table, order, { post, now: Date.now() })));
    expect(post).toHaveBeenCalledTimes(1);
    expect(await one()).toMatchObject({ status: 'delivered', attempts: 1 });
  });
  it('after a failure the next one comes at its time, not before', async () => {
    const { event, one, ordered } = await open(['license.*']);
    await planDeliveries(table, event, Date.now());
    const now = Date.now();
    expect(await attempt(deliveryJobOf(await one()), { status: 503 }, now)).toBe('failed');
    const { nextAttemptAt } = await one();
    expect(nextAttemptAt - now).toBeGreaterThan(50_000);
    await settle(nextAttemptAt - 1);
    expect((await ordered()).filter(({ attempts }) => attempts === 1)).toEqual([]);
    await settleUntil(nextAttemptAt, async () => expect(await ordered()).toContainEqual(deliveryJobOf(await one())));
    expect(await attempt(deliveryJobOf(await one()), { status: 204 }, nextAttemptAt)).toBe('delivered');
  });
  it('an attempt whose beginning is answered only to the SDK’s second try is sent, also if it is the last', async () => {
    const { event, one } = await open(['license.*']);
    await planDeliveries(table, event, Date.now());
    for (let attempts = 0; attempts < maxAttempts - 1; attempts++)
      await beginAttempt(table, keys.delivery(await one()), { attempts, now: Date.now() });
    const by = losingAnswers(feed.database);
    expect(await deliver(by, deliveryJobOf(await one()), { post: answering({ status: 200 }), now: Date.now() })).toBe(
      'delivered',
    );
    expect(await one()).toMatchObject({ status: 'delivered', attempts: maxAttempts });
  });
  it('a sender that dies while it sends does not keep the event from being sent again', async () => {
    const { event, one, ordered } = await open(['license.*']);
    await planDeliveries(table, event, Date.now());
    const post = () => Promise.reject(new Error('died'));
    await expect(deliver(table, deliveryJobOf(await one()), { post, now: Date.now() })).rejects.toThrow('died');
    const { nextAttemptAt } = await one();
    await settleUntil(nextAttemptAt, async () => expect(await ordered()).toContainEqual(deliveryJobOf(await one())));
    expect(await attempt(deliveryJobOf(await one()), { status: 200 })).toBe('delivered');
  });
  it('an order that the queue lost is given again after five minutes', async () => {
    const { event, one, ordered } = await open(['license.*']);
    await planDeliveries(table, event, Date.now());
    await eventually(async () => expect(await ordered()).toHaveLength(1));
    const { queuedAt } = await one();
    await settle(queuedAt + 4 * minute);
    expect((await one()).queuedAt).toBe(queuedAt);
    await settleUntil(queuedAt + 5 * minute, async () => expect((await one()).queuedAt).toBeGreaterThan(queuedAt));
    await eventually(async () => expect(await ordered()).toHaveLength(2));
  });
  it('after ten in a day it is parked, and stays so', async () => {
    const { event, one, webhook } = await open(['license.*']);
    await planDeliveries(table, event, Date.now());
    let now = Date.now();
    for (let tries = 1; tries <= maxAttempts; tries++) {
      const delivery = await one();
      expect(delivery.status).toBe('pending');
      now = delivery.nextAttemptAt;
      await attempt(deliveryJobOf(delivery), { error: 'ECONNREFUSED' }, now);
    }
    expect(now - event.at).toBeLessThan(1.1 * day);
    expect(now - event.at).toBeGreaterThan(0.9 * day);
    expect(await one()).toMatchObject({
      status: 'parked',
      attempts: maxAttempts,
      lastAnswer: { error: 'ECONNREFUSED' },
    });
    expect(await attempt(deliveryJobOf(await one()), { status: 200 })).toBe('not-due');
    // Others are sent as ever.
    expect(await readOpenWebhooks(table, webhook.organizationId)).toHaveLength(1);
  });
  it('one whose last sender died is parked by the schedule', async () => {
    const { event, one } = await open(['license.*']);
    await planDeliveries(table, event, Date.now());
    for (let attempts = 0; attempts < maxAttempts; attempts++)
      await beginAttempt(table, keys.delivery(await one()), { attempts, now: Date.now() });
    const { nextAttemptAt } = await one();
    await settleUntil(nextAttemptAt, async () => expect((await one()).status).toBe('parked'));
  });
  it('what a target took is delivered, also if the answer comes after the next attempt began', async () => {
    const { event, one } = await open(['license.*']);
    await planDeliveries(table, event, Date.now());
    const post = async () => {
      await beginAttempt(table, keys.delivery(await one()), { attempts: 1, now: Date.now() });
      return { status: 200 };
    };
    await deliver(table, deliveryJobOf(await one()), { post, now: Date.now() });
    expect(await one()).toMatchObject({ status: 'delivered', attempts: 2 });
  });
  it('a late failure does not undo what a later attempt achieved', async () => {
    const { event, one } = await open(['license.*']);
    await planDeliveries(table, event, Date.now());
    const post = async () => {
      await attempt(deliveryJobOf(await one()), { status: 200 });
      return { status: 500 };
    };
    await deliver(table, deliveryJobOf(await one()), { post, now: Date.now() });
    expect(await one()).toMatchObject({ status: 'delivered', attempts: 2, lastAnswer: { status: 200 } });
  });
});

describe('the challenge of a new webhook', () => {
  /** A new webhook that nobody has confirmed, and the order to send its challenge. */
  const challenging = async (events = ['*']) => {
    const { organizationId } = await createPool(table);
    const request = { organizationId, url: 'https://hooks.example.com/', events };
    const created = await createWebhook(table, request, { createdBy: 'usr_a', now: Date.now() });
    if (created.outcome !== 'created') throw new Error(created.outcome);
    const { webhook } = created;
    const all = async () => (await listDeliveries(table, webhook, { limit: 200 })).items;
    await eventually(async () => expect(await all()).toHaveLength(1));
    const one = async () => (await all()).find(({ event }) => event.action === 'webhook.challenge')!;
    const current = async () => (await readWebhook(table, webhook))!;
    const event = (at: number): AuditEvent => ({
      id: `event-${++made}`,
      at,
      organizationId,
      action: 'license.refused',
      actor: 'api-key#key_a#usr_a',
      target: { type: 'activation', id: 'build-4711' },
      details: {},
    });
    const { challenge } = webhook;
    return { webhook, organizationId, all, one, current, event, challenge: challenge! };
  };
  const answer = (order: DeliveryJob, body: string | undefined, now = Date.now()) =>
    deliver(table, order, { post: async () => ({ status: 200, ...(body !== undefined && { body }) }), now });

  it('is sent like an event, signed, once, and is another for each webhook', async () => {
    const [first, second] = [await challenging(), await challenging()];
    const { one, webhook, organizationId, challenge } = first;
    expect(challenge).not.toBe(second.challenge);
    await eventually(async () => expect(orders).toContainEqual(deliveryJobOf(await one())));
    const post = vi.fn(async (_: string, sent: { headers: Record<string, string>; body: string }) => {
      const secret = await newestSecret(table, webhook);
      expect(new Receiver(secret).verify(sent.body, sent.headers)).toEqual({
        type: 'webhook.challenge',
        timestamp: new Date(webhook.createdAt).toISOString(),
        data: { organizationId, webhookId: webhook.id },
        challenge,
      });
      return { status: 200, body: challenge };
    });
    const order = deliveryJobOf(await one());
    await Promise.all([1, 2, 3].map(() => deliver(table, order, { post, now: Date.now() })));
    expect(post).toHaveBeenCalledTimes(1);
    expect(await one()).toMatchObject({ status: 'delivered', attempts: 1 });
    expect((await first.current()).confirmedAt).toBeTypeOf('number');
    expect((await second.current()).confirmedAt).toBeUndefined();
  });
  it('once answered, brings the events from then on, and none from before, however late it is told', async () => {
    const { one, all, event, challenge, current } = await challenging();
    const before = event(Date.now() - 5000);
    await planDeliveries(table, before, Date.now());
    expect(await all()).toHaveLength(1);
    expect(await answer(deliveryJobOf(await one()), `${challenge}\n`)).toBe('delivered');
    await planDeliveries(table, before, Date.now());
    const after = event((await current()).confirmedAt!);
    await planDeliveries(table, after, Date.now());
    const told = (await all()).map(({ event: { id, action } }) => (action === 'license.refused' ? id : action));
    expect(told).toContain(after.id);
    expect(told).not.toContain(before.id);
    // The webhook also wants events of webhooks: its own confirmation is the first.
    await eventually(async () =>
      expect((await all()).map(({ event: { action } }) => action)).toContain('webhook.confirmed'),
    );
    expect((await all()).map(({ event: { action } }) => action)).not.toContain('webhook.created');
  });
  it.each([undefined, '', 'ok', '{"challenge":"another"}', '{"ok":true}', 'null'])(
    'is tried again like any delivery when a 2xx says %j instead, and may be sent again by hand',
    async (body) => {
      const { one, event, all, current, challenge } = await challenging();
      expect(await answer(deliveryJobOf(await one()), body)).toBe('failed');
      expect(await one()).toMatchObject({
        status: 'pending',
        attempts: 1,
        lastAnswer: { status: 200, error: 'CHALLENGE_NOT_ANSWERED' },
      });
      await planDeliveries(table, event(Date.now()), Date.now());
      expect(await all()).toHaveLength(1);
      expect((await current()).confirmedAt).toBeUndefined();
      const again = await redeliver(table, await one(), Date.now());
      expect(await answer(deliveryJobOf(again!), JSON.stringify({ challenge }))).toBe('delivered');
      expect((await current()).confirmedAt).toBeTypeOf('number');
    },
  );
  it('that is only echoed confirms nothing', async () => {
    const { one, current } = await challenging();
    const post = async (_: string, { body }: { body: string }) => ({ status: 200, body });
    expect(await deliver(table, deliveryJobOf(await one()), { post, now: Date.now() })).toBe('failed');
    expect((await current()).confirmedAt).toBeUndefined();
  });
  it('is answered by a 2xx alone: a refusal that has it confirms nothing', async () => {
    const { one, current, challenge } = await challenging();
    const post = async () => ({ status: 403, body: challenge });
    expect(await deliver(table, deliveryJobOf(await one()), { post, now: Date.now() })).toBe('failed');
    expect((await current()).confirmedAt).toBeUndefined();
  });
  it('is delivered by any 2xx once somebody confirmed it by hand', async () => {
    const { one, webhook, current } = await challenging();
    const { confirmedAt } = await confirm(table, webhook);
    expect(await answer(deliveryJobOf(await one()), '')).toBe('delivered');
    expect((await current()).confirmedAt).toBe(confirmedAt);
  });
  it('confirms nothing that was removed meanwhile', async () => {
    const { one, webhook, challenge } = await challenging();
    const post = async () => {
      await removeWebhook(table, webhook, Date.now());
      return { status: 200, body: challenge };
    };
    await deliver(table, deliveryJobOf(await one()), { post, now: Date.now() });
    const item = await getItem(table, keys.webhook(webhook));
    expect(item).not.toHaveProperty('confirmedAt');
  });
  it('is noted once, also if its answer comes twice, or DynamoDB’s is lost', async () => {
    const { webhook, current, challenge } = await challenging();
    const confirmed = await confirmWebhook(losingAnswers(feed.database), webhook, challenge, 1000);
    expect(confirmed).toMatchObject({ outcome: 'confirmed', webhook: { confirmedAt: 1000 } });
    expect(await confirmWebhook(table, webhook, challenge, 2000)).toEqual(confirmed);
    expect(await confirmWebhook(table, webhook, 'another', 2000)).toEqual({ outcome: 'other' });
    expect((await current()).confirmedAt).toBe(1000);
  });
  it('is not asked of a webhook that was made before there was one: it gets events as ever', async () => {
    const { organizationId, webhook } = await open(['license.*']);
    const { challenge: _, confirmedAt: __, ...old } = webhook;
    await put(table, { Item: { ...keys.webhook(webhook), ...old } });
    await planDeliveries(table, { ...(await challenging()).event(Date.now()), organizationId }, Date.now());
    expect(await eventsTo(webhook)).toHaveLength(1);
  });
});
const versionsOf = (webhook: Webhook) => signingVersions(webhook, Date.now()).map(({ secretVersion }) => secretVersion);

describe('a rotation of the secret', () => {
  it('is one, also if its answer is lost and the SDK tries it again', async () => {
    const { webhook } = await open();
    const formerSecretUntil = Date.now() + day;
    const losing = losingAnswers(feed.database, (name) => name === 'UpdateItem');
    const rotated = (await rotateSecret(losing, webhook, { formerSecretUntil })) as Webhook;
    expect(versionsOf(rotated)).toEqual([webhook.secretVersion + 1, webhook.secretVersion]);
    const again = (await rotateSecret(table, webhook, { formerSecretUntil })) as Webhook;
    expect(versionsOf(again)).toEqual([webhook.secretVersion + 2, webhook.secretVersion + 1]);
  });
});

describe('a webhook whose making stopped half way', () => {
  it('is asked for no answer, told in no event, and deleted once its request is over', async () => {
    const { webhook: other, organizationId } = await open(['webhook.created']);
    const dying = feed.database.client({
      request: async ({ name, input }, send) => {
        if (name === 'UpdateItem' && input.Key.sk.startsWith('WEBHOOK#')) throw new Error('injected');
        return send();
      },
    });
    const request = { organizationId, url: 'https://half.example.com/', events: ['*'] };
    await expect(createWebhook(dying, request, { createdBy: 'usr_a', now: Date.now() })).rejects.toThrow('injected');
    const pending = async () =>
      (await readAll(table, ranges.webhooks(organizationId))).filter(({ id }) => id !== other.id);
    const [{ id = '' } = {}] = await pending();
    expect(await readWebhook(table, { organizationId, id })).toBeUndefined();
    await settleUntil(Date.now() + 2 * minute, async () => expect(await pending()).toEqual([]));
    expect((await listDeliveries(table, { organizationId, id }, { limit: 10 })).items).toEqual([]);
    expect(JSON.stringify(await eventsTo(other))).not.toContain(id);
    // Its place is free again.
    const again = await createWebhook(table, request, { createdBy: 'usr_a', most: 2, now: Date.now() });
    expect(again.outcome).toBe('created');
  });
});

describe('a target that is gone', () => {
  it('gets nothing more: neither new events nor those that wait', async () => {
    const { event, one, all, webhook } = await open(['license.*']);
    const waiting = { ...event, id: `event-${++made}` };
    await planDeliveries(table, event, Date.now());
    await planDeliveries(table, waiting, Date.now());
    expect(await attempt(deliveryJobOf(await one()), { status: 410 })).toBe('parked');
    const other = (await all()).find((delivery) => delivery.event.id === waiting.id)!;
    const post = answering({ status: 200 });
    expect(await deliver(table, deliveryJobOf(other), { post, now: Date.now() })).toBe('parked');
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
    await attempt(deliveryJobOf(await one()), { status: 200 }, now);
    await removeWebhook(table, webhook, now);
    const kept = async () => {
      const before = await getItem(table, keys.webhook(webhook));
      return [await one(), before];
    };
    await feed.caughtUp();
    await settle(now + 30 * day - 1);
    expect(await kept()).toMatchObject([{ status: 'delivered' }, { removedAt: now }]);
    await settleUntil(now + 30 * day, async () => expect(await kept()).toEqual([undefined, undefined]));
  });
  it('a webhook that was made anew, also if the deletion of its predecessor comes twice', async () => {
    const { organizationId } = await open();
    const request = { organizationId, url: 'https://anew.example.com/', events: ['*'] };
    const from = Date.now() - 90 * day;
    const make = async (now: number) => {
      const made = await createWebhook(table, request, { idempotencyKey: 'anew', createdBy: 'usr_a', now });
      return made.outcome === 'created' ? made.webhook : expect.fail(made.outcome);
    };
    const webhook = await make(from);
    const due = { kind: 'webhook', at: from + 30 * day, webhook } as const;
    const remove = async (now: number) => {
      await planDue(table, due);
      await withGrant(settleDue, () => settleAllDue(table, { now, most: 10, until: () => false }));
    };
    await removeWebhook(table, webhook, from);
    await remove(from + 30 * day);
    expect(await make(from + 40 * day)).toMatchObject({ id: webhook.id });
    await remove(from + 50 * day);
    expect(await readWebhook(table, webhook)).toMatchObject({ id: webhook.id });
    await removeWebhook(table, webhook, from + 55 * day);
    await remove(from + 60 * day);
    expect(await getItem(table, keys.webhook(webhook))).toMatchObject({ removedAt: from + 55 * day });
  });
});
