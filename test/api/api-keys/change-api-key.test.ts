import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { changeApiKey } from '../../../shared/contracts/change-api-key.ts';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { listApiKeys } from '../../../shared/contracts/list-api-keys.ts';
import { revokeApiKey } from '../../../shared/contracts/revoke-api-key.ts';
import { setLimits } from '../../../shared/contracts/set-limits.ts';
import { type As, openWorld, principalOf, stamp } from '../support/harness.ts';

const { call, got, subscribe, userId, addMember, foreignId } = await openWorld();
await got(200, setLimits, { as: 'vendor', body: { apiKeysPerMember: 1000 } });
const create = (body: object = {}, as: As = 'owner', status = 201) =>
  got(status, createApiKey, { as, body: { name: 'CI', ...body } });
const change = (status: number, keyId: string, body: object, as: As = 'owner') =>
  got(status, changeApiKey, { as, path: { keyId }, body });
const asks = (key: string, sessionId: string, more: object = {}) =>
  call(activate, { as: { bearer: key }, body: { machineId: 'm', sessionId, ...more } });

describe('200', () => {
  it.each(['owner', 'admin'] as const)('the %s changes name and maximum, together or each for itself', async (as) => {
    const { key: _, ...made } = await create({ userId: await userId('user') }, as);
    expect(made.maxSessions).toBeNull();
    expect(await change(200, made.id, { name: ' Nightly ', maxSessions: 7 }, as)).toEqual({
      ...made,
      name: 'Nightly',
      maxSessions: 7,
    });
    expect(await change(200, made.id, { name: 'CI' }, as)).toEqual({ ...made, maxSessions: 7 });
    expect(await change(200, made.id, { maxSessions: null }, as)).toEqual(made);
    expect(await change(200, made.id, {}, as)).toEqual(made);
    const { items } = await got(200, listApiKeys, { as, query: { limit: '200' } });
    expect(items).toContainEqual(made);
  });
  it('it bounds later sessions, and ends none', async () => {
    await subscribe({ quota: 10 });
    const { id, key } = await create({ maxSessions: 2 });
    for (const sessionId of ['a', 'b']) expect((await asks(key, sessionId)).status).toBe(201);
    await change(200, id, { maxSessions: 1 });
    for (const sessionId of ['a', 'b']) expect((await asks(key, sessionId)).status).toBe(200);
    expect((await asks(key, 'c')).status).toBe(409);
    await change(200, id, { maxSessions: 3 });
    expect((await asks(key, 'c')).status).toBe(201);
    await change(200, id, { maxSessions: null });
    for (const sessionId of ['d', 'e']) expect((await asks(key, sessionId)).status).toBe(201);
    expect(await principalOf(key)).not.toHaveProperty('maxSessions', expect.anything());
  });
});

describe('a key that reached its maximum', () => {
  it('409: which limit, its value, and when the first of its leases ends', async () => {
    await subscribe({ quota: 10, leaseSeconds: 50 });
    const { key } = await create({ maxSessions: 1 });
    const { body: first } = await asks(key, 'a');
    const { status, body, headers } = await asks(key, 'b');
    expect(status).toBe(409);
    expect(body).toMatchObject({
      code: 'limit-exceeded',
      limit: 'maxSessions',
      value: 1,
      nextFreeAt: first.leaseExpiresAt,
    });
    expect(body.retryAfterSeconds).toBeGreaterThan(40);
    expect(headers['retry-after']).toBe(String(body.retryAfterSeconds));
    expect((await asks(key, 'b', { dryRun: true })).body).toMatchObject({
      accepted: false,
      code: 'limit-exceeded',
      limit: 'maxSessions',
      value: 1,
    });
    // The maximum is this key's alone: its member gets a license by another.
    const { key: other } = await create();
    expect((await asks(other, 'c')).status).toBe(201);
    expect((await asks(key, 'a')).status).toBe(200);
  });
  it('does not let its session wait: the queue is for licenses that are in use', async () => {
    await subscribe({ quota: 1 });
    const { key } = await create({ maxSessions: 1 });
    expect((await asks(key, 'a')).status).toBe(201);
    const { status, body } = await asks(key, 'b', { waitSeconds: 600 });
    expect([status, body.limit]).toEqual([409, 'maxSessions']);
    const { key: other } = await create();
    expect((await asks(other, 'c', { waitSeconds: 600 })).body).toMatchObject({ status: 'waiting', position: 1 });
  });
  it('counts each product for itself', async () => {
    const { key } = await create({ maxSessions: 1 });
    for (let product = 0; product < 2; product++) {
      await subscribe({ quota: 2 });
      expect((await asks(key, 'a')).status).toBe(201);
    }
  });
});

describe('places in the queue by one key', () => {
  const waits = { waitSeconds: 600 };
  it('409: as many as the quota, or 10, wait; another key’s session still gets a place', async () => {
    await subscribe({ quota: 1, leaseSeconds: 3600 });
    const [{ key }, { key: other }] = [await create(), await create()];
    expect((await asks(key, 'first')).status).toBe(201);
    for (let place = 0; place < 10; place++) expect((await asks(key, `w${place}`, waits)).status).toBe(202);
    const { status, body } = await asks(key, 'one-more', waits);
    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'limit-exceeded', limit: 'queuePlacesPerKey', value: 10 });
    expect((await asks(key, 'one-more', { ...waits, dryRun: true })).body).toMatchObject({
      accepted: false,
      code: 'limit-exceeded',
      limit: 'queuePlacesPerKey',
    });
    expect((await asks(key, 'w9', waits)).body).toMatchObject({ status: 'waiting', position: 10 });
    expect((await asks(other, 'other', waits)).body).toMatchObject({ status: 'waiting', position: 11 });
    // Another session can take a place that was given up.
    expect((await asks(key, 'w3')).status).toBe(409);
    expect((await asks(key, 'one-more', waits)).body).toMatchObject({ status: 'waiting', position: 11 });
  });
  it('concurrent sessions do not exceed it: the surplus is released', async () => {
    await subscribe({ quota: 1, leaseSeconds: 3600 });
    const { key } = await create();
    expect((await asks(key, 'first')).status).toBe(201);
    const statuses = await Promise.all(
      Array.from({ length: 25 }, (_, place) => asks(key, `w${place}`, waits).then(({ status }) => status)),
    );
    const waiting = statuses.filter((status) => status === 202).length;
    expect(waiting).toBeGreaterThanOrEqual(1);
    expect(waiting).toBeLessThan(25);
    expect(statuses.filter((status) => status !== 202 && status !== 409)).toEqual([]);
  });
});

describe('400', () => {
  it.each([{ maxSessions: 0 }, { maxSessions: 100_001 }, { maxSessions: 1.5 }, { name: ' ' }, { scope: 'full' }])(
    '%j',
    async (body) => {
      const { id } = await create();
      await change(400, id, body);
      if (!('scope' in body)) await create(body, 'owner', 400);
    },
  );
});

describe('403', () => {
  it('a member sets no maximum, not even of its own key', async () => {
    const { id } = await create({}, 'user');
    await change(403, id, { maxSessions: 5 }, 'user');
    await create({ maxSessions: 5 }, 'user', 403);
  });
  it('a key changes no key, not even itself', async () => {
    const { id, key } = await create({ scope: 'full', maxSessions: 1 });
    await change(403, id, { maxSessions: null }, { bearer: key });
  });
  it('an admin does not change an owner’s key', async () => {
    const { id } = await create({}, 'owner');
    await change(403, id, { maxSessions: 1 }, 'admin');
    const second = await addMember(`${stamp()}@acme.example`, 'owner');
    await change(200, id, { maxSessions: 1 }, { bearer: second });
  });
});

describe('404', () => {
  it('a key that is revoked, never was, or is another organization’s', async () => {
    const { id } = await create();
    await got(204, revokeApiKey, { as: 'owner', path: { keyId: id } });
    const theirs = await got(201, createApiKey, {
      as: 'stranger',
      path: { organizationId: foreignId },
      body: { name: 'CI' },
    });
    for (const keyId of [id, 'none', theirs.id]) await change(404, keyId, { maxSessions: 1 });
  });
});

describe('with an Idempotency-Key', () => {
  it('another maximum is another request', async () => {
    const headers = { 'idempotency-key': stamp() };
    const make = (maxSessions: number, status: number) =>
      got(status, createApiKey, { as: 'owner', headers, body: { name: 'CI', maxSessions } });
    expect((await make(3, 201)).key).toBe((await make(3, 201)).key);
    await make(4, 400);
  });
});
