import { describe, expect, it } from 'vitest';
import { activate } from '../../shared/contracts/activate.ts';
import { deactivate } from '../../shared/contracts/deactivate.ts';
import { getActivation } from '../../shared/contracts/get-activation.ts';
import { heartbeat } from '../../shared/contracts/heartbeat.ts';
import { clock, openWorld } from './harness.ts';

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
  it('an API key releases what its member activated', async () => {
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

describe('404', () => {
  it('what never was', async () => {
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
    const { createApiKey } = await import('../../shared/contracts/create-api-key.ts');
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
  it.each(['', 'a b', 'ä', 'a/b', 'a#b', 'x'.repeat(129)])('a session ID may not be %j', async (sessionId) => {
    expect(await got(400, deactivate, { as: 'user', ...session(sessionId) })).toMatchObject({
      errors: [{ pointer: '/path/sessionId' }],
    });
  });
});
