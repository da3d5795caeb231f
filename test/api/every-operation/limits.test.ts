import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { createWebhook } from '../../../shared/contracts/create-webhook.ts';
import { getLimits } from '../../../shared/contracts/get-limits.ts';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { invite } from '../../../shared/contracts/invite.ts';
import { issueOfflineLicense } from '../../../shared/contracts/issue-offline-license.ts';
import { listApiKeys } from '../../../shared/contracts/list-api-keys.ts';
import { listInvitations } from '../../../shared/contracts/list-invitations.ts';
import { listMembers } from '../../../shared/contracts/list-members.ts';
import { listWebhookDeliveries } from '../../../shared/contracts/list-webhook-deliveries.ts';
import { listWebhooks } from '../../../shared/contracts/list-webhooks.ts';
import { redeliverWebhook } from '../../../shared/contracts/redeliver-webhook.ts';
import { removeWebhook } from '../../../shared/contracts/remove-webhook.ts';
import { revokeApiKey } from '../../../shared/contracts/revoke-api-key.ts';
import { defaultLimits } from '../../../shared/contracts/schemas/limits.ts';
import { setLimits } from '../../../shared/contracts/set-limits.ts';
import { testAlerts } from '../../../shared/contracts/test-alerts.ts';
import { planDeliveries } from '../../../shared/table/outbox/deliveries.ts';
import { keys } from '../../../shared/table/store/keys.ts';
import { hashOf } from '../../../shared/table/store/secrets.ts';
import { put } from '../../../shared/table/store/table.ts';
import { clock, day, openWorld, stamp, utcIn } from '../support/harness.ts';
import { confirmed, someEvent } from '../support/webhooks.ts';

const { addMember, got, call, callWith, contextOf, table, organizationId, subscribe } = await openWorld();
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
/** Moves the clock to the next day, so that no day ends during a test. */
const startDay = () => clock.advance(day - (Date.now() % day));

describe('the limits', () => {
  it('200: the vendor sets them; omitted ones have their defaults', async () => {
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
    await subscribe({ quota: 15, offline });
    const answers = await Promise.all(many(15, () => issue()));
    expect(counted(answers.map(({ status }) => status))).toEqual({ 201: 10, 429: 5 });
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ code: 'too-many-requests', limit: 'offlineLicensesPerDay', value: 10 });
    expect(refused?.body.retryAfterSeconds).toBeLessThanOrEqual(day / 1000);
    expect(await got(200, getSubscription, { as: 'owner' })).toMatchObject({ available: 5, inUse: { offline: 10 } });
    clock.advance(day);
    expect((await issue()).status).toBe(201);
  });
  it('201: the repetition of a request counts once, and is answered when the limit is reached', async () => {
    startDay();
    await subscribe({ quota: 10, offline });
    await set({ offlineLicensesPerDay: 1 });
    const key = stamp();
    const answers = await Promise.all(many(5, () => issue(key)));
    expect(counted(answers.map(({ status }) => status))).toEqual({ 201: 5 });
    expect((await issue(key)).status).toBe(201);
    expect((await issue()).status).toBe(429);
  });
  it('a refusal for another reason counts nothing', async () => {
    startDay();
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
    const made = await got(201, createWebhook, {
      as: 'owner',
      body: { url: `https://hooks.example.com/${stamp()}`, events: ['*'] },
    });
    const webhookId = await confirmed(table, organizationId, made);
    await planDeliveries(table, someEvent(organizationId), Date.now());
    const { items } = await got(200, listWebhookDeliveries, {
      as: 'owner',
      path: { webhookId },
    });
    const again = () => call(redeliverWebhook, { as: 'owner', path: { webhookId, deliveryId: items[0].id } });
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

describe('test alerts of a day', () => {
  it('429: twenty of the organization, each a mail to each owner and admin', async () => {
    startDay();
    // The day of another test's redeliveries is over.
    clock.advance(day);
    await subscribe();
    const send = () => call(testAlerts, { as: 'admin' });
    for (let minute = 0; minute < 2; minute++) {
      expect(counted((await Promise.all(many(10, send))).map(({ status }) => status))).toEqual({ 204: 10 });
      clock.advance(60_000);
    }
    expect(await send()).toMatchObject({ status: 429, body: { limit: 'alertTestsPerDay', value: 20 } });
    startDay();
    expect((await send()).status).toBe(204);
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
    // A second more would allow another request.
    clock.stoppedAt = Date.now();
    expect(counted(await Promise.all(many(8, () => ask(one))))).toEqual({ 200: 3, 429: 5 });
    expect(await ask(other)).toBe(200);
    clock.advance(3000);
    expect(await ask(one)).toBe(200);
  });
});

describe('API keys of a member', () => {
  const limit = async (apiKeysPerMember: number) => {
    const bearer = await addMember(`${stamp()}@acme.example`, 'user');
    await set({ apiKeysPerMember });
    const create = (idempotencyKey = stamp(), body: object = {}) =>
      call(createApiKey, {
        as: { bearer },
        body: { name: 'CI', ...body },
        headers: { 'idempotency-key': idempotencyKey },
      });
    return { bearer, create };
  };

  it('409: above the maximum, also for concurrent requests; a revoked key makes room', async () => {
    const { bearer, create } = await limit(3);
    const answers = await Promise.all(many(8, () => create()));
    const made = answers.filter(({ status }) => status === 201);
    expect(made.length).toBeLessThanOrEqual(3);
    while ((await create()).status === 201) made.push(made[0] as (typeof made)[number]);
    expect(made).toHaveLength(3);
    expect((await create()).body).toMatchObject({ code: 'limit-exceeded', limit: 'apiKeysPerMember', value: 3 });
    await got(204, revokeApiKey, { as: { bearer }, path: { keyId: made[0]?.body.id } });
    expect((await create()).status).toBe(201);
    expect((await create()).status).toBe(409);
  });
  it('an expired key makes room', async () => {
    const { create } = await limit(1);
    expect((await create(stamp(), { expiresAt: utcIn(60_000) })).status).toBe(201);
    expect((await create()).status).toBe(409);
    clock.advance(60_001);
    expect((await create()).status).toBe(201);
  });
  it('counts keys from before the limit', async () => {
    const { bearer, create } = await limit(2);
    expect((await create()).status).toBe(201);
    const { items } = await got(200, listApiKeys, { as: { bearer } });
    await table.client.send(
      new DeleteCommand({ TableName: table.name, Key: keys.listOfApiKeys(organizationId, items[0].userId) }),
    );
    expect((await create()).status).toBe(201);
    expect((await create()).status).toBe(409);
  });
  it('201: the repetition of a request, when the limit is reached', async () => {
    const { create } = await limit(1);
    const key = stamp();
    const { body } = await create(key);
    expect((await create()).status).toBe(409);
    expect((await create(key)).body).toEqual(body);
  });
});

describe('webhooks', () => {
  const create = (url: string) => call(createWebhook, { as: 'owner', body: { url, events: ['*'] } });

  it('409: for a second spelling of a URL', async () => {
    const host = `${stamp()}.example.com`;
    const { id } = await got(201, createWebhook, { as: 'owner', body: { url: `https://${host}`, events: ['*'] } });
    for (const same of [host, `${host}/`, `${host.toUpperCase()}:443`, `${host}/a/..?`])
      expect((await create(`https://${same}`)).body).toMatchObject({ limit: 'webhooksPerUrl' });
    // As a release that compared the texts listed it.
    const listed = { things: new Set([hashOf(`https://${host}`)]), lastJoin: id };
    await put(table, { Item: { ...keys.listOfWebhooks(organizationId), version: 1, ...listed } });
    for (const same of [host, `${host}:443/`])
      expect((await create(`https://${same}`)).body).toMatchObject({ limit: 'webhooksPerUrl' });
  });
  it('409: above the maximum, and for a second webhook of a URL, also for concurrent requests', async () => {
    for (const { id } of (await got(200, listWebhooks, { as: 'owner' })).items)
      await got(204, removeWebhook, { as: 'owner', path: { webhookId: id } });
    await set({ webhooks: 3 });
    const url = `https://hooks.example.com/${stamp()}`;
    const twins = await Promise.all(many(4, () => create(url)));
    expect(twins.filter(({ status }) => status === 201)).toHaveLength(1);
    const problem = (await create(url)).body;
    expect(problem).toMatchObject({ code: 'limit-exceeded', limit: 'webhooksPerUrl', value: 1 });
    await Promise.all(many(6, () => create(`https://hooks.example.com/${stamp()}`)));
    while ((await create(`https://hooks.example.com/${stamp()}`)).status === 201);
    const { items } = await got(200, listWebhooks, { as: 'owner' });
    expect(items).toHaveLength(3);
    expect((await create(`https://hooks.example.com/${stamp()}`)).body).toMatchObject({ limit: 'webhooks', value: 3 });
    await got(204, removeWebhook, { as: 'owner', path: { webhookId: items[0].id } });
    expect((await create(items[0].url)).status).toBe(201);
  });
});

describe('invitations of a day', () => {
  const ask = (emails: string[]) => call(invite, { as: 'owner', body: { emails, role: 'user' } });
  const email = () => `${stamp()}@example.com`;

  it('429: a stranger is mailed five times a day, however often at once', async () => {
    startDay();
    const stranger = email();
    const answers = await Promise.all(many(9, () => ask([stranger])));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(5);
    while ((await ask([stranger])).status === 200);
    const refused = await ask([email(), stranger]);
    expect(refused.body).toMatchObject({ status: 429, limit: 'invitationsPerAddressAndDay', value: 5 });
    expect(refused.body.detail).toContain(stranger);
    clock.advance(day);
    expect((await ask([stranger])).status).toBe(200);
  });
  it('429: above the organization’s maximum; a refused request invites nobody', async () => {
    startDay();
    clock.advance(2 * day);
    await set({ invitationsPerDay: 3 });
    expect((await ask([email(), email()])).status).toBe(200);
    const [one, other] = [email(), email()];
    expect((await ask([one, other])).body).toMatchObject({ status: 429, limit: 'invitationsPerDay', value: 3 });
    const open = await got(200, listInvitations, { as: 'owner' });
    const addresses = open.items.map((invitation: { email: string }) => invitation.email);
    expect(addresses).not.toContain(one);
    expect((await ask([one])).status).toBe(200);
    expect((await ask([other])).status).toBe(429);
  });
  it('409: above the whole maximum, which no wait helps; a maximum of 0 names no other remedy', async () => {
    await set({ invitationsPerDay: 2, redeliveriesPerMinute: 0, offlineLicensesPerDay: 0 });
    const limited = { status: 409, body: { code: 'limit-exceeded', limit: 'invitationsPerDay', value: 2 } };
    const answer = await ask([email(), email(), email()]);
    expect(answer).toMatchObject(limited);
    expect(answer.body.detail).toContain(' Invite at most 2 at once. ');
    await subscribe({ offline: { allowed: true, reserveOnline: 0 } });
    const issued = await call(issueOfflineLicense, { as: 'owner', body: { machineId: 'm' } });
    for (const { status, body } of [await call(testAlerts, { as: 'admin' }), issued]) {
      expect({ status, code: body.code }).toEqual({ status: 409, code: 'limit-exceeded' });
      expect(body.detail).toBe(
        `The limit ${body.limit} of the organization is 0. To get another limit, ask your vendor.`,
      );
    }
  });
});
