import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { grantLicense } from '../../../shared/contracts/grant-license.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { issueOfflineLicense } from '../../../shared/contracts/issue-offline-license.ts';
import { listActivations } from '../../../shared/contracts/list-activations.ts';
import { listLicensedUsers } from '../../../shared/contracts/list-licensed-users.ts';
import { listMachines } from '../../../shared/contracts/list-machines.ts';
import { listOfflineLicenses } from '../../../shared/contracts/list-offline-licenses.ts';
import { removeLicense } from '../../../shared/contracts/remove-license.ts';
import { type As, clock, day, openWorld, utcIn } from '../support/harness.ts';

// The effect of a changed subscription on all holders: running activations, licensed users, offline licenses.
const { got, subscribe, userId, activated } = await openWorld();

const offline = { allowed: true };
const floating = (changes: object = {}) => subscribe({ quota: 3, offline, ...changes });
const perUser = (changes: object = {}) =>
  subscribe({ licenseType: 'per-user', quota: 3, machineQuota: 10, offline, ...changes });
const figures = async () => {
  const { quota, available, inUse } = await got(200, getSubscription, { as: 'owner' });
  return { quota, available, ...inUse };
};
const grant = async (status: number, to: As) =>
  got(status, grantLicense, { as: 'owner', path: { userId: await userId(to) } });
const remove = async (from: As) => got(204, removeLicense, { as: 'owner', path: { userId: await userId(from) } });
const issue = (status: number, machineId: string, more: object = {}) =>
  got(status, issueOfflineLicense, { as: 'owner', body: { machineId, ...more } });
const start = (status: number, sessionId: string, as: As = 'user') =>
  got(status, activate, { as, body: { sessionId, machineId: `on-${sessionId}` } });
const beat = (status: number, { sessionId, seat, fence }: any, as: As = 'user') =>
  got(status, heartbeat, { as, path: { sessionId }, body: { seat, fence } });
const listed = async (operation: typeof listActivations | typeof listLicensedUsers | typeof listOfflineLicenses) =>
  (await got(200, operation, { as: 'owner' })).items.length;

describe('a larger quota', () => {
  it('opens licenses at once, to sessions and offline licenses', async () => {
    const { set } = await floating({ quota: 1 });
    await activated('a');
    await start(409, 'b');
    await set({ quota: 3 });
    await start(201, 'b');
    await issue(201, 'lab');
    await start(409, 'c');
  });
  it('opens licenses at once, to users', async () => {
    const { set } = await perUser({ quota: 1 });
    await grant(201, 'user');
    await grant(409, 'otherUser');
    await set({ quota: 2 });
    await grant(201, 'otherUser');
    await grant(409, 'admin');
  });
});

describe('a smaller quota', () => {
  it('ends nobody; nobody new comes in until fewer than the new quota are in use, offline licenses counting', async () => {
    const { set } = await floating();
    const [a, b] = [await activated('a'), await activated('b')];
    await issue(201, 'lab');
    await set({ quota: 1 });
    expect(await figures()).toEqual({ quota: 1, available: 0, licensedUsers: 0, online: 2, offline: 1 });
    await beat(200, a);
    await beat(200, b);
    for (const sessionId of ['a', 'b']) await got(204, deactivate, { as: 'user', path: { sessionId } });
    // The offline license holds the last seat, until its expiry.
    await start(409, 'c');
    await issue(409, 'other');
    expect(await figures()).toEqual({ quota: 1, available: 0, licensedUsers: 0, online: 0, offline: 1 });
  });
  it('takes no license from a user; the next is granted once fewer are licensed', async () => {
    const { set } = await perUser();
    for (const as of ['user', 'otherUser', 'admin'] as const) await grant(201, as);
    const running = await start(201, 'a');
    await set({ quota: 1 });
    expect(await figures()).toEqual({ quota: 1, available: 0, licensedUsers: 3, online: 1, offline: 0 });
    await beat(200, running);
    await start(201, 'b', 'otherUser');
    await remove('admin');
    await remove('otherUser');
    await grant(409, 'admin');
    await remove('user');
    await grant(201, 'admin');
    await grant(409, 'user');
  });
  it('of 0 is the same for all of them', async () => {
    const { set } = await perUser();
    await grant(201, 'user');
    await issue(201, 'lab');
    await set({ quota: 0 });
    expect(await figures()).toEqual({ quota: 0, available: 0, licensedUsers: 1, online: 0, offline: 1 });
    await start(201, 'a');
    await grant(409, 'otherUser');
  });
});

describe('an earlier expiry', () => {
  it('ends activations at it; licenses stay with their users; offline licenses go on until their own expiry', async () => {
    const { set } = await perUser({ expiresAt: utcIn(30 * day), leaseSeconds: 3600 });
    await grant(201, 'user');
    const running = await start(201, 'a');
    await issue(201, 'lab', { expiresAt: utcIn(10 * day) });
    await set({ expiresAt: utcIn(60_000) });
    clock.advance(61_000);
    expect(await figures()).toEqual({ quota: 3, available: 1, licensedUsers: 1, online: 0, offline: 1 });
    expect(await beat(410, running)).toMatchObject({ endedReason: 'subscription-expired' });
    for (const refused of [await start(403, 'b'), await grant(403, 'otherUser'), await issue(403, 'other')])
      expect(refused.code).toBe('subscription-expired');
    expect([await listed(listActivations), await listed(listLicensedUsers), await listed(listOfflineLicenses)]).toEqual(
      [0, 1, 1],
    );
    // Renewed, it goes on as it was: at once, and the offline license still takes its seat until its own expiry.
    await set({ expiresAt: utcIn(30 * day) });
    await start(201, 'a');
    await grant(201, 'otherUser');
    await grant(409, 'admin');
    clock.advance(10 * day);
    await grant(201, 'admin');
  });
  it('of a floating subscription: the same for its sessions and offline licenses', async () => {
    const { set } = await floating({ leaseSeconds: 3600 });
    const running = await activated('a');
    await issue(201, 'lab', { expiresAt: utcIn(10 * day) });
    await set({ expiresAt: utcIn(60_000) });
    expect((await beat(200, running)).leaseExpiresAt).toBe(
      (await got(200, getSubscription, { as: 'owner' })).expiresAt,
    );
    clock.advance(61_000);
    expect(await figures()).toEqual({ quota: 3, available: 2, licensedUsers: 0, online: 0, offline: 1 });
    expect(await beat(410, running)).toMatchObject({ endedReason: 'subscription-expired' });
    await set({ expiresAt: utcIn(30 * day) });
    await start(201, 'a');
  });
});

describe('suspended and resumed', () => {
  it.each([
    ['floating', floating],
    ['per-user', perUser],
  ] as const)(
    '%s: activations end at their next heartbeat; users and offline licenses keep what they have',
    async (_, of) => {
      const { set } = await of();
      const licensed = of === perUser;
      if (licensed) await grant(201, 'user');
      const running = await start(201, 'a');
      await issue(201, 'lab');
      await set({ status: 'suspended' });
      expect(await beat(410, running)).toMatchObject({ endedReason: 'subscription-suspended' });
      for (const refused of [await start(403, 'b'), await issue(403, 'other')])
        expect(refused.code).toBe('subscription-suspended');
      if (licensed) expect(await grant(403, 'otherUser')).toMatchObject({ code: 'subscription-suspended' });
      expect(await figures()).toMatchObject({ licensedUsers: licensed ? 1 : 0, online: 0, offline: 1 });
      await set({});
      await start(201, 'a');
      await issue(201, 'other');
    },
  );
});

describe('another machine quota', () => {
  it('smaller: machines that are registered stay, and no other comes in until fewer are', async () => {
    const { set } = await perUser({ quota: 5 });
    await grant(201, 'user');
    await grant(201, 'otherUser');
    await start(201, 'a');
    const other = await start(201, 'b', 'otherUser');
    await set({ quota: 5, machineQuota: 1 });
    await beat(200, other, 'otherUser');
    expect(await start(409, 'c')).toMatchObject({
      code: 'machine-quota-exceeded',
      machineQuota: 1,
      registeredMachines: 2,
    });
    await remove('otherUser');
    expect(await start(409, 'c')).toMatchObject({ code: 'machine-quota-exceeded', registeredMachines: 1 });
    expect((await got(200, listMachines, { as: 'owner' })).items).toMatchObject([{ machineId: 'on-a' }]);
    await set({ quota: 5, machineQuota: 2 });
    await start(201, 'c');
  });
});
