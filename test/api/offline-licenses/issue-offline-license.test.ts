import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { getOfflineLicenseFile } from '../../../shared/contracts/get-offline-license-file.ts';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { issueOfflineLicense } from '../../../shared/contracts/issue-offline-license.ts';
import { jwks } from '../../../shared/contracts/jwks.ts';
import { listActivations } from '../../../shared/contracts/list-activations.ts';
import { listOfflineLicenses } from '../../../shared/contracts/list-offline-licenses.ts';
import { type As, clock, day, openWorld, stamp, utcIn } from '../support/harness.ts';

const { organizationId, call, got, subscribe: subscribeTo, activated, stored, userId } = await openWorld();
const offline = (rules: object = {}) => ({ offline: { allowed: true, maxDays: null, reserveOnline: 0, ...rules } });
const subscribe = (changes: object = {}) => subscribeTo({ ...offline(), ...changes });
const issue = (status: number, body: object = {}, as: As = 'admin', idempotencyKey?: string) =>
  got(status, issueOfflineLicense, {
    as,
    body: { machineId: 'press-3', ...body },
    headers: idempotencyKey ? { 'idempotency-key': idempotencyKey } : {},
  });
const figures = () => got(200, getSubscription, { as: 'owner' });
const refused = (machineId = 'm') => call(activate, { as: 'owner', body: { machineId, sessionId: stamp() } });

describe('201', () => {
  it('an offline license lasts as long as the subscription, unless that sets a maximum or the request an end', async () => {
    const { path } = await subscribe({ quota: 3, expiresAt: utcIn(30 * day) });
    const { expiresAt } = await figures();
    const license = await issue(201, { description: ' For the press ' });
    expect(license).toEqual({
      id: expect.stringMatching(/^off_[0-9a-z]{26}$/),
      product: path.product,
      machineId: 'press-3',
      userId: null,
      issuedAt: expect.any(String),
      expiresAt,
      status: 'active',
      fileName: `${path.product}_press-3.lic`,
      description: 'For the press',
    });
    const end = utcIn(day);
    expect(await issue(201, { expiresAt: end })).toMatchObject({ expiresAt: end, description: null });

    await subscribe({ ...offline({ maxDays: 7 }), expiresAt: utcIn(30 * day) });
    const before = Date.now();
    const { expiresAt: weekly } = await issue(201);
    expect(Date.parse(weekly)).toBeGreaterThanOrEqual(before + 7 * day);
    expect(Date.parse(weekly)).toBeLessThanOrEqual(Date.now() + 7 * day);
  });
  it('takes a seat of the quota: several for one machine take several', async () => {
    await subscribe({ quota: 3 });
    await issue(201);
    await issue(201);
    await activated('online');
    expect(await figures()).toMatchObject({ available: 0, inUse: { online: 1, offline: 2 }, registeredMachines: 2 });
    expect((await refused()).body).toMatchObject({ code: 'license-quota-exceeded', inUse: 3 });
    const online = await got(200, listActivations, { as: 'owner' });
    expect(online.items.map(({ sessionId }: { sessionId: string }) => sessionId)).toEqual(['online']);
  });
  it('its seat is free in the instant of its expiry, and told as free then before', async () => {
    await subscribe({ quota: 1 });
    const { expiresAt } = await issue(201, { expiresAt: utcIn(60_000) });
    expect((await refused()).body).toMatchObject({
      nextFreeAt: expiresAt,
      holders: [{ kind: 'offline', sessionId: null, userId: null, machineId: 'press-3', leaseExpiresAt: expiresAt }],
    });
    clock.advance(60_001);
    expect(await figures()).toMatchObject({ available: 1, inUse: { offline: 0 } });
    await activated('next');
  });
  it('of a per-user subscription too, for the member that it names', async () => {
    const { path } = await subscribe({ licenseType: 'per-user', quota: 1 });
    const license = await issue(201, { userId: await userId('user') });
    expect(license.userId).toBe(await userId('user'));
    const { body: file } = await call(getOfflineLicenseFile, { as: 'owner', path: { licenseId: license.id } });
    expect(decodeJwt(file)).toMatchObject({ userId: license.userId, licenseType: 'per-user', product: path.product });
    expect(await figures()).toMatchObject({ available: 0, inUse: { licensedUsers: 0, offline: 1 } });
  });
  it('outlives whatever is done to its subscription: smaller, ended, suspended, without offline licenses', async () => {
    const { set } = await subscribe({ quota: 3 });
    const license = await issue(201);
    const is = async (available: number) => {
      expect(await figures()).toMatchObject({ available, inUse: { offline: 1 } });
      const { items } = await got(200, listOfflineLicenses, { as: 'owner' });
      expect(items).toEqual([license]);
    };
    await is(2);
    await set({ quota: 1 });
    await is(0);
    expect((await refused()).status).toBe(409);
    await set({ quota: 2 });
    await activated('one');
    expect((await refused()).status).toBe(409);
    for (const change of [{ status: 'suspended' }, { offline: { allowed: false } }, { quota: 0 }]) {
      await set(change);
      expect((await figures()).inUse.offline).toBe(1);
    }
    await set({ expiresAt: utcIn(1000) });
    clock.advance(2000);
    expect((await figures()).inUse.offline).toBe(1);
  });
  it('the seats 1..n are kept for online use', async () => {
    await subscribe({ quota: 3, ...offline({ reserveOnline: 2 }) });
    await issue(201);
    const problem = await issue(409);
    expect(problem).toMatchObject({ code: 'license-quota-exceeded', quota: 3, inUse: 1 });
    expect(problem.detail).toContain('2 of 3 are kept for online use');
    await activated('one');
    await activated('two');
    expect((await refused()).status).toBe(409);
  });
  it('two sessions of three licenses, one kept for online use: the third is there for a machine without a network', async () => {
    for (const [one = '', two = ''] of ['ab', 'cd', 'ef', 'gh']) {
      await subscribe({ quota: 3, ...offline({ reserveOnline: 1 }) });
      await activated(one);
      await activated(two);
      await issue(201);
    }
  });
});

describe('201 with an Idempotency-Key', () => {
  it('the same request again gets the same license, also after its expiry and a change of the subscription', async () => {
    const { set } = await subscribe({ quota: 2 });
    const idempotencyKey = stamp();
    const body = { expiresAt: utcIn(60_000), description: 'Press', userId: await userId('user') };
    const first = await issue(201, body, 'admin', idempotencyKey);
    expect(await issue(201, body, 'admin', idempotencyKey)).toEqual(first);
    expect((await figures()).inUse.offline).toBe(1);
    clock.advance(60_001);
    await set({ offline: { allowed: false } });
    expect(await issue(201, body, 'admin', idempotencyKey)).toEqual({ ...first, status: 'expired' });
    expect((await figures()).inUse.offline).toBe(0);
  });
  it('the same request many times at once gets one license', async () => {
    await subscribe({ quota: 5 });
    const idempotencyKey = stamp();
    const licenses = await Promise.all([1, 2, 3, 4].map(() => issue(201, {}, 'admin', idempotencyKey)));
    expect(new Set(licenses.map((license) => JSON.stringify(license))).size).toBe(1);
    expect((await figures()).inUse.offline).toBe(1);
  });
  it('is the caller’s own: another’s same Idempotency-Key gets another license', async () => {
    await subscribe({ quota: 5 });
    const idempotencyKey = stamp();
    const [mine, theirs] = [
      await issue(201, {}, 'admin', idempotencyKey),
      await issue(201, {}, 'owner', idempotencyKey),
    ];
    expect(mine.id).not.toBe(theirs.id);
  });
  it('is refused for another request, in one after the other and at once', async () => {
    await subscribe({ quota: 5 });
    const idempotencyKey = stamp();
    await issue(201, {}, 'admin', idempotencyKey);
    for (const other of [{ machineId: 'other' }, { description: 'x' }, { expiresAt: utcIn(day) }])
      expect(await issue(400, other, 'admin', idempotencyKey)).toMatchObject({
        errors: [{ pointer: '/headers/idempotency-key' }],
      });
    const atOnce = stamp();
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((machineId) =>
        call(issueOfflineLicense, { as: 'admin', headers: { 'idempotency-key': atOnce }, body: { machineId } }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400]);
    expect((await figures()).inUse.offline).toBe(2);
  });
  it('of a request that was refused can be used again', async () => {
    const { set } = await subscribe({ quota: 0 });
    const idempotencyKey = stamp();
    await issue(409, {}, 'admin', idempotencyKey);
    await set({ quota: 1 });
    await issue(201, {}, 'admin', idempotencyKey);
  });
});

describe('400', () => {
  it.each<[string, object, string]>([
    ['no machine', { machineId: undefined }, '/body/machineId'],
    ['a machine with a slash', { machineId: 'a/b' }, '/body/machineId'],
    ['an expiry that is now past', { expiresAt: utcIn(-1) }, '/body/expiresAt'],
    ['an expiry after the subscription’s', { expiresAt: utcIn(31 * day) }, '/body/expiresAt'],
    ['an expiry that is no time', { expiresAt: 'tomorrow' }, '/body/expiresAt'],
    ['a description of 501 characters', { description: 'x'.repeat(501) }, '/body/description'],
    ['a user of nobody', { userId: 'usr_none' }, '/body/userId'],
    ['a field that is not known', { seat: 1 }, '/body/seat'],
  ])('%s', async (_, body, pointer) => {
    await subscribe({ expiresAt: utcIn(30 * day) });
    const before = await stored();
    expect(await issue(400, body)).toMatchObject({ errors: [{ pointer }] });
    expect(await stored()).toEqual(before);
  });
  it('says until when it could be', async () => {
    await subscribe({ ...offline({ maxDays: 1 }), expiresAt: utcIn(30 * day) });
    expect((await issue(400, { expiresAt: utcIn(2 * day) })).detail).toMatch(/can be 20\S+Z at the latest/);
  });
  it('a user of another organization', async () => {
    await subscribe();
    expect(await issue(400, { userId: await userId('stranger') })).toMatchObject({
      errors: [{ pointer: '/body/userId' }],
    });
  });
});

describe('403', () => {
  it('by a subscription that does not allow them', async () => {
    await subscribe({ offline: { allowed: false } });
    const problem = await issue(403);
    expect(problem).toMatchObject({ code: 'forbidden' });
    expect(problem.detail).toContain('subscription does not allow offline licenses');
  });
  it('by a subscription that is suspended, or has expired', async () => {
    const { set } = await subscribe();
    await set({ status: 'suspended' });
    expect(await issue(403)).toMatchObject({ code: 'subscription-suspended' });
    await set({ expiresAt: utcIn(1000) });
    clock.advance(1001);
    expect(await issue(403)).toMatchObject({ code: 'subscription-expired' });
  });
  it.each(['user', 'billingManager', 'apiKey', 'vendor'] as const)('a %s', async (as) => {
    await subscribe();
    expect(await issue(403, {}, as)).toMatchObject({ code: 'forbidden' });
  });
});

describe('404', () => {
  it('a product that does not exist', async () => {
    expect(
      await got(404, issueOfflineLicense, { as: 'owner', path: { product: 'NONE' }, body: { machineId: 'm' } }),
    ).toMatchObject({ code: 'not-found' });
  });
});

describe('409', () => {
  it('a full pool: the holders of its seats, and when the next is free', async () => {
    await subscribe({ quota: 1 });
    const { leaseExpiresAt } = await activated('one');
    expect(await issue(409)).toMatchObject({
      code: 'license-quota-exceeded',
      quota: 1,
      inUse: 1,
      nextFreeAt: leaseExpiresAt,
      holders: [{ sessionId: 'one' }],
    });
  });
  it('with numbers kept for online use, the next that is free is one of the others', async () => {
    await subscribe({ quota: 2, leaseSeconds: 60, ...offline({ reserveOnline: 1 }) });
    const { expiresAt } = await issue(201, { expiresAt: utcIn(day) });
    await activated('one');
    expect(await issue(409)).toMatchObject({ inUse: 2, nextFreeAt: expiresAt });
  });
});

it('the license is signed with the first key: RFC 7515 and 7519, for any JOSE library', async () => {
  const { path } = await subscribe();
  const license = await issue(201);
  const { body: file } = await call(getOfflineLicenseFile, { as: 'owner', path: { licenseId: license.id } });
  expect(decodeProtectedHeader(file)).toEqual({ alg: 'EdDSA', typ: 'leasehold-license+jwt', kid: 'present' });
  const keys = createLocalJWKSet(await got(200, jwks, { as: 'nobody' }));
  const { payload } = await jwtVerify(file, keys, { algorithms: ['EdDSA'] });
  const seconds = (at: string) => Math.floor(Date.parse(at) / 1000);
  expect(payload).toEqual({
    iss: 'urn:leasehold',
    sub: 'press-3',
    jti: license.id,
    iat: seconds(license.issuedAt),
    nbf: seconds(license.issuedAt),
    exp: seconds(license.expiresAt),
    product: path.product,
    organizationId,
    machineId: 'press-3',
    licenseType: 'floating',
  });
});
