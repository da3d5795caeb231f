import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { grantLicense } from '../../../shared/contracts/grant-license.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { listMachines } from '../../../shared/contracts/list-machines.ts';
import { transferActivation } from '../../../shared/contracts/transfer-activation.ts';
import { type As, clock, openWorld } from '../support/harness.ts';
import { bindOffline, registerFor } from '../support/machines.ts';

const world = await openWorld();
const { got, subscribe, activated } = world;
const list = async () => (await got(200, listMachines, { as: 'owner' })).items;
const figure = async () => (await got(200, getSubscription, { as: 'owner' })).registeredMachines;

describe('200, floating', () => {
  it('each machine on which a license is in use, with how many of each kind, by machine ID', async () => {
    await subscribe({ quota: 10 });
    await activated('a', 'user', 'm2');
    await activated('b', 'otherUser', 'm2');
    await activated('c', 'user', 'm10');
    await bindOffline(world, 'm1');
    await bindOffline(world, 'm2');
    expect(await list()).toMatchObject([
      { machineId: 'm1', online: 0, offline: 1 },
      { machineId: 'm10', online: 1, offline: 0 },
      { machineId: 'm2', online: 2, offline: 1 },
    ]);
    expect(await figure()).toBe(3);
  });
  it('a machine leaves it with its last license, by a release or a lapse', async () => {
    await subscribe();
    await activated('a', 'user', 'm1');
    await activated('b', 'user', 'm2');
    await got(204, deactivate, { as: 'user', path: { sessionId: 'a' } });
    expect(await list()).toMatchObject([{ machineId: 'm2' }]);
    clock.advance(61_000);
    expect(await list()).toEqual([]);
    expect(await figure()).toBe(0);
  });
  it('shows when the machine was registered, and last seen', async () => {
    await subscribe();
    const { seat, fence, activatedAt } = await activated('a', 'user', 'm1');
    clock.advance(20_000);
    await got(200, heartbeat, { as: 'user', path: { sessionId: 'a' }, body: { seat, fence } });
    const [machine] = await list();
    expect(machine.registeredAt).toBe(activatedAt);
    expect(Date.parse(machine.lastSeenAt) - Date.parse(activatedAt)).toBeGreaterThanOrEqual(20_000);
  });
  it('shows the user and the host name of the latest session', async () => {
    await subscribe({ quota: 5 });
    const on = (as: As, sessionId: string, machineId: string, hostname?: string) =>
      got(201, activate, { as, body: { sessionId, machineId, hostname } });
    await on('user', 'a', 'm1', 'first.example');
    clock.advance(1000);
    await on('otherUser', 'b', 'm1', 'second.example');
    await on('user', 'c', 'm2');
    await bindOffline(world, 'm3');
    const [m1, m2, m3] = await list();
    expect(m1).toMatchObject({ userId: await world.userId('otherUser'), hostname: 'second.example' });
    expect(m2).toMatchObject({ userId: await world.userId('user') });
    expect(Object.keys(m2)).not.toContain('hostname');
    expect(Object.keys(m3)).not.toContain('userId');
    // The host name was the machine's that the session left.
    await got(200, transferActivation, { as: 'owner', path: { sessionId: 'b' }, body: { machineId: 'm4' } });
    expect((await list()).find(({ machineId }: { machineId: string }) => machineId === 'm4').hostname).toBe(undefined);
  });
  it('is the same whether the machine quota can bind or not', async () => {
    for (const machineQuota of [10, 3]) {
      await subscribe({ quota: 10, machineQuota });
      await activated('a', 'user', 'm1');
      await activated('b', 'user', 'm2');
      expect((await list()).map(({ machineId }: { machineId: string }) => machineId)).toEqual(['m1', 'm2']);
      expect(await figure()).toBe(2);
    }
  });
  it('comes page by page', async () => {
    await subscribe({ quota: 10 });
    const machines = ['a', 'b', 'c', 'd', 'e'];
    for (const machine of machines) await activated(`on-${machine}`, 'user', machine);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query: Record<string, string> = cursor ? { limit: '2', cursor } : { limit: '2' };
      const page = await got(200, listMachines, { as: 'admin', query });
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map(({ machineId }: { machineId: string }) => machineId));
      cursor = page.nextCursor;
    } while (cursor);
    expect(seen).toEqual(machines);
  });
});

describe('200, per user', () => {
  it('a machine stays registered when nobody uses it; one of an offline license until that has expired', async () => {
    await subscribe({ licenseType: 'per-user', quota: 3, machineQuota: 5 });
    await got(201, grantLicense, { as: 'owner', path: { userId: await world.userId('user') } });
    await registerFor(world, 'm2', 'user');
    await registerFor(world, 'm1');
    await bindOffline(world, 'm1', 60_000);
    expect(await list()).toMatchObject([
      { machineId: 'm1', online: 0, offline: 1 },
      { machineId: 'm2', online: 0, offline: 0 },
    ]);
    expect(await figure()).toBe(2);
    clock.advance(61_000);
    expect(await list()).toMatchObject([{ machineId: 'm2' }]);
    expect(await figure()).toBe(1);
  });
});

describe('200, per user, after the session', () => {
  it('keeps the user and the host name of the latest session', async () => {
    await subscribe({ licenseType: 'per-user', quota: 3, machineQuota: 5 });
    const userId = await world.userId('user');
    await got(201, grantLicense, { as: 'owner', path: { userId } });
    const at = { machineId: 'm1', hostname: 'desk.example' };
    await got(201, activate, { as: 'user', body: { sessionId: 'a', ...at } });
    expect(await list()).toMatchObject([{ ...at, userId, online: 1 }]);
    await got(204, deactivate, { as: 'user', path: { sessionId: 'a' } });
    expect(await list()).toMatchObject([{ ...at, userId, online: 0 }]);
    await got(201, activate, { as: 'user', body: { sessionId: 'b', machineId: 'm1' } });
    expect(await list()).toMatchObject([{ ...at, userId, online: 1 }]);
  });
});

describe('404 and 400', () => {
  it('404: a product that the organization does not have', async () => {
    await got(404, listMachines, { as: 'owner', path: { product: 'NONE' } });
  });
  it('400: a cursor of another list, a limit out of bounds', async () => {
    await subscribe();
    for (const [parameter = '', value = ''] of [
      ['cursor', 'x.y'],
      ['limit', '0'],
      ['limit', '201'],
    ])
      await got(400, listMachines, { as: 'owner', query: { [parameter]: value } });
  });
});
