import { expect, it } from 'vitest';
import { clock, day, utcIn } from '../support/harness.ts';
import { openPage } from './page.ts';

const page = await openPage();
const { start, beat, figures } = page;
const licenseTypes = ['floating', 'per-user'] as const;
/** A subscription of either type that ends in an hour, with a user that may use it. */
const endingSoon = async (licenseType: (typeof licenseTypes)[number], expiresAt = utcIn(3_600_000)) => {
  const { set } = await page.subscribe({ licenseType, leaseSeconds: 7200, expiresAt });
  if (licenseType === 'per-user') await page.grant('user@acme.example');
  return { expiresAt, set, activation: await page.activated('a') };
};

it.each(licenseTypes)(
  'at its expiry a subscription’s licenses stop: activations are refused, running ones end with subscription-expired at their next heartbeat: %s',
  async (licenseType) => {
    const { expiresAt, activation } = await endingSoon(licenseType);
    clock.advance(3_590_000);
    expect(await beat(200, 'user', activation)).toMatchObject({ leaseExpiresAt: expiresAt });
    clock.advance(10_001);
    expect(await figures()).toMatchObject({ status: 'expired', inUse: { online: 0 } });
    expect(await page.online()).toEqual([]);
    const another = { as: 'user', machineId: 'm', sessionId: 'b' } as const;
    expect(await start(403, another)).toMatchObject({ code: 'subscription-expired' });
    expect(await beat(410, 'user', activation)).toMatchObject({ endedReason: 'subscription-expired' });

    // This also holds for an earlier expiry, whatever leases were answered before.
    const brought = await endingSoon(licenseType);
    await brought.set({ expiresAt: utcIn(60_000) });
    clock.advance(60_001);
    expect(await figures()).toMatchObject({ status: 'expired', inUse: { online: 0 } });
    expect(await page.online()).toEqual([]);
    await start(403, another);
    expect(await beat(410, 'user', brought.activation)).toMatchObject({ endedReason: 'subscription-expired' });
  },
);

it.each(licenseTypes)('a renewal takes effect at once: %s', async (licenseType) => {
  const { set, activation } = await endingSoon(licenseType);
  // In time: running sessions never notice, and their next heartbeats give full leases.
  await set({ expiresAt: utcIn(30 * day) });
  clock.advance(3_600_001);
  const renewed = await beat(200, 'user', activation);
  expect(Date.parse(renewed.leaseExpiresAt) - Date.now()).toBeGreaterThan(7_190_000);

  // Late: a refused session is accepted at once.
  await set({ expiresAt: utcIn(-1000) });
  expect(await beat(410, 'user', activation)).toMatchObject({ endedReason: 'subscription-expired' });
  await start(403, { as: 'user', machineId: 'm', sessionId: 'a' });
  await set({ expiresAt: utcIn(30 * day) });
  await start(201, { as: 'user', machineId: 'm', sessionId: 'a' });
  expect(await figures()).toMatchObject({ status: 'active', inUse: { online: 1 } });
});
