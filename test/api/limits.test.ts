import { afterEach, describe, expect, it } from 'vitest';
import { createApiKey } from '../../shared/contracts/create-api-key.ts';
import { getLimits } from '../../shared/contracts/get-limits.ts';
import { getSubscription } from '../../shared/contracts/get-subscription.ts';
import { issueOfflineLicense } from '../../shared/contracts/issue-offline-license.ts';
import { listMembers } from '../../shared/contracts/list-members.ts';
import { listWebhookDeliveries } from '../../shared/contracts/list-webhook-deliveries.ts';
import { redeliverWebhook } from '../../shared/contracts/redeliver-webhook.ts';
import { defaultLimits } from '../../shared/contracts/schemas/limits.ts';
import { setLimits } from '../../shared/contracts/set-limits.ts';
import { newId } from '../../shared/ids.ts';
import { planDeliveries } from '../../shared/table/outbox/deliveries.ts';
import { createWebhook, readOpenWebhooks } from '../../shared/table/outbox/webhooks.ts';
import { clock, day, openWorld, stamp } from './harness.ts';
import { someEvent } from './webhooks.ts';

const { got, call, callWith, contextOf, table, organizationId, subscribe } = await openWorld();
const set = (body: object, status = 200) => got(status, setLimits, { as: 'vendor', body });
const read = () => got(200, getLimits, { as: 'admin' });
const counted = (statuses: readonly number[]) =>
  Object.fromEntries(
    Map.groupBy(statuses, (status) => status)
      .entries()
      .map(([status, all]) => [status, all.length]),
  );
const many = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));
afterEach(() => set({}));
/** Goes on to the beginning of the next day, so that none ends meanwhile. */
const startDay = () => clock.advance(day - (Date.now() % day));

describe('the limits', () => {
  it('200: the vendor sets them, and what it leaves out has its default', async () => {
    expect(await read()).toEqual(defaultLimits);
    expect(await set({ webhooks: 50, offlineLicensesPerDay: 7 })).toEqual({
      ...defaultLimits,
      webhooks: 50,
      offlineLicensesPerDay: 7,
    });
    expect(await read()).toMatchObject({ webhooks: 50, offlineLicensesPerDay: 7 });
    await set({ invitationsPerDay: 0 });
    expect(await read()).toEqual({ ...defaultLimits, invitationsPerDay: 0 });
  });
  it.each([{ webhooks: -1 }, { webhooks: 101 }, { webhooks: null }, { webhooks: 1.5 }, { seats: 1 }])(
    '400: %j',
    async (body) => {
      await set(body, 400);
    },
  );
  it('404: there is no such organization', async () => {
    const path = { organizationId: 'org_none' };
    expect((await call(setLimits, { as: 'vendor', path, body: {} })).status).toBe(404);
    expect((await call(getLimits, { as: 'vendor', path })).status).toBe(404);
  });
});

describe('offline licenses of a day', () => {
  const issue = (idempotencyKey = stamp()) =>
    call(issueOfflineLicense, {
      as: 'owner',
      body: { machineId: 'm' },
      headers: { 'idempotency-key': idempotencyKey },
    });
  const offline = { allowed: true, reserveOnline: 0 };

  it('429: a leaked owner’s key can’t lock the quota, however many it asks for at once', async () => {
    startDay();
    await subscribe({ quota: 10, offline });
    const answers = await Promise.all(many(10, () => issue()));
    expect(counted(answers.map(({ status }) => status))).toEqual({ 201: 5, 429: 5 });
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ code: 'too-many-requests', limit: 'offlineLicensesPerDay', value: 5 });
    expect(refused?.body.retryAfterSeconds).toBeLessThanOrEqual(day / 1000);
    expect(await got(200, getSubscription, { as: 'owner' })).toMatchObject({ available: 5, inUse: { offline: 5 } });
    clock.advance(day);
    expect((await issue()).status).toBe(201);
  });
  it('201: the repetition of a request counts once, and is answered when the limit is reached', async () => {
    await subscribe({ quota: 10, offline });
    await set({ offlineLicensesPerDay: 1 });
    const key = stamp();
    const answers = await Promise.all(many(5, () => issue(key)));
    expect(counted(answers.map(({ status }) => status))).toEqual({ 201: 5 });
    expect((await issue(key)).status).toBe(201);
    expect((await issue()).status).toBe(429);
  });
  it('a refusal for another reason counts nothing', async () => {
    const { set: change } = await subscribe({ quota: 1, offline });
    await set({ offlineLicensesPerDay: 2 });
    expect((await issue()).status).toBe(201);
    expect(counted((await Promise.all(many(3, () => issue()))).map(({ status }) => status))).toEqual({ 409: 3 });
    await change({ quota: 3 });
    expect((await issue()).status).toBe(201);
    expect((await issue()).status).toBe(429);
  });
  it('each product has its own', async () => {
    await set({ offlineLicensesPerDay: 1 });
    for (let product = 0; product < 2; product++) {
      await subscribe({ quota: 10, offline });
      expect((await issue()).status).toBe(201);
    }
  });
});

describe('redeliveries of a minute', () => {
  it('429: ten of the organization, whichever delivery it is', async () => {
    startDay();
    await createWebhook(
      table,
      { organizationId, url: 'https://hooks.example.com/', events: ['*'] },
      { createdBy: 'usr_a', now: Date.now() },
    );
    const [webhook] = await readOpenWebhooks(table, organizationId);
    await planDeliveries(table, someEvent(organizationId), Date.now());
    const { items } = await got(200, listWebhookDeliveries, {
      as: 'owner',
      path: { webhookId: webhook?.id ?? newId('whk') },
    });
    const again = () =>
      call(redeliverWebhook, { as: 'owner', path: { webhookId: webhook!.id, deliveryId: items[0].id } });
    const answers = await Promise.all(many(14, again));
    expect(counted(answers.map(({ status }) => status))).toEqual({ 202: 10, 429: 4 });
    expect(answers.find(({ status }) => status === 429)?.body).toMatchObject({
      limit: 'redeliveriesPerMinute',
      value: 10,
    });
    clock.advance(60_000);
    expect((await again()).status).toBe(202);
  });
});

describe('requests a second', () => {
  it('429: of one API key, before the table is touched; other keys go on', async () => {
    await subscribe();
    await set({ requestsPerSecond: 1, requestBurst: 3 });
    const [one, other] = await Promise.all(
      ['one', 'other'].map(async (name) => {
        const { key } = await got(201, createApiKey, { as: 'user', body: { name, scope: 'full' } });
        return contextOf({ bearer: key });
      }),
    );
    const ask = async (context: typeof one) => (await callWith(context, listMembers, {})).status;
    expect(counted(await Promise.all(many(8, () => ask(one))))).toEqual({ 200: 3, 429: 5 });
    expect(await ask(other)).toBe(200);
    clock.advance(3000);
    expect(await ask(one)).toBe(200);
  });
});
