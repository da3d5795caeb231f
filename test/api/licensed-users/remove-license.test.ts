import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { getActivation } from '../../../shared/contracts/get-activation.ts';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { grantLicense } from '../../../shared/contracts/grant-license.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { listActivations } from '../../../shared/contracts/list-activations.ts';
import { listLicensedUsers } from '../../../shared/contracts/list-licensed-users.ts';
import { removeLicense } from '../../../shared/contracts/remove-license.ts';
import { type As, clock, day, openWorld, utcIn } from '../support/harness.ts';

const { got, call, subscribe, userId } = await openWorld();
const perUser = (changes: object = {}) =>
  subscribe({ licenseType: 'per-user', quota: 1, machineQuota: 10, ...changes });
const of = async (as: As) => ({ userId: await userId(as) });
const grant = async (status: number, to: As) => got(status, grantLicense, { as: 'owner', path: await of(to) });
const remove = async (status: number, from: As) => got(status, removeLicense, { as: 'admin', path: await of(from) });

describe('204', () => {
  it('ends the user’s sessions at once, and they cannot take the license back', async () => {
    await perUser();
    await grant(201, 'user');
    const body = { sessionId: 'a', machineId: 'laptop' };
    const { seat, fence } = await got(201, activate, { as: 'user', body });
    await remove(204, 'user');
    expect(await got(410, heartbeat, { as: 'user', path: { sessionId: 'a' }, body: { seat, fence } })).toMatchObject({
      code: 'activation-ended',
      endedReason: 'user-removed',
    });
    expect(await got(200, getActivation, { as: 'owner', path: { sessionId: 'a' } })).toMatchObject({
      status: 'ended',
      endedReason: 'user-removed',
    });
    expect(await got(403, activate, { as: 'user', body })).toMatchObject({ code: 'not-licensed' });
    await grant(201, 'user');
    expect(await got(410, activate, { as: 'user', body })).toMatchObject({ endedReason: 'user-removed' });
    await got(201, activate, { as: 'user', body: { ...body, sessionId: 'b' } });
  });
  it('the license can be granted again in the same instant, to anybody', async () => {
    await perUser();
    await grant(201, 'user');
    await grant(409, 'otherUser');
    await remove(204, 'user');
    expect((await got(200, listLicensedUsers, { as: 'owner' })).items).toEqual([]);
    expect((await got(200, getSubscription, { as: 'owner' })).available).toBe(1);
    await grant(201, 'otherUser');
    await grant(409, 'user');
  });
  it('may be repeated', async () => {
    await perUser();
    await grant(201, 'user');
    await remove(204, 'user');
    await remove(204, 'user');
    await grant(201, 'otherUser');
    await remove(204, 'user');
    expect((await got(200, listLicensedUsers, { as: 'owner' })).items).toMatchObject([await of('otherUser')]);
  });
  it('also from a subscription that is suspended', async () => {
    const { set } = await perUser();
    await grant(201, 'user');
    await set({ status: 'suspended' });
    await remove(204, 'user');
    expect((await got(200, getSubscription, { as: 'owner' })).inUse.licensedUsers).toBe(0);
  });
  it('while the user activates: nothing of it is left running', async () => {
    await perUser();
    for (let round = 0; round < 10; round++) {
      await grant(201, 'user');
      const starting = ['a', 'b'].map((id) =>
        call(activate, { as: 'user', body: { sessionId: `${id}${round}`, machineId: `m-${id}` } }),
      );
      const [, ...answers] = await Promise.all([remove(204, 'user'), ...starting]);
      expect((await got(200, listActivations, { as: 'owner' })).items).toEqual([]);
      expect((await got(200, getSubscription, { as: 'owner' })).inUse).toEqual({
        licensedUsers: 0,
        online: 0,
        offline: 0,
      });
      for (const { status, body } of answers) {
        expect([201, 403, 410]).toContain(status);
        if (status !== 201) continue;
        const told = await got(410, heartbeat, {
          as: 'user',
          path: { sessionId: body.sessionId },
          body: { seat: body.seat, fence: body.fence },
        });
        expect(['user-removed', 'logged-in-elsewhere']).toContain(told.endedReason);
      }
    }
  });
});

describe('404', () => {
  it('for a user who never had a license', async () => {
    await perUser();
    await remove(404, 'user');
    await subscribe();
    await remove(404, 'user');
    await got(404, removeLicense, { as: 'owner', path: { product: 'NONE', ...(await of('user')) } });
  });
});

describe('409', () => {
  it('for a license that is used, if only an unused one is to go', async () => {
    await perUser({ quota: 2, expiresAt: utcIn(90 * day) });
    for (const as of ['user', 'otherUser'] as const) await grant(201, as);
    const removeUnused = async (status: number, from: As, ifUnusedForDays = '30') =>
      got(status, removeLicense, { as: 'admin', path: await of(from), query: { ifUnusedForDays } });
    expect(await removeUnused(409, 'user')).toMatchObject({ code: 'license-used' });
    clock.advance(31 * day);
    await got(201, activate, { as: 'user', body: { machineId: 'laptop', sessionId: 'a' } });
    expect(await removeUnused(409, 'user')).toMatchObject({ code: 'license-used' });
    await removeUnused(204, 'otherUser');
    expect((await got(200, listLicensedUsers, { as: 'owner' })).items).toMatchObject([await of('user')]);
    for (const days of ['0', '3651', 'x']) await removeUnused(400, 'user', days);
  });
});
