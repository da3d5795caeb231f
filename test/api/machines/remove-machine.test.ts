import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { getActivation } from '../../../shared/contracts/get-activation.ts';
import { grantLicense } from '../../../shared/contracts/grant-license.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { listMachines } from '../../../shared/contracts/list-machines.ts';
import { removeMachine } from '../../../shared/contracts/remove-machine.ts';
import { removeMachineLicense } from '../../../shared/contracts/remove-machine-license.ts';
import { clock, openWorld } from '../support/harness.ts';
import { bindOffline, registerFor } from '../support/machines.ts';

const world = await openWorld();
const { got, subscribe, activated } = world;
const remove = (status: number, machineId: string, query: Record<string, string> = {}) =>
  got(status, removeMachine, { as: 'admin', path: { machineId }, query });
const removeLicense = (status: number, machineId: string) =>
  got(status, removeMachineLicense, { as: 'admin', path: { machineId } });
const machines = async () =>
  (await got(200, listMachines, { as: 'owner' })).items.map(({ machineId }: { machineId: string }) => machineId);
const activateOn = (status: number, machineId: string, sessionId: string, dryRun?: boolean) =>
  got(status, activate, { as: 'user', body: { machineId, sessionId, dryRun } });

describe.each([{ machineQuota: 10 }, { machineQuota: 2 }])(
  '204, machine quota $machineQuota of 10 licenses',
  (terms) => {
    it('ends all that runs on it, with its reason, and nothing else', async () => {
      await subscribe({ quota: 10, ...terms });
      const a = await activated('a', 'user', 'm1');
      await activated('b', 'otherUser', 'm1');
      await activated('c', 'user', 'm2');
      await remove(204, 'm1');
      for (const sessionId of ['a', 'b'])
        expect(await got(200, getActivation, { as: 'owner', path: { sessionId } })).toMatchObject({
          status: 'ended',
          endedReason: 'machine-removed',
        });
      const body = { seat: a.seat, fence: a.fence };
      expect(await got(410, heartbeat, { as: 'user', path: { sessionId: 'a' }, body })).toMatchObject({
        endedReason: 'machine-removed',
      });
      expect(await got(410, activate, { as: 'user', body: { machineId: 'm1', sessionId: 'a' } })).toMatchObject({
        code: 'activation-ended',
      });
      expect(await machines()).toEqual(['m2']);
    });
    it('its place is free at once for another machine', async () => {
      await subscribe({ quota: 10, ...terms });
      await activated('a', 'user', 'm1');
      await activated('b', 'user', 'm2');
      await remove(204, 'm1');
      await activated('c', 'user', 'm3');
    });
    it('may be repeated, and a machine may come back with a new session', async () => {
      await subscribe({ quota: 10, ...terms });
      await activated('a', 'user', 'm1');
      await remove(204, 'm1');
      await remove(204, 'm1');
      await activated('b', 'user', 'm1');
      expect(await machines()).toEqual(['m1']);
    });
    it('with a block it may not, until that is over; a dry run says the same', async () => {
      await subscribe({ quota: 10, ...terms });
      await activated('a', 'user', 'm1');
      await remove(204, 'm1', { blockMinutes: '30' });
      const refused = await activateOn(403, 'm1', 'b');
      expect(refused.code).toBe('forbidden');
      expect(refused.detail).toMatch(/until \d{4}-\d\d-\d\dT/);
      expect(await activateOn(200, 'm1', 'b', true)).toMatchObject({ accepted: false, code: 'forbidden' });
      await activated('c', 'user', 'm2');
      clock.advance(30 * 60_000 + 1);
      await activated('b', 'user', 'm1');
    });
    it('a block may be put on a machine that was removed before', async () => {
      await subscribe({ quota: 10, ...terms });
      await activated('a', 'user', 'm1');
      await remove(204, 'm1');
      await remove(204, 'm1', { blockMinutes: '1' });
      await activateOn(403, 'm1', 'b');
    });
  },
);

describe('204, per user', () => {
  it('ends the sessions of its user there, and removes it from the list', async () => {
    await subscribe({ licenseType: 'per-user', quota: 3 });
    await got(201, grantLicense, { as: 'owner', path: { userId: await world.userId('user') } });
    await registerFor(world, 'm1', 'user');
    const { seat, fence } = await activated('a', 'user', 'm1');
    await remove(204, 'm1');
    expect(await got(410, heartbeat, { as: 'user', path: { sessionId: 'a' }, body: { seat, fence } })).toMatchObject({
      endedReason: 'machine-removed',
    });
    expect(await machines()).toEqual([]);
  });
  it('taking its license away keeps it registered', async () => {
    await subscribe({ licenseType: 'per-user', quota: 3 });
    await got(201, grantLicense, { as: 'owner', path: { userId: await world.userId('user') } });
    await registerFor(world, 'm1', 'user');
    const { seat, fence } = await activated('a', 'user', 'm1');
    await removeLicense(204, 'm1');
    expect(await got(410, heartbeat, { as: 'user', path: { sessionId: 'a' }, body: { seat, fence } })).toMatchObject({
      endedReason: 'license-removed',
    });
    expect(await machines()).toEqual(['m1']);
    await removeLicense(204, 'm1');
  });
});

describe('409', () => {
  it('while an offline license is bound to it, until that has expired; nothing on it has ended', async () => {
    await subscribe({ quota: 10 });
    await activated('a', 'user', 'm1');
    await bindOffline(world, 'm1', 50_000);
    const refused = await remove(409, 'm1', { blockMinutes: '1' });
    expect(refused).toMatchObject({ code: 'offline-license-active' });
    expect(refused.detail).toMatch(/until \d{4}/);
    expect(await got(200, getActivation, { as: 'user', path: { sessionId: 'a' } })).toMatchObject({ status: 'active' });
    await activated('b', 'user', 'm1');
    clock.advance(51_000);
    await remove(204, 'm1');
  });
  it('taking licenses away ends online sessions, and is refused for a machine with an offline license alone', async () => {
    await subscribe({ quota: 10 });
    await activated('a', 'user', 'm1');
    await bindOffline(world, 'm1');
    await removeLicense(204, 'm1');
    expect(await got(200, getActivation, { as: 'user', path: { sessionId: 'a' } })).toMatchObject({
      endedReason: 'license-removed',
    });
    expect(await removeLicense(409, 'm1')).toMatchObject({ code: 'offline-license-active' });
    expect(await got(200, listMachines, { as: 'owner' })).toMatchObject({ items: [{ online: 0, offline: 1 }] });
  });
});

describe('404 and 400', () => {
  it('404: a machine that nobody ever used, a product that the organization does not have', async () => {
    await subscribe();
    await remove(404, 'never');
    await removeLicense(404, 'never');
    await got(404, removeMachine, { as: 'owner', path: { machineId: 'm1', product: 'NONE' } });
  });
  it.each(['0', '10081', 'x', '1.5'])('400: a block of %j minutes', async (blockMinutes) => {
    await subscribe();
    expect(await remove(400, 'm1', { blockMinutes })).toMatchObject({ errors: [{ pointer: '/query/blockMinutes' }] });
  });
});
