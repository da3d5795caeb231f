import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getActivation } from '../../../shared/contracts/get-activation.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { clock, openWorld } from '../support/harness.ts';

const { call, got, subscribe, activated } = await openWorld();
const session = (sessionId: string) => ({ path: { sessionId } });
const statusOf = (sessionId: string) => got(200, getActivation, { as: 'owner', ...session(sessionId) });

describe('204', () => {
  it('a release frees the seat at once', async () => {
    await subscribe({ quota: 1 });
    await activated('a');
    expect(await call(deactivate, { as: 'user', ...session('a') })).toMatchObject({ status: 204, body: undefined });
    expect(await statusOf('a')).toMatchObject({ status: 'ended', endedReason: 'released', leaseExpiresAt: null });
    expect(await activated('b', 'otherUser')).toMatchObject({ seat: 1 });
  });
  it('a repeated release is 204 again, and changes nothing', async () => {
    await subscribe();
    await activated('a');
    await got(204, deactivate, { as: 'user', ...session('a') });
    const first = await statusOf('a');
    clock.advance(5000);
    await got(204, deactivate, { as: 'user', ...session('a') });
    expect(await statusOf('a')).toEqual(first);
  });
  it('releases at once are all 204, and the seat is freed for one other session alone', async () => {
    await subscribe({ quota: 1 });
    await activated('a');
    const releases = await Promise.all(
      [1, 2, 3, 4].map(() => call(deactivate, { as: 'user', ...session('a') }).then(({ status }) => status)),
    );
    expect(releases).toEqual([204, 204, 204, 204]);
    await activated('b');
    await got(204, deactivate, { as: 'user', ...session('a') });
    expect((await call(activate, { as: 'user', body: { machineId: 'm', sessionId: 'c' } })).status).toBe(409);
  });
  it('an API key releases the activations of its member', async () => {
    await subscribe();
    await activated('a');
    await got(204, deactivate, { as: 'apiKey', ...session('a') });
    expect(await statusOf('a')).toMatchObject({ endedReason: 'released' });
  });
  it.each(['owner', 'admin'] as const)('an %s forces the end of a member’s session: license-removed', async (as) => {
    await subscribe();
    const { seat, fence } = await activated('a');
    await got(204, deactivate, { as, ...session('a') });
    await got(204, deactivate, { as, ...session('a') });
    expect(await statusOf('a')).toMatchObject({ status: 'ended', endedReason: 'license-removed' });
    expect(await got(410, heartbeat, { as: 'user', ...session('a'), body: { seat, fence } })).toMatchObject({
      endedReason: 'license-removed',
    });
  });
  it('after a forced end its member’s release is 204 and the reason stays', async () => {
    await subscribe();
    await activated('a');
    await got(204, deactivate, { as: 'admin', ...session('a') });
    await got(204, deactivate, { as: 'user', ...session('a') });
    expect(await statusOf('a')).toMatchObject({ endedReason: 'license-removed' });
  });
  it('a release after the end keeps its reason: a forced end that comes after it changes nothing', async () => {
    await subscribe();
    await activated('a');
    await got(204, deactivate, { as: 'user', ...session('a') });
    await got(204, deactivate, { as: 'admin', ...session('a') });
    expect(await statusOf('a')).toMatchObject({ endedReason: 'released' });
  });
  it('an owner’s own session is released, not forced: it may come back', async () => {
    await subscribe();
    await activated('a', 'owner');
    await got(204, deactivate, { as: 'owner', ...session('a') });
    expect(await statusOf('a')).toMatchObject({ endedReason: 'released' });
    await activated('a', 'owner');
  });
  it('a release that comes after the lease ended does not free another’s seat', async () => {
    await subscribe({ quota: 1 });
    await activated('a');
    clock.advance(61_000);
    await activated('b', 'otherUser');
    await got(204, deactivate, { as: 'user', ...session('a') });
    expect(await statusOf('b')).toMatchObject({ status: 'active' });
    await got(409, activate, { as: 'user', body: { machineId: 'm', sessionId: 'c' } });
  });
  it('works on a suspended subscription', async () => {
    const { set } = await subscribe();
    await activated('a');
    await set({ status: 'suspended' });
    await got(204, deactivate, { as: 'user', ...session('a') });
  });
});

describe('204, with the fence of an activation', () => {
  const withFence = (sessionId: string, fence: number) => ({ ...session(sessionId), query: { fence: String(fence) } });
  it('ends that activation, and may be repeated', async () => {
    await subscribe({ quota: 1 });
    const { fence } = await activated('a');
    for (let tries = 0; tries < 2; tries++) await got(204, deactivate, { as: 'user', ...withFence('a', fence) });
    expect(await statusOf('a')).toMatchObject({ status: 'ended', endedReason: 'released' });
    await activated('b', 'otherUser');
  });
  it('a late release does not end a later activation of the session', async () => {
    await subscribe({ quota: 1 });
    const { fence } = await activated('a');
    await got(204, deactivate, { as: 'user', ...session('a') });
    const newer = await activated('a');
    expect(newer.fence).toBeGreaterThan(fence);
    await got(204, deactivate, { as: 'user', ...withFence('a', fence) });
    expect(await statusOf('a')).toMatchObject({ status: 'active', fence: newer.fence });
    await got(204, deactivate, { as: 'user', ...withFence('a', newer.fence) });
    expect(await statusOf('a')).toMatchObject({ status: 'ended', fence: newer.fence });
  });
  it('a release that arrives late does not take the session out of the queue', async () => {
    await subscribe({ quota: 1 });
    const { fence } = await activated('a');
    await got(204, deactivate, { as: 'user', ...session('a') });
    await activated('b', 'otherUser');
    await got(202, activate, { as: 'user', body: { machineId: 'm', sessionId: 'a', waitSeconds: 60 } });
    await got(204, deactivate, { as: 'user', ...withFence('a', fence) });
    expect(await statusOf('a')).toMatchObject({ status: 'waiting' });
  });
  it('an admin forces the end of that activation alone, and an owner releases its own alone', async () => {
    await subscribe({ quota: 2 });
    const { fence } = await activated('a');
    await got(204, deactivate, { as: 'user', ...session('a') });
    const newer = await activated('a');
    await got(204, deactivate, { as: 'admin', ...withFence('a', fence) });
    expect(await statusOf('a')).toMatchObject({ status: 'active', fence: newer.fence });
    await got(204, deactivate, { as: 'admin', ...withFence('a', newer.fence) });
    expect(await statusOf('a')).toMatchObject({ status: 'ended', endedReason: 'license-removed' });
    const own = await activated('of-owner', 'owner');
    await got(204, deactivate, { as: 'owner', ...withFence('of-owner', own.fence + 1) });
    expect(await statusOf('of-owner')).toMatchObject({ status: 'active' });
  });
});

describe('404', () => {
  it('a session that never existed', async () => {
    await subscribe();
    await got(404, deactivate, { as: 'user', ...session('never') });
    await got(404, deactivate, { as: 'owner', ...session('never') });
  });
  it.each(['otherUser', 'billingManager'] as const)('somebody else’s session, for a %s; it lives on', async (as) => {
    await subscribe();
    await activated('a');
    await got(404, deactivate, { as, ...session('a') });
    expect(await statusOf('a')).toMatchObject({ status: 'active' });
  });
  it('a key of scope activate forces nobody, whatever its member’s role', async () => {
    const { createApiKey } = await import('../../../shared/contracts/create-api-key.ts');
    const { key } = await got(201, createApiKey, { as: 'owner', body: { name: 'CI' } });
    await subscribe();
    await activated('a');
    await got(404, deactivate, { as: { bearer: key }, ...session('a') });
    expect(await statusOf('a')).toMatchObject({ status: 'active' });
  });
  it('a product that the organization does not have', async () => {
    await subscribe();
    await activated('a');
    await got(404, deactivate, { as: 'user', path: { sessionId: 'a', product: 'NONE' } });
  });
  it('the same session ID of another product is another session', async () => {
    const first = await subscribe();
    await activated('a');
    await subscribe();
    await activated('a', 'otherUser');
    await got(204, deactivate, { as: 'otherUser', ...session('a') });
    expect(await got(200, getActivation, { as: 'user', path: { ...first.path, sessionId: 'a' } })).toMatchObject({
      status: 'active',
    });
  });
});

describe('400', () => {
  it.each(['0', '-1', '1.5', 'x', ''])('a fence may not be %j', async (fence) => {
    await subscribe();
    await activated('a');
    expect(await got(400, deactivate, { as: 'user', ...session('a'), query: { fence } })).toMatchObject({
      errors: [{ pointer: '/query/fence' }],
    });
    expect(await statusOf('a')).toMatchObject({ status: 'active' });
  });
  it.each(['', 'a b', 'ä', 'a#b', 'x'.repeat(129)])('a session ID may not be %j', async (sessionId) => {
    expect(await got(400, deactivate, { as: 'user', ...session(sessionId) })).toMatchObject({
      errors: [{ pointer: '/path/sessionId' }],
    });
  });
});
