import { describe, expect, it } from 'vitest';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { clock, openWorld, utcIn } from '../support/harness.ts';

const { got, subscribe, activated, foreignId } = await openWorld();

describe('200', () => {
  it('per product: subscribed licenses (quota), available licenses, machine quota, expiry date', async () => {
    const expiresAt = utcIn(1_000_000);
    await subscribe({ quota: 5, machineQuota: 8, expiresAt });
    expect(await got(200, getSubscription, { as: 'owner' })).toMatchObject({
      quota: 5,
      available: 5,
      machineQuota: 8,
      expiresAt,
    });
  });
  it('a billing manager views figures, as owner, admin and vendor do: the same', async () => {
    await subscribe();
    await activated('a');
    const figures = await got(200, getSubscription, { as: 'owner' });
    for (const as of ['admin', 'billingManager', 'vendor'] as const)
      expect(await got(200, getSubscription, { as })).toEqual(figures);
  });
  it('available = quota − online licenses; a registered machine is one that uses a license now', async () => {
    await subscribe({ quota: 5 });
    await activated('a', 'user', 'm1');
    await activated('b', 'user', 'm1');
    await activated('c', 'otherUser', 'm2');
    expect(await got(200, getSubscription, { as: 'owner' })).toMatchObject({
      available: 2,
      inUse: { licensedUsers: 0, online: 3, offline: 0 },
      registeredMachines: 2,
    });
    await got(204, deactivate, { as: 'otherUser', path: { sessionId: 'c' } });
    expect(await got(200, getSubscription, { as: 'owner' })).toMatchObject({
      available: 3,
      inUse: { online: 2 },
      registeredMachines: 1,
    });
  });
  it('a lapsed lease is available at once', async () => {
    await subscribe({ quota: 1 });
    await activated('a');
    clock.advance(60_001);
    expect(await got(200, getSubscription, { as: 'owner' })).toMatchObject({ available: 1, inUse: { online: 0 } });
  });
  it('available is never below 0', async () => {
    const { set } = await subscribe({ quota: 3 });
    for (const sessionId of ['a', 'b', 'c']) await activated(sessionId);
    await set({ quota: 1 });
    expect(await got(200, getSubscription, { as: 'owner' })).toMatchObject({ available: 0, inUse: { online: 3 } });
  });
  it('the status shows suspension, and expiry before it', async () => {
    const { set } = await subscribe();
    const status = async () => (await got(200, getSubscription, { as: 'owner' })).status;
    expect(await status()).toBe('active');
    await set({ status: 'suspended', expiresAt: utcIn(10_000) });
    expect(await status()).toBe('suspended');
    clock.advance(10_001);
    expect(await status()).toBe('expired');
    await set({});
    expect(await status()).toBe('active');
  });
});

describe('403', () => {
  it.each(['user', 'otherUser', 'apiKey', 'fullKey'] as const)('a user sees no figures: %s', async (as) => {
    await subscribe();
    expect(await got(403, getSubscription, { as })).toMatchObject({ code: 'forbidden' });
  });
  it('comes before whether there is such a product: a user learns nothing by asking', async () => {
    await got(403, getSubscription, { as: 'user', path: { product: 'NONE' } });
  });
});

describe('404', () => {
  it('a product that the organization does not have', async () => {
    for (const as of ['owner', 'vendor'] as const) await got(404, getSubscription, { as, path: { product: 'NONE' } });
  });
  it('another organization’s product', async () => {
    const { path } = await subscribe();
    await got(404, getSubscription, { as: 'stranger' });
    await got(404, getSubscription, { as: 'owner', path: { ...path, organizationId: foreignId } });
  });
});
