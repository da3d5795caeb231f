import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { setSubscription } from '../../../shared/contracts/set-subscription.ts';
import { clock, day, type Json, openWorld, terms, utcIn } from '../support/harness.ts';

const { organizationId, call, got, subscribe, activated, stored } = await openWorld();
let products = 0;
const newProduct = () => ({ product: `NEW-${++products}` });
const set = (status: number, path: Record<string, string>, body: object) =>
  got(status, setSubscription, { as: 'vendor', path, body });
const release = (sessionId: string) => got(204, deactivate, { as: 'user', path: { sessionId } });
const refused = (sessionId: string) => got(409, activate, { as: 'user', body: { sessionId, machineId: 'm' } });

describe('201', () => {
  it('creates; omitted fields take their defaults', async () => {
    const path = newProduct();
    const expiresAt = utcIn(day);
    const created = await set(201, path, { licenseType: 'floating', quota: 7, expiresAt });
    expect(created).toEqual({
      organizationId,
      product: path.product,
      productName: path.product,
      licenseType: 'floating',
      status: 'active',
      quota: 7,
      available: 7,
      queue: { length: 0, longestWaitSeconds: null },
      inUse: { licensedUsers: 0, online: 0, offline: 0 },
      machineQuota: 7,
      registeredMachines: 0,
      expiresAt,
      leaseSeconds: 120,
      offline: { allowed: false, maxDays: 60, reserveOnline: 1 },
      idleTimeoutMinutes: null,
    });
    expect(await got(200, getSubscription, { as: 'owner', path })).toEqual(created);
  });
  it('keeps all that is set', async () => {
    const body = {
      licenseType: 'per-user',
      productName: 'Katalon Studio Enterprise',
      quota: 20,
      machineQuota: 5,
      expiresAt: utcIn(day),
      leaseSeconds: 300,
      offline: { allowed: true, maxDays: 60, reserveOnline: 2 },
      idleTimeoutMinutes: 120,
      status: 'suspended',
    };
    expect(await set(201, newProduct(), body)).toMatchObject(body);
  });
  it.each([
    { quota: 0, reserveOnline: 0 },
    { quota: 1, reserveOnline: 0 },
    { quota: 2, reserveOnline: 1 },
    { quota: 100, reserveOnline: 1 },
  ])('of $quota licenses, $reserveOnline stays for online use by default', async ({ quota, reserveOnline }) => {
    const { offline } = await set(201, newProduct(), terms({ quota, offline: { allowed: true } }));
    expect(offline).toEqual({ allowed: true, maxDays: 60, reserveOnline });
  });
  it('offline licenses without a maximum, and without a reserve, are said explicitly', async () => {
    const offline = { allowed: true, maxDays: null, reserveOnline: 0 };
    expect((await set(201, newProduct(), terms({ offline }))).offline).toEqual(offline);
  });
  it.each([5, 86_400])('a lease may last %i s', async (leaseSeconds) => {
    expect(await set(201, newProduct(), terms({ leaseSeconds }))).toMatchObject({ leaseSeconds });
  });
  it.each([
    [0, 1],
    [1024, 1],
    [100_000, 1 + 97 + 1],
  ])(
    'a quota of %i is %i items more: the subscription, a copy for each further block, and their number',
    async (quota, more) => {
      const before = await stored();
      expect(await set(201, newProduct(), terms({ quota }))).toMatchObject({ quota, available: quota });
      expect(await stored()).toHaveLength(before.length + more);
    },
  );
  it('a floating machine quota may be above the quota', async () => {
    expect(await set(201, newProduct(), terms({ quota: 3, machineQuota: 9 }))).toMatchObject({ machineQuota: 9 });
  });
  it('a subscription with a past expiry is expired', async () => {
    expect(await set(201, newProduct(), terms({ expiresAt: utcIn(-day) }))).toMatchObject({ status: 'expired' });
    expect(await set(201, newProduct(), terms({ expiresAt: utcIn(-day), status: 'suspended' }))).toMatchObject({
      status: 'expired',
    });
  });
  it('a time may be told to the second; it is answered in milliseconds', async () => {
    const body = terms({ expiresAt: '2099-02-28T23:59:59Z' });
    expect(await set(201, newProduct(), body)).toMatchObject({ expiresAt: '2099-02-28T23:59:59.000Z' });
  });
  it('created twice at once, one is created and the other changes it', async () => {
    const path = newProduct();
    const both = await Promise.all(
      [4, 4].map((quota) => call(setSubscription, { as: 'vendor', path, body: terms({ quota }) })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 201]);
  });
});

describe('200', () => {
  it('replaces: omitted fields take their defaults again', async () => {
    const path = newProduct();
    await set(201, path, terms({ productName: 'A name', leaseSeconds: 600, machineQuota: 9, status: 'suspended' }));
    expect(await set(200, path, { licenseType: 'floating', quota: 4, expiresAt: utcIn(day) })).toMatchObject({
      productName: path.product,
      leaseSeconds: 120,
      machineQuota: 4,
      status: 'active',
    });
  });
  it('the same again changes nothing that is shown', async () => {
    const path = newProduct();
    const body = terms();
    const first = await set(201, path, body);
    expect(await set(200, path, body)).toEqual(first);
  });
  it('figures go on counting running sessions', async () => {
    const { set } = await subscribe({ quota: 3 });
    await activated('a');
    expect(await set({ quota: 10 })).toMatchObject({
      quota: 10,
      available: 9,
      inUse: { online: 1 },
      registeredMachines: 1,
    });
  });
  it('resizing and suspending a subscription of 100,000 writes it and the copy of each further block', async () => {
    const { set } = await subscribe({ quota: 100_000 });
    await activated('a');
    const before = await stored();
    await set({ quota: 50_000 });
    await set({ quota: 100_000, status: 'suspended' });
    const after = await stored();
    expect(after.filter((item) => !before.includes(item))).toHaveLength(1 + 97);
    expect(after).toHaveLength(before.length);
  });
});

describe('resizing while sessions run', () => {
  it('growing opens the new licenses at once', async () => {
    const { set } = await subscribe({ quota: 1 });
    await activated('a');
    await refused('b');
    await set({ quota: 2 });
    await activated('b');
    await refused('c');
  });
  it('shrinking ends nobody, and nobody new comes in until fewer than the new quota are in use', async () => {
    const { set } = await subscribe({ quota: 4 });
    const running: Json[] = [];
    for (const sessionId of ['a', 'b', 'c', 'd']) running.push(await activated(sessionId));
    expect(await set({ quota: 2 })).toMatchObject({ quota: 2, available: 0, inUse: { online: 4 } });
    for (const { sessionId, seat, fence } of running)
      await got(200, heartbeat, { as: 'user', path: { sessionId }, body: { seat, fence } });
    expect(await refused('e')).toMatchObject({ quota: 2, inUse: 4 });
    await release('a');
    await refused('e');
    await release('b');
    expect(await refused('e')).toMatchObject({ quota: 2, inUse: 2 });
    await release('c');
    await activated('e');
    await refused('f');
  });
  it('after a shrink, lapsed seats count as free at once', async () => {
    const { set } = await subscribe({ quota: 3 });
    for (const sessionId of ['a', 'b', 'c']) await activated(sessionId);
    await set({ quota: 1 });
    clock.advance(61_000);
    await activated('d');
    expect(await refused('e')).toMatchObject({ quota: 1, inUse: 1 });
  });
  it('after a shrink and a lapse, a late heartbeat does not bring the holders over the quota', async () => {
    const { set } = await subscribe({ quota: 3 });
    const late: Json[] = [];
    for (const sessionId of ['a', 'b', 'c']) late.push(await activated(sessionId));
    await set({ quota: 1 });
    clock.advance(61_000);
    await activated('d');
    const answers = [];
    for (const { sessionId, seat, fence } of late)
      answers.push((await call(heartbeat, { as: 'user', path: { sessionId }, body: { seat, fence } })).status);
    expect(answers).toEqual([410, 410, 410]);
    expect((await got(200, getSubscription, { as: 'owner' })).inUse.online).toBe(1);
  });
  it('shrinking to 0 and growing again', async () => {
    const { set } = await subscribe({ quota: 2 });
    await activated('a');
    await set({ quota: 0 });
    expect(await refused('b')).toMatchObject({ quota: 0, inUse: 1 });
    await release('a');
    expect(await refused('b')).toMatchObject({ quota: 0, inUse: 0, nextFreeAt: null });
    await set({ quota: 2 });
    await activated('b');
    await activated('c');
    await refused('d');
  });
  it('growing again after a shrink to 0, running sessions count', async () => {
    const { set } = await subscribe({ quota: 3 });
    const bySeat: string[] = [];
    for (const sessionId of ['a', 'b', 'c']) bySeat[(await activated(sessionId)).seat] = sessionId;
    await set({ quota: 0 });
    await set({ quota: 2 });
    await refused('d');
    await release(bySeat[1] as string);
    expect(await refused('d')).toMatchObject({ quota: 2, inUse: 2 });
    await release(bySeat[2] as string);
    await activated('d');
    await refused('e');
  });
  it('shrinking and growing by turns, with as many sessions as fit, never exceeds the quota and wastes no license', async () => {
    const { set } = await subscribe({ quota: 4 });
    let running: string[] = [];
    let session = 0;
    const quotas = [4, 2, 5, 1, 3, 0, 2];
    for (const quota of quotas) {
      const before = running.length;
      await set({ quota });
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => {
          const sessionId = `s${session++}`;
          return call(activate, { as: 'user', body: { sessionId, machineId: 'm' } });
        }),
      );
      running.push(...answers.filter(({ status }) => status === 201).map(({ body }) => body.sessionId));
      expect(running.length).toBe(Math.max(before, quota));
      expect((await got(200, getSubscription, { as: 'owner' })).inUse.online).toBe(running.length);
      for (const sessionId of running.slice(0, 2)) await release(sessionId);
      running = running.slice(2);
    }
  });
});

describe('400', () => {
  it.each<[string, object, string]>([
    ['no license type', { licenseType: undefined }, '/body/licenseType'],
    ['an unknown license type', { licenseType: 'concurrent' }, '/body/licenseType'],
    ['no quota', { quota: undefined }, '/body/quota'],
    ['a negative quota', { quota: -1 }, '/body/quota'],
    ['a quota of 100,001', { quota: 100_001 }, '/body/quota'],
    ['half a license', { quota: 1.5 }, '/body/quota'],
    ['a quota as text', { quota: '3' }, '/body/quota'],
    ['a machine quota of 100,001', { machineQuota: 100_001 }, '/body/machineQuota'],
    ['no expiry', { expiresAt: undefined }, '/body/expiresAt'],
    ['an expiry without its time', { expiresAt: '2099-01-01' }, '/body/expiresAt'],
    ['an expiry that is not in UTC', { expiresAt: '2099-01-01T00:00:00+01:00' }, '/body/expiresAt'],
    ['an expiry on a day that does not exist', { expiresAt: '2099-02-29T00:00:00Z' }, '/body/expiresAt'],
    ['an expiry as a number', { expiresAt: 4_070_908_800_000 }, '/body/expiresAt'],
    ['a lease of 4 s', { leaseSeconds: 4 }, '/body/leaseSeconds'],
    ['a lease of more than a day', { leaseSeconds: 86_401 }, '/body/leaseSeconds'],
    ['an empty product name', { productName: '' }, '/body/productName'],
    ['a product name of 101 characters', { productName: 'x'.repeat(101) }, '/body/productName'],
    ['offline rules without whether', { offline: {} }, '/body/offline/allowed'],
    ['offline licenses of 0 days', { offline: { allowed: true, maxDays: 0 } }, '/body/offline/maxDays'],
    ['a negative reserve', { offline: { allowed: true, reserveOnline: -1 } }, '/body/offline/reserveOnline'],
    ['an unknown offline rule', { offline: { allowed: true, max: 1 } }, '/body/offline/max'],
    ['an idle timeout on a floating subscription', { idleTimeoutMinutes: 120 }, '/body/idleTimeoutMinutes'],
    ['a status that time gives, not the vendor', { status: 'expired' }, '/body/status'],
    ['an unknown field', { seats: 3 }, '/body/seats'],
  ])('%s', async (_, wrong, pointer) => {
    const path = newProduct();
    expect(await set(400, path, terms(wrong))).toMatchObject({ errors: [{ pointer }] });
    await got(404, getSubscription, { as: 'owner', path });
  });
  it('an idle timeout of 0 minutes', async () => {
    const body = terms({ licenseType: 'per-user', idleTimeoutMinutes: 0 });
    expect(await set(400, newProduct(), body)).toMatchObject({ errors: [{ pointer: '/body/idleTimeoutMinutes' }] });
  });
  it.each(['kre', 'KRE_1', 'KRE KSE', 'K'.repeat(33), 'K#R', ''])('a product code of %j', async (product) => {
    expect(await set(400, { product }, terms())).toMatchObject({ errors: [{ pointer: '/path/product' }] });
  });
  it.each([
    ['floating', 'per-user'],
    ['per-user', 'floating'],
  ])('a %s subscription never becomes %s', async (licenseType, other) => {
    const path = newProduct();
    const first = await set(201, path, terms({ licenseType }));
    expect(await set(400, path, terms({ licenseType: other, quota: 9 }))).toMatchObject({
      errors: [{ pointer: '/body/licenseType' }],
    });
    expect(await got(200, getSubscription, { as: 'owner', path })).toEqual(first);
  });
});

describe('403', () => {
  it.each(['owner', 'admin', 'billingManager', 'user', 'fullKey'] as const)(
    'a member may not, be it the %s',
    async (as) => {
      const path = newProduct();
      expect(await got(403, setSubscription, { as, path, body: terms() })).toMatchObject({ code: 'forbidden' });
      await got(404, getSubscription, { as: 'owner', path });
    },
  );
});

describe('404', () => {
  it('an organization that does not exist', async () => {
    await set(404, { organizationId: 'org_none', product: 'KRE' }, terms());
  });
});

describe('429', () => {
  it('many changes at once: each is done, or told to come again', async () => {
    const { path } = await subscribe();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, quota) =>
        call(setSubscription, { as: 'vendor', path, body: terms({ quota }) }).then(({ status, body }) => ({
          status,
          code: body.code,
        })),
      ),
    );
    expect(answers).toContainEqual({ status: 200, code: undefined });
    for (const { status, code } of answers)
      if (status !== 200) expect({ status, code }).toEqual({ status: 429, code: 'too-many-requests' });
  });
});
