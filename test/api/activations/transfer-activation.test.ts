import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getActivation } from '../../../shared/contracts/get-activation.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { listActivations } from '../../../shared/contracts/list-activations.ts';
import { removeMachine } from '../../../shared/contracts/remove-machine.ts';
import { transferActivation } from '../../../shared/contracts/transfer-activation.ts';
import { clock, openWorld } from '../support/harness.ts';
import { bindOffline } from '../support/machines.ts';

const world = await openWorld();
const { got, subscribe, activated } = world;
const session = { path: { sessionId: 'a' } };
const transfer = (status: number, machineId: string) =>
  got(status, transferActivation, { as: 'admin', ...session, body: { machineId } });
const activateOn = (status: number, machineId: string, sessionId = 'a') =>
  got(status, activate, { as: 'user', body: { machineId, sessionId } });

describe('200', () => {
  it('the seat stays, the machine changes, the fence grows and the lease is whole again', async () => {
    await subscribe({ quota: 1 });
    const before = await activated('a', 'user', 'm1');
    clock.advance(30_000);
    const after = await transfer(200, 'm2');
    expect(after).toMatchObject({
      sessionId: 'a',
      machineId: 'm2',
      seat: before.seat,
      status: 'active',
      hostname: null,
    });
    expect(after.fence).toBeGreaterThan(before.fence);
    expect(Date.parse(after.leaseExpiresAt) - Date.parse(before.leaseExpiresAt)).toBeGreaterThanOrEqual(30_000);
    expect(await got(200, getActivation, { as: 'user', ...session })).toEqual(after);
    expect((await got(200, listActivations, { as: 'owner' })).items).toEqual([after]);
    // Nobody could have taken the seat: the pool has one.
    await activateOn(409, 'm3', 'b');
  });
  it('the process before it gets 410, the one after it 200 and the same activation', async () => {
    await subscribe();
    const { seat, fence } = await activated('a', 'user', 'm1');
    const after = await transfer(200, 'm2');
    expect(await got(410, heartbeat, { as: 'user', ...session, body: { seat, fence } })).toMatchObject({
      endedReason: 'license-transferred',
    });
    expect(await activateOn(200, 'm2')).toMatchObject({ seat: after.seat, fence: after.fence });
    expect(await activateOn(409, 'm1')).toMatchObject({ code: 'session-conflict' });
    await got(200, heartbeat, { as: 'user', ...session, body: { seat: after.seat, fence: after.fence } });
  });
  it('may be repeated, and go back', async () => {
    await subscribe();
    await activated('a', 'user', 'm1');
    const first = await transfer(200, 'm2');
    expect((await transfer(200, 'm2')).fence).toBe(first.fence);
    expect(await transfer(200, 'm1')).toMatchObject({ machineId: 'm1', seat: first.seat });
  });
  it('also where only one machine may be used', async () => {
    await subscribe({ quota: 5, machineQuota: 1 });
    await activated('a', 'user', 'm1');
    await transfer(200, 'm2');
    expect(await activateOn(409, 'm1', 'b')).toMatchObject({ code: 'machine-quota-exceeded' });
    await activateOn(201, 'm2', 'b');
  });
});

describe('409', () => {
  it('over the machine quota', async () => {
    await subscribe({ quota: 5, machineQuota: 1 });
    await activated('a', 'user', 'm1');
    await activated('b', 'user', 'm1');
    expect(await transfer(409, 'm2')).toMatchObject({
      code: 'machine-quota-exceeded',
      machineQuota: 1,
      registeredMachines: 1,
    });
    expect(await got(200, getActivation, { as: 'user', ...session })).toMatchObject({ machineId: 'm1' });
  });
  it.each(['m1', 'm2'])('while an offline license is bound to %s', async (machineId) => {
    await subscribe({ quota: 5 });
    await activated('a', 'user', 'm1');
    await bindOffline(world, machineId);
    expect(await transfer(409, 'm2')).toMatchObject({ code: 'offline-license-active' });
  });
});

describe('other refusals', () => {
  it('403: to a machine that is blocked', async () => {
    await subscribe({ quota: 5 });
    await activated('b', 'user', 'm2');
    await got(204, removeMachine, { as: 'owner', path: { machineId: 'm2' }, query: { blockMinutes: '5' } });
    await activated('a', 'user', 'm1');
    expect(await transfer(403, 'm2')).toMatchObject({ code: 'forbidden' });
  });
  it('403: of a subscription that is suspended or has expired', async () => {
    const { set } = await subscribe();
    await activated('a', 'user', 'm1');
    await set({ status: 'suspended' });
    expect(await transfer(403, 'm2')).toMatchObject({ code: 'subscription-suspended' });
  });
  it('410: a session that has ended, or whose lease has', async () => {
    await subscribe();
    await activated('a', 'user', 'm1');
    clock.advance(61_000);
    expect(await transfer(410, 'm2')).toMatchObject({ endedReason: 'lease-expired' });
    await activateOn(201, 'm1');
    await got(204, deactivate, { as: 'user', ...session });
    expect(await transfer(410, 'm2')).toMatchObject({ endedReason: 'released' });
  });
  it('404: a session that never existed', async () => {
    await subscribe();
    await transfer(404, 'm2');
  });
  it('400: where licenses belong to users; a machine ID that is none', async () => {
    await subscribe({ licenseType: 'per-user' });
    expect(await transfer(400, 'm2')).toMatchObject({ errors: [{ pointer: '/path/product' }] });
    await subscribe();
    expect(await transfer(400, 'm 2')).toMatchObject({ errors: [{ pointer: '/body/machineId' }] });
  });
});
