import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { grantLicense } from '../../../shared/contracts/grant-license.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { listLicensedUsers } from '../../../shared/contracts/list-licensed-users.ts';
import { removeLicense } from '../../../shared/contracts/remove-license.ts';
import { transferLicense } from '../../../shared/contracts/transfer-license.ts';
import { type As, openWorld, utcIn } from '../support/harness.ts';

const { got, call, subscribe, userId } = await openWorld();
const perUser = (changes: object = {}) => subscribe({ licenseType: 'per-user', quota: 1, ...changes });
const of = async (as: As) => ({ userId: await userId(as) });
const grant = async (status: number, to: As) => got(status, grantLicense, { as: 'owner', path: await of(to) });
const request = async (from: As, to: As) => ({
  as: 'admin' as const,
  path: await of(from),
  body: { toUserId: await userId(to) },
});
const transfer = async (status: number, from: As, to: As) => got(status, transferLicense, await request(from, to));
const licensed = async () => (await got(200, listLicensedUsers, { as: 'owner' })).items.map((item: any) => item.userId);

describe('200', () => {
  it('the new user has the license, the former one none, and its session ended as license-transferred', async () => {
    await perUser();
    await grant(201, 'user');
    const body = { sessionId: 'a', machineId: 'laptop' };
    const { seat, fence } = await got(201, activate, { as: 'user', body });
    expect(await transfer(200, 'user', 'otherUser')).toMatchObject({
      ...(await of('otherUser')),
      email: 'otheruser@acme.example',
      online: false,
    });
    expect(await licensed()).toEqual([await userId('otherUser')]);
    expect(await got(410, heartbeat, { as: 'user', path: { sessionId: 'a' }, body: { seat, fence } })).toMatchObject({
      endedReason: 'license-transferred',
    });
    expect(await got(403, activate, { as: 'user', body })).toMatchObject({ code: 'not-licensed' });
    await got(201, activate, { as: 'otherUser', body: { ...body, sessionId: 'b' } });
  });
  it('repeated, it is the same transfer', async () => {
    await perUser();
    await grant(201, 'user');
    const first = await transfer(200, 'user', 'otherUser');
    expect(await transfer(200, 'user', 'otherUser')).toEqual(first);
    expect(await transfer(200, 'otherUser', 'user')).toMatchObject(await of('user'));
    expect(await transfer(200, 'user', 'otherUser')).toMatchObject(await of('otherUser'));
    expect(await licensed()).toEqual([await userId('otherUser')]);
  });
  it('nobody can take the license between, however many try', async () => {
    await perUser();
    await grant(201, 'user');
    const grants = (['owner', 'admin', 'billingManager'] as const).map(async (as) =>
      call(grantLicense, { as: 'owner', path: await of(as) }),
    );
    const [, ...answers] = await Promise.all([transfer(200, 'user', 'otherUser'), ...grants]);
    expect(answers.map(({ status }) => status)).toEqual([409, 409, 409]);
    expect(await licensed()).toEqual([await userId('otherUser')]);
  });
  it('to several at once: one of them gets it', async () => {
    await perUser();
    await grant(201, 'user');
    const requests = await Promise.all((['owner', 'admin', 'otherUser'] as const).map((to) => request('user', to)));
    const answers = await Promise.all(requests.map((one) => call(transferLicense, one)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(2);
    expect(await licensed()).toEqual([answers.find(({ status }) => status === 200)?.body.userId]);
    expect((await got(200, getSubscription, { as: 'owner' })).inUse.licensedUsers).toBe(1);
  });
  it('while the license is removed: it is either gone or the other’s, never both, never lost', async () => {
    await perUser();
    for (let round = 0; round < 10; round++) {
      await grant(201, 'user');
      const [removed, transferred] = await Promise.all([
        call(removeLicense, { as: 'owner', path: await of('user') }),
        call(transferLicense, await request('user', 'otherUser')),
      ]);
      expect(removed.status).toBe(204);
      expect(await licensed()).toEqual(transferred.status === 200 ? [await userId('otherUser')] : []);
      if (transferred.status !== 200) expect(transferred.status).toBe(404);
      const { available, inUse } = await got(200, getSubscription, { as: 'owner' });
      expect(available).toBe(1 - inUse.licensedUsers);
      expect(inUse.licensedUsers).toBe(transferred.status === 200 ? 1 : 0);
      await call(removeLicense, { as: 'owner', path: await of('otherUser') });
    }
  });
  it('while the other is granted one of its own: it has one license, and the quota holds', async () => {
    await perUser({ quota: 2 });
    for (let round = 0; round < 10; round++) {
      await grant(201, 'user');
      const [granted, transferred] = await Promise.all([
        call(grantLicense, { as: 'owner', path: await of('otherUser') }),
        call(transferLicense, await request('user', 'otherUser')),
      ]);
      expect([200, 201]).toContain(granted.status);
      expect([200, 400]).toContain(transferred.status);
      const expected = transferred.status === 200 ? ['otherUser'] : ['otherUser', 'user'];
      expect(await licensed()).toEqual((await Promise.all(expected.map((as) => userId(as as As)))).sort());
      expect((await got(200, getSubscription, { as: 'owner' })).inUse.licensedUsers).toBe(expected.length);
      for (const as of ['user', 'otherUser'] as const) await call(removeLicense, { as: 'owner', path: await of(as) });
    }
  });
});

describe('400', () => {
  it('to a user who has a license already, or to the same user', async () => {
    await perUser({ quota: 2 });
    await grant(201, 'user');
    await grant(201, 'otherUser');
    for (const to of ['otherUser', 'user'] as const)
      expect(await transfer(400, 'user', to)).toMatchObject({ errors: [{ pointer: '/body/toUserId' }] });
  });
  it('of a floating subscription', async () => {
    const { set } = await subscribe();
    expect(await transfer(400, 'user', 'otherUser')).toMatchObject({ errors: [{ pointer: '/path/product' }] });
    await set({ status: 'suspended' });
    expect(await transfer(400, 'user', 'otherUser')).toMatchObject({ errors: [{ pointer: '/path/product' }] });
  });
});

describe('403', () => {
  it('not while the subscription is suspended, or after its expiry', async () => {
    const { set } = await perUser();
    await grant(201, 'user');
    await set({ status: 'suspended' });
    expect(await transfer(403, 'user', 'otherUser')).toMatchObject({ code: 'subscription-suspended' });
    await set({ expiresAt: utcIn(-1000) });
    expect(await transfer(403, 'user', 'otherUser')).toMatchObject({ code: 'subscription-expired' });
    expect(await licensed()).toEqual([await userId('user')]);
  });
});

describe('404', () => {
  it('from a user without a license, or to a user who is no member', async () => {
    await perUser();
    await transfer(404, 'user', 'otherUser');
    await grant(201, 'user');
    await transfer(404, 'user', 'stranger');
    expect(await licensed()).toEqual([await userId('user')]);
  });
});
