import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getActivation } from '../../../shared/contracts/get-activation.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { type As, clock, openWorld, utcIn } from '../support/harness.ts';

const { got, subscribe, activated, foreignId } = await openWorld();
const find = (status: number, sessionId = 'a', as: As = 'user') =>
  got(status, getActivation, { as, path: { sessionId } });

describe('200', () => {
  it('a live activation is shown as the activation answered it', async () => {
    await subscribe();
    const activation = await activated('a');
    for (const as of ['user', 'apiKey', 'fullKey', 'owner', 'admin'] as const)
      expect(await find(200, 'a', as)).toEqual(activation);
  });
  it('the lease is the one that the last heartbeat gave', async () => {
    const { set } = await subscribe({ leaseSeconds: 60 });
    const { seat, fence } = await activated('a');
    await set({ leaseSeconds: 600 });
    const { idleWarningAt: _, ...beaten } = await got(200, heartbeat, {
      as: 'user',
      path: { sessionId: 'a' },
      body: { seat, fence },
    });
    expect(await find(200)).toEqual({ ...beaten, hostname: null });
  });
  it('an earlier expiry shows in the lease at once', async () => {
    const { set } = await subscribe({ leaseSeconds: 3600 });
    await activated('a');
    const expiresAt = utcIn(60_000);
    await set({ expiresAt });
    expect(await find(200)).toMatchObject({ status: 'active', leaseExpiresAt: expiresAt });
  });
  it('after its end: when, and the one reason', async () => {
    await subscribe();
    const activation = await activated('a');
    clock.advance(10_000);
    await got(204, deactivate, { as: 'user', path: { sessionId: 'a' } });
    const ended = await find(200);
    expect(ended).toMatchObject({
      ...activation,
      status: 'ended',
      leaseExpiresAt: null,
      endedAt: expect.any(String),
      endedReason: 'released',
    });
    expect(Date.parse(ended.endedAt) - Date.parse(activation.activatedAt)).toBeGreaterThanOrEqual(10_000);
    clock.advance(3_600_000);
    expect(await find(200)).toEqual(ended);
  });
  it('a lapsed one has ended when its lease did, not when somebody looked', async () => {
    await subscribe();
    const { leaseExpiresAt } = await activated('a');
    clock.advance(3_600_000);
    const ended = await find(200);
    expect(ended).toMatchObject({ status: 'ended', endedReason: 'lease-expired', endedAt: leaseExpiresAt });
    expect(await find(200)).toEqual(ended);
  });
  it('an activation whose lease ended with the subscription has ended by subscription-expired', async () => {
    const expiresAt = utcIn(30_000);
    await subscribe({ expiresAt });
    await activated('a');
    clock.advance(30_001);
    expect(await find(200)).toMatchObject({ endedReason: 'subscription-expired', endedAt: expiresAt });
  });
  it('after its end and another activation of the same session, the newer one', async () => {
    await subscribe();
    await activated('a');
    await got(204, deactivate, { as: 'user', path: { sessionId: 'a' } });
    const second = await activated('a');
    expect(await find(200)).toEqual(second);
  });
  it('a lapse that nobody noticed ends where the seat’s next holder begins', async () => {
    await subscribe({ quota: 1 });
    await activated('a');
    clock.advance(61_000);
    const next = await activated('b', 'otherUser');
    expect(await find(200)).toMatchObject({ status: 'ended', endedReason: 'lease-expired' });
    expect(await find(200, 'b', 'otherUser')).toEqual(next);
  });
});

describe('404', () => {
  it.each(['otherUser', 'billingManager'] as const)('somebody else’s, for a %s', async (as) => {
    await subscribe();
    await activated('a');
    await find(404, 'a', as);
  });
  it('somebody else’s, for an admin’s key of scope activate', async () => {
    const { key } = await got(201, createApiKey, { as: 'admin', body: { name: 'CI' } });
    await subscribe();
    await activated('a');
    await find(404, 'a', { bearer: key });
  });
  it('a session that never existed; a refusal is no activation', async () => {
    await subscribe({ quota: 0 });
    await got(409, activate, { as: 'user', body: { machineId: 'm', sessionId: 'a' } });
    await find(404, 'a', 'owner');
  });
  it('a product or an organization that is not there', async () => {
    await got(404, getActivation, { as: 'owner', path: { product: 'NONE', sessionId: 'a' } });
    await got(404, getActivation, { as: 'owner', path: { organizationId: foreignId, sessionId: 'a' } });
  });
});
