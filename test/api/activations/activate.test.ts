import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { type As, clock, openWorld, utcIn } from '../support/harness.ts';

const { call, got, subscribe, activated, stored, userId, foreignId } = await openWorld();
const request = (sessionId: string, changes: object = {}) => ({ machineId: 'm', sessionId, ...changes });
/** Repeats an activation. */
const again = (status: number, sessionId = 'a', changes: object = {}, as: As = 'user') =>
  got(status, activate, { as, body: request(sessionId, changes) });

describe('201', () => {
  it('a new activation has a seat of the quota, a fence and a lease', async () => {
    await subscribe({ quota: 3, leaseSeconds: 90 });
    const before = Date.now();
    const activation = await got(201, activate, { as: 'user', body: request('build-1', { hostname: 'ci.example' }) });
    expect(activation).toMatchObject({
      sessionId: 'build-1',
      machineId: 'm',
      hostname: 'ci.example',
      userId: await userId('user'),
      status: 'active',
      heartbeatSeconds: 30,
      endedAt: null,
      endedReason: null,
    });
    expect(activation.seat).toBeGreaterThanOrEqual(1);
    expect(activation.seat).toBeLessThanOrEqual(3);
    expect(activation.fence).toBeGreaterThanOrEqual(1);
    const at = Date.parse(activation.activatedAt);
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
    expect(Date.parse(activation.leaseExpiresAt) - at).toBe(90_000);
  });
  it('without a session ID the service makes one, and each call takes a license', async () => {
    await subscribe({ quota: 2 });
    const body = { machineId: 'm' };
    const first = await got(201, activate, { as: 'user', body });
    const second = await got(201, activate, { as: 'user', body });
    expect(second.sessionId).not.toBe(first.sessionId);
    expect(second.seat).not.toBe(first.seat);
    await got(409, activate, { as: 'user', body });
  });
  it('a machine can run several floating sessions; each takes a license', async () => {
    await subscribe({ quota: 3 });
    const seats = [];
    for (const sessionId of ['a', 'b', 'c']) seats.push((await activated(sessionId)).seat);
    expect(seats.sort()).toEqual([1, 2, 3]);
  });
  it('every member may use a floating license; runners use API keys, which act as their member', async () => {
    await subscribe({ quota: 10 });
    for (const as of ['owner', 'admin', 'billingManager', 'user', 'otherUser', 'apiKey', 'fullKey'] as const)
      expect((await activated(`of-${as}`, as)).userId).toBe(await userId(as.endsWith('Key') ? 'user' : as));
  });
  it('a runner that crashes gives its license back by itself: in the instant when its lease ends', async () => {
    await subscribe({ quota: 1 });
    const { fence } = await activated('crashed');
    clock.advance(30_000);
    await again(409, 'next');
    clock.advance(30_001);
    expect(await again(201, 'next')).toMatchObject({ seat: 1 });
    expect((await got(200, activate, { as: 'user', body: request('next') })).fence).toBeGreaterThan(fence);
  });
  it('the lease never outlives the subscription', async () => {
    const expiresAt = utcIn(20_000);
    await subscribe({ expiresAt, leaseSeconds: 60 });
    expect(await activated('a')).toMatchObject({ leaseExpiresAt: expiresAt });
  });
  it('machine IDs and session IDs may use all their characters and lengths', async () => {
    await subscribe();
    const longest = { machineId: `Az09._:@=+~-${'m'.repeat(116)}`, sessionId: `Az09._:-${'s'.repeat(120)}` };
    expect(await got(201, activate, { as: 'user', body: longest })).toMatchObject(longest);
    await got(200, activate, { as: 'user', body: longest });
    await got(201, activate, { as: 'user', body: { machineId: '...', sessionId: '.-' } });
  });
  it('waitSeconds 0 asks for no waiting', async () => {
    await subscribe();
    await got(201, activate, { as: 'user', body: request('a', { waitSeconds: 0 }) });
  });
  it('concurrent activations never exceed the quota: 12 runners, 5 licenses', async () => {
    await subscribe({ quota: 5 });
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => call(activate, { as: 'apiKey', body: request(`run-${i}`) })),
    );
    const won = answers.filter(({ status }) => status === 201);
    expect(won.map(({ body }) => body.seat).sort()).toEqual([1, 2, 3, 4, 5]);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(7);
  });
});

describe('201: the same session ID after its end is a new activation with a higher fence', () => {
  const comesBack = async (first: { fence: number }) => {
    const second = await again(201);
    expect(second.fence).toBeGreaterThan(first.fence);
    expect(second).toMatchObject({ status: 'active', endedAt: null, endedReason: null });
  };
  it('after released, also on another machine and for another member', async () => {
    await subscribe();
    const first = await activated('a');
    await got(204, deactivate, { as: 'user', path: { sessionId: 'a' } });
    await comesBack(first);
    await got(204, deactivate, { as: 'user', path: { sessionId: 'a' } });
    const elsewhere = await again(201, 'a', { machineId: 'other' }, 'otherUser');
    expect(elsewhere).toMatchObject({ machineId: 'other', userId: await userId('otherUser') });
  });
  it('also on another seat, one with a lower fence: a session’s fence never falls', async () => {
    await subscribe({ quota: 2 });
    const release = (sessionId: string) => got(204, deactivate, { as: 'user', path: { sessionId } });
    let last = await activated('a');
    for (let round = 0; round < 4; round++) {
      await release('a');
      last = await again(201);
    }
    await release('a');
    const others = [await activated('b'), await activated('c')];
    await release(others.find(({ seat }) => seat !== last.seat).sessionId);
    const elsewhere = await again(201);
    expect(elsewhere.seat).not.toBe(last.seat);
    expect(elsewhere.fence).toBeGreaterThan(last.fence);
  });
  it('after lease-expired, when another session has the seat', async () => {
    await subscribe({ quota: 1 });
    const first = await activated('a');
    clock.advance(61_000);
    await activated('b', 'otherUser');
    await got(204, deactivate, { as: 'otherUser', path: { sessionId: 'b' } });
    await comesBack(first);
  });
  it('after lease-expired, on another machine: the old lease no longer stands in the way', async () => {
    await subscribe();
    const first = await activated('a');
    clock.advance(61_000);
    const second = await again(201, 'a', { machineId: 'other' });
    expect(second.fence).toBeGreaterThan(first.fence);
    expect(
      await got(410, heartbeat, {
        as: 'user',
        path: { sessionId: 'a' },
        body: { seat: first.seat, fence: first.fence },
      }),
    ).toMatchObject({ endedReason: 'lease-expired' });
  });
  it.each([
    ['subscription-suspended', { status: 'suspended' }],
    ['subscription-expired', { expiresAt: utcIn(-1000) }],
  ])('after %s, once the subscription is active again', async (endedReason, change) => {
    const { set } = await subscribe();
    const first = await activated('a');
    await set(change);
    const { seat, fence } = first;
    const ended = await got(410, heartbeat, { as: 'user', path: { sessionId: 'a' }, body: { seat, fence } });
    expect(ended).toMatchObject({ endedReason });
    await set({});
    await comesBack(first);
  });
});

describe('200', () => {
  it('a repeated activation gets the same seat and fence, and a new lease', async () => {
    await subscribe({ quota: 1 });
    const first = await activated('a');
    clock.advance(10_000);
    const second = await again(200);
    const { leaseExpiresAt, ...same } = first;
    expect(second).toMatchObject(same);
    expect(Date.parse(second.leaseExpiresAt) - Date.parse(leaseExpiresAt)).toBeGreaterThanOrEqual(10_000);
  });
  it('a restarted runner with the same session ID gets its own license back, also after its lease ended', async () => {
    await subscribe({ quota: 1 });
    const { seat, fence } = await activated('a');
    clock.advance(300_000);
    expect(await again(200)).toMatchObject({ seat, fence });
    await again(409, 'b');
  });
  it('concurrent repetitions get one seat together', async () => {
    await subscribe({ quota: 5 });
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => call(activate, { as: 'user', body: request('a') })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 201]);
    expect(new Set(answers.map(({ body }) => `${body.seat}/${body.fence}`)).size).toBe(1);
    expect((await got(200, getSubscription, { as: 'owner' })).inUse.online).toBe(1);
  });
  it('a repetition may come through an API key of the same member', async () => {
    await subscribe();
    const { seat, fence } = await activated('a', 'user');
    expect(await again(200, 'a', {}, 'apiKey')).toMatchObject({ seat, fence });
  });
  it('a repetition gives the heartbeat interval of its new lease', async () => {
    const { set } = await subscribe({ leaseSeconds: 120 });
    expect(await activated('a')).toMatchObject({ heartbeatSeconds: 40 });
    await set({ leaseSeconds: 30 });
    const { leaseExpiresAt, heartbeatSeconds } = await again(200);
    expect(Date.parse(leaseExpiresAt) - Date.now()).toBeLessThanOrEqual(30_000);
    expect(heartbeatSeconds).toBe(10);
  });
});

describe('200: a dry run', () => {
  const dryRun = async (as: As = 'user', changes: object = {}) => {
    const before = await stored();
    const body = await got(200, activate, { as, body: request('dry', { dryRun: true, ...changes }) });
    expect(await stored()).toEqual(before);
    return body;
  };
  it('says that it would be accepted, and writes nothing', async () => {
    await subscribe({ quota: 1 });
    expect(await dryRun()).toEqual({ accepted: true });
    await again(201, 'other');
  });
  it('says that a repetition would be accepted in a full pool', async () => {
    await subscribe({ quota: 1 });
    await activated('dry');
    expect(await dryRun()).toEqual({ accepted: true });
  });
  it('gives the refusal of a full pool with its fields; holders only to owner and admin', async () => {
    await subscribe({ quota: 1 });
    const { leaseExpiresAt } = await activated('a');
    const told = { accepted: false, code: 'license-quota-exceeded', quota: 1, inUse: 1, nextFreeAt: leaseExpiresAt };
    expect(await dryRun()).toMatchObject(told);
    expect(await dryRun()).not.toHaveProperty('holders');
    expect(await dryRun('admin')).toMatchObject({ ...told, holders: [{ sessionId: 'a' }] });
  });
  it('counts a seat whose lease has ended as free', async () => {
    await subscribe({ quota: 1 });
    await activated('a');
    clock.advance(61_000);
    expect(await dryRun()).toEqual({ accepted: true });
  });
  it('gives a conflict', async () => {
    await subscribe();
    await activated('dry');
    expect(await dryRun('otherUser')).toMatchObject({ accepted: false, code: 'session-conflict' });
    expect(await dryRun('user', { machineId: 'other' })).toMatchObject({ accepted: false, code: 'session-conflict' });
  });
  it('gives a forced end', async () => {
    await subscribe();
    await activated('dry');
    await got(204, deactivate, { as: 'admin', path: { sessionId: 'dry' } });
    expect(await dryRun()).toMatchObject({
      accepted: false,
      code: 'activation-ended',
      endedReason: 'license-removed',
    });
  });
  it.each([
    ['subscription-suspended', { status: 'suspended' }],
    ['subscription-expired', { expiresAt: utcIn(-1000) }],
    ['not-licensed', { licenseType: 'per-user' }],
  ])('tells %s', async (code, terms) => {
    await subscribe(terms);
    expect(await dryRun()).toMatchObject({ accepted: false, code });
  });
  it('after a shrink, it gives the result of an activation by then', async () => {
    const { set } = await subscribe({ quota: 3 });
    for (const sessionId of ['a', 'b']) await activated(sessionId);
    await set({ quota: 2 });
    expect(await dryRun()).toMatchObject({ accepted: false, code: 'license-quota-exceeded', quota: 2, inUse: 2 });
    await got(204, deactivate, { as: 'user', path: { sessionId: 'a' } });
    expect(await dryRun()).toEqual({ accepted: true });
    await again(201, 'c');
  });
});

describe('400', () => {
  it.each<[string, object, string]>([
    ['no machine ID', { machineId: undefined }, '/body/machineId'],
    ['an empty machine ID', { machineId: '' }, '/body/machineId'],
    ['a machine ID with a space', { machineId: 'a b' }, '/body/machineId'],
    ['a machine ID of 129 characters', { machineId: 'm'.repeat(129) }, '/body/machineId'],
    ['a machine ID that is a number', { machineId: 7 }, '/body/machineId'],
    ['a machine ID with a line feed at its end', { machineId: 'm\n' }, '/body/machineId'],
    ['an empty session ID', { sessionId: '' }, '/body/sessionId'],
    ['a session ID with an empty part', { sessionId: 'a//b' }, '/body/sessionId'],
    ['a session ID that ends with a slash', { sessionId: 'a/' }, '/body/sessionId'],
    ['a session ID that climbs', { sessionId: 'a/../b' }, '/body/sessionId'],
    ['a session ID with a @', { sessionId: 'a@b' }, '/body/sessionId'],
    ['a session ID of 129 characters', { sessionId: 's'.repeat(129) }, '/body/sessionId'],
    ['a session ID that is null', { sessionId: null }, '/body/sessionId'],
    ['an empty host name', { hostname: '' }, '/body/hostname'],
    ['a host name of 256 characters', { hostname: 'h'.repeat(256) }, '/body/hostname'],
    ['waitSeconds as text', { waitSeconds: '0' }, '/body/waitSeconds'],
    ['a dry run that is no boolean', { dryRun: 'true' }, '/body/dryRun'],
    ['a field that is not known', { machineid: 'm' }, '/body/machineid'],
  ])('%s', async (_, wrong, pointer) => {
    await subscribe();
    expect(await got(400, activate, { as: 'user', body: request('a', wrong) })).toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer }],
    });
  });
  it('the answer lists every wrong field', async () => {
    const { errors } = await got(400, activate, {
      as: 'user',
      path: { product: 'kre' },
      query: { force: 'true' },
      body: { machineId: '', 'odd/key~': 1 },
    });
    expect(errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
      '/body/machineId',
      '/body/odd~1key~0',
      '/path/product',
      '/query/force',
    ]);
  });
  it.each(['', '{', '[]', '"machine"', 'null', '{"machineId": "m"} {}', 'ÿ'])('a body of %j', async (body) => {
    await subscribe();
    const { errors } = await got(400, activate, { as: 'user', body });
    expect(errors[0].pointer).toMatch(/^\/body/);
  });
});

describe('401', () => {
  it('no credential', async () => {
    await subscribe();
    const { status, headers, body } = await call(activate, { as: 'nobody', body: request('a') });
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'unauthenticated' });
    expect(headers['www-authenticate']).toBe('Bearer');
  });
});

describe('403', () => {
  it('on a per-user subscription nobody can be granted yet: not-licensed, also for the owner', async () => {
    await subscribe({ licenseType: 'per-user' });
    for (const as of ['owner', 'user', 'apiKey'] as const)
      expect(await got(403, activate, { as, body: request('a') })).toMatchObject({ code: 'not-licensed' });
  });
  it('at its expiry a subscription’s licenses stop, in the instant; a renewal takes effect at once', async () => {
    const { set } = await subscribe({ expiresAt: utcIn(10_000), quota: 2 });
    await activated('a');
    clock.advance(10_001);
    expect(await again(403, 'b')).toMatchObject({ code: 'subscription-expired' });
    expect(await again(403, 'a')).toMatchObject({ code: 'subscription-expired' });
    await set({ expiresAt: utcIn(60_000) });
    await activated('b');
  });
  it('a suspended subscription refuses, also a repetition; resumed, it accepts at once', async () => {
    const { set } = await subscribe();
    await activated('a');
    await set({ status: 'suspended' });
    expect(await again(403, 'b')).toMatchObject({ code: 'subscription-suspended' });
    expect(await again(403, 'a')).toMatchObject({ code: 'subscription-suspended' });
    await set({});
    await activated('b');
  });
  it('the vendor may not activate', async () => {
    await subscribe();
    expect(await got(403, activate, { as: 'vendor', body: request('a') })).toMatchObject({ code: 'forbidden' });
  });
});

describe('404', () => {
  it('a product that the organization does not have', async () => {
    await got(404, activate, { as: 'user', path: { product: 'NONE' }, body: request('a') });
    await got(404, activate, { as: 'user', path: { product: 'NONE' }, body: request('a', { dryRun: true }) });
  });
  it('another organization', async () => {
    await subscribe();
    await got(404, activate, { as: 'user', path: { organizationId: foreignId }, body: request('a') });
    await got(404, activate, { as: 'stranger', body: request('a') });
  });
});

describe('409 session-conflict', () => {
  it('the session ID is live on another machine', async () => {
    await subscribe();
    await activated('a');
    expect(await again(409, 'a', { machineId: 'other' })).toMatchObject({ code: 'session-conflict' });
    await again(200);
  });
  it('the session ID is live for another member, on the same machine; the answer names nobody', async () => {
    await subscribe();
    await activated('a');
    const problem = await again(409, 'a', {}, 'otherUser');
    expect(problem).toMatchObject({ code: 'session-conflict' });
    expect(JSON.stringify(problem)).not.toContain(await userId('user'));
    await again(409, 'a', {}, 'owner');
  });
  it('comes before the quota: a full pool gives the conflict', async () => {
    await subscribe({ quota: 1 });
    await activated('a');
    expect(await again(409, 'a', { machineId: 'other' })).toMatchObject({ code: 'session-conflict' });
  });
});

describe('409 machine-quota-exceeded', () => {
  it('on a machine too many, while licenses are free: “Machine quota exceeded”', async () => {
    await subscribe({ quota: 5, machineQuota: 1 });
    await activated('a', 'user', 'm1');
    expect(await again(409, 'b', { machineId: 'm2' })).toMatchObject({
      title: 'Machine quota exceeded',
      code: 'machine-quota-exceeded',
      machineQuota: 1,
      registeredMachines: 1,
    });
    await activated('c', 'otherUser', 'm1');
  });
  it('comes before the license quota, and only where the machine is in the way too', async () => {
    await subscribe({ quota: 2, machineQuota: 1 });
    for (const sessionId of ['a', 'b']) await activated(sessionId, 'user', 'm1');
    expect(await again(409, 'c', { machineId: 'm2' })).toMatchObject({ code: 'machine-quota-exceeded' });
    expect(await again(409, 'c', { machineId: 'm1' })).toMatchObject({ code: 'license-quota-exceeded' });
  });
  it('a dry run says the same, and writes nothing', async () => {
    await subscribe({ quota: 2, machineQuota: 1 });
    await activated('a', 'user', 'm1');
    const before = await stored();
    const told = { accepted: false, code: 'machine-quota-exceeded', machineQuota: 1, registeredMachines: 1 };
    expect(await again(200, 'b', { machineId: 'm2', dryRun: true })).toMatchObject(told);
    expect(await again(200, 'b', { machineId: 'm1', dryRun: true })).toEqual({ accepted: true });
    expect(await stored()).toEqual(before);
    await activated('b', 'user', 'm1');
    expect(await again(200, 'c', { machineId: 'm2', dryRun: true })).toMatchObject(told);
  });
});

describe('409 license-quota-exceeded', () => {
  it('parallel sessions ≤ quota: “License quota exceeded”, with how many are in use and when the next can be free', async () => {
    await subscribe({ quota: 2 });
    const first = await activated('a');
    clock.advance(20_000);
    await activated('b', 'otherUser');
    const { status, body, headers } = await call(activate, { as: 'user', body: request('c') });
    expect(status).toBe(409);
    expect(body).toMatchObject({
      title: 'License quota exceeded',
      code: 'license-quota-exceeded',
      quota: 2,
      inUse: 2,
      nextFreeAt: first.leaseExpiresAt,
    });
    expect(body.retryAfterSeconds).toBeGreaterThanOrEqual(30);
    expect(body.retryAfterSeconds).toBeLessThanOrEqual(50);
    expect(headers['retry-after']).toBe(String(body.retryAfterSeconds));
  });
  it('the next try is never more than a minute away: a release may come any time', async () => {
    await subscribe({ quota: 1, leaseSeconds: 3600 });
    await activated('a');
    const { retryAfterSeconds } = await again(409, 'b');
    expect(retryAfterSeconds).toBeGreaterThanOrEqual(45);
    expect(retryAfterSeconds).toBeLessThanOrEqual(60);
  });
  it.each([
    ['soon', 40, 40, 50],
    ['in an hour', 3600, 45, 60],
  ])('a refused crowd does not come back at once, if the next lease ends %s', async (_, leaseSeconds, from, to) => {
    clock.stoppedAt = Date.now();
    await subscribe({ quota: 1, leaseSeconds });
    await activated('a');
    const ask = async (index: number) => {
      const { retryAfterSeconds, nextFreeAt } = await again(409, `crowd-${index}`);
      // Never before the license can be free.
      if (leaseSeconds < 60)
        expect(Date.now() + retryAfterSeconds * 1000).toBeGreaterThanOrEqual(Date.parse(nextFreeAt));
      return retryAfterSeconds as number;
    };
    const told: number[] = [];
    for (let index = 0; index < 16; index++) told.push(await ask(index));
    expect(Math.min(...told)).toBeGreaterThanOrEqual(from);
    expect(Math.max(...told)).toBeLessThanOrEqual(to);
    expect(new Set(told).size).toBeGreaterThan(6);
    // A session is told the same again.
    if (leaseSeconds > 60) expect(await ask(0)).toBe(told[0]);
  });
  it.each(['owner', 'admin', 'fullKeyOfAdmin'] as const)(
    'who holds my seat, since when, until when: told to an %s',
    async (as) => {
      const { key } = await got(201, createApiKey, { as: 'admin', body: { name: 'Console', scope: 'full' } });
      await subscribe({ quota: 1 });
      const { seat, activatedAt, leaseExpiresAt } = await activated('a');
      const { holders } = await again(409, 'b', {}, as === 'fullKeyOfAdmin' ? { bearer: key } : as);
      expect(holders).toEqual([
        {
          seat,
          kind: 'session',
          sessionId: 'a',
          userId: await userId('user'),
          machineId: 'm',
          activatedAt,
          leaseExpiresAt,
        },
      ]);
    },
  );
  it('holders are shown to nobody else, not even to an admin’s key of scope activate', async () => {
    const { key } = await got(201, createApiKey, { as: 'admin', body: { name: 'CI' } });
    await subscribe({ quota: 1 });
    await activated('a');
    for (const as of ['user', 'otherUser', 'billingManager', 'apiKey', 'fullKey', { bearer: key }] as const) {
      const problem = await again(409, 'b', {}, as);
      expect(problem).not.toHaveProperty('holders');
      expect(JSON.stringify(problem)).not.toContain(await userId('user'));
    }
  });
  it('a quota of 0 refuses everyone; no seat has an end', async () => {
    await subscribe({ quota: 0 });
    expect(await again(409)).toMatchObject({ quota: 0, inUse: 0, nextFreeAt: null });
  });
  it('a refusal takes nothing: the next release is anybody’s', async () => {
    await subscribe({ quota: 1 });
    await activated('a');
    await again(409, 'b');
    await got(204, deactivate, { as: 'user', path: { sessionId: 'a' } });
    await again(201, 'c', {}, 'otherUser');
    await again(409, 'b');
  });
});

describe('410', () => {
  it('after a forced end the same session can’t take the license back; a new activation is a new decision', async () => {
    await subscribe();
    await activated('a');
    await got(204, deactivate, { as: 'admin', path: { sessionId: 'a' } });
    expect(await again(410)).toMatchObject({ code: 'activation-ended', endedReason: 'license-removed' });
    await again(410, 'a', { machineId: 'other' });
    clock.advance(3_600_000);
    await again(410);
    await again(201, 'b');
  });
  it('comes before the quota: a full pool gives the end', async () => {
    await subscribe({ quota: 1 });
    await activated('a');
    await got(204, deactivate, { as: 'admin', path: { sessionId: 'a' } });
    await activated('b');
    expect(await again(410)).toMatchObject({ endedReason: 'license-removed' });
  });
  it('comes after the errors of the subscription', async () => {
    const { set } = await subscribe();
    await activated('a');
    await got(204, deactivate, { as: 'admin', path: { sessionId: 'a' } });
    await set({ status: 'suspended' });
    expect(await again(403)).toMatchObject({ code: 'subscription-suspended' });
  });
});
