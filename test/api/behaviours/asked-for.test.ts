/** Features that users of other license servers ask for, and mostly do not get. */
import { expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { jwks } from '../../../shared/contracts/jwks.ts';
import { clock, day, utcIn } from '../support/harness.ts';
import { verifyLicense } from '../support/verify-license.ts';
import { openPage } from './page.ts';

const page = await openPage();
const { got, start, beat } = page;
const build = (number: number) => ({ as: 'apiKey', machineId: 'runner-07', sessionId: `build-${number}` }) as const;

it('a failed or aborted CI job does not keep its seat: by its last step, by its lease, or by an admin', async () => {
  await page.floating({ quota: 1, leaseSeconds: 60 });
  // A job that fails has a last step that runs in any case; and that may run twice.
  await start(201, build(1));
  for (const _ of [1, 2]) await got(204, deactivate, { as: 'apiKey', path: { sessionId: 'build-1' } });
  // An aborted job has none.
  await start(201, build(2));
  clock.advance(60_001);
  await start(201, build(3));
  // An admin can free it at once.
  await got(204, deactivate, { as: 'admin', path: { sessionId: 'build-3' } });
  await start(201, build(4));
});

it('the refusal itself names the holders of the seats, since when, and until when', async () => {
  await page.floating({ quota: 2, offline: { allowed: true } });
  const { seat, activatedAt, leaseExpiresAt } = await start(201, build(1));
  const offline = await page.issue(201, { machineId: 'press-3' });
  const { holders } = await start(409, { as: 'owner', machineId: 'desktop', sessionId: 'a' });
  expect(holders).toHaveLength(2);
  expect(holders).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        seat,
        kind: 'session',
        sessionId: 'build-1',
        userId: await page.userId('user'),
        machineId: 'runner-07',
        activatedAt,
        leaseExpiresAt,
      }),
      expect.objectContaining({ kind: 'offline', machineId: 'press-3', leaseExpiresAt: offline.expiresAt }),
    ]),
  );
  // Others learn how many and until when, but no names.
  const told = await start(409, { as: 'otherUser', machineId: 'desktop', sessionId: 'a' });
  expect(told).toMatchObject({ inUse: 2, nextFreeAt: leaseExpiresAt });
  expect(JSON.stringify(told)).not.toMatch(/build-1|runner-07|press-3/);
});

it('a seat does not vanish before its time: while its holder heartbeats in time, nobody and nothing takes it', async () => {
  const { set } = await page.floating({ quota: 2, leaseSeconds: 60 });
  const activation = await start(201, build(1));
  for (let round = 1; round <= 20; round++) {
    clock.advance(50_000);
    await Promise.all([
      beat(200, 'apiKey', activation),
      ...[1, 2, 3].map((other) =>
        page.call(activate, { as: 'user', body: { machineId: 'm', sessionId: `${round}-${other}` } }),
      ),
    ]);
    // A change of the subscription does not take it either.
    await set({ quota: round % 3, leaseSeconds: 60 });
  }
  expect((await page.online()).find(({ sessionId }) => sessionId === 'build-1')).toMatchObject({
    seat: activation.seat,
    fence: activation.fence,
  });
});

it('concurrent use is limited apart from registered machines', async () => {
  // Many machines, one at a time.
  await page.perUser({ quota: 1, machineQuota: 3 });
  await page.grant('user@acme.example');
  for (const machineId of ['m1', 'm2', 'm3']) await page.activated(`on-${machineId}`, 'user', machineId);
  expect(await start(409, { as: 'user', machineId: 'm4', sessionId: 'a' })).toMatchObject({
    code: 'machine-quota-exceeded',
  });
  expect(await page.figures()).toMatchObject({ inUse: { online: 1 }, registeredMachines: 3 });
  // One machine, many at once.
  await page.floating({ quota: 3, machineQuota: 1 });
  for (const sessionId of ['a', 'b', 'c']) await page.activated(sessionId, 'user', 'm1');
  expect(await start(409, { as: 'user', machineId: 'm1', sessionId: 'd' })).toMatchObject({
    code: 'license-quota-exceeded',
  });
  expect(await page.figures()).toMatchObject({ inUse: { online: 3 }, registeredMachines: 1 });
});

it('a clock that is set back does not revive an expired offline license', async () => {
  const { path } = await page.floating({ offline: { allowed: true } });
  const license = await page.issue(201, { machineId: 'press-3', expiresAt: utcIn(day) });
  const { file } = await page.download(license);
  const keys = await got(200, jwks, { as: 'nobody' });
  const here = { product: path.product as string, machineId: 'press-3' };
  const at = (days: number) => new Date(Date.now() + days * day);
  await verifyLicense(file, keys, { ...here, now: at(0.5), latestSeen: at(0.4) });
  await expect(verifyLicense(file, keys, { ...here, now: at(2), latestSeen: at(2) })).rejects.toThrow('"exp"');
  await expect(verifyLicense(file, keys, { ...here, now: at(0.5), latestSeen: at(2) })).rejects.toThrow('set back');
  // A clock set to before the issue does not revive it either.
  await expect(verifyLicense(file, keys, { ...here, now: at(-1), latestSeen: at(-1) })).rejects.toThrow('"nbf"');
});

it('a dry run says whether this activation would be accepted, and why not, and changes nothing', async () => {
  const { set } = await page.floating({ quota: 1 });
  const asked = async () => {
    const before = await page.stored();
    const { as, ...body } = build(2);
    const { accepted, code } = await got(200, activate, { as, body: { ...body, dryRun: true } });
    expect(await page.stored()).toEqual(before);
    return accepted ? 'accepted' : code;
  };
  expect(await asked()).toBe('accepted');
  await start(201, build(1));
  expect(await asked()).toBe('license-quota-exceeded');
  await set({ quota: 2 });
  expect(await asked()).toBe('accepted');
  await set({ quota: 2, status: 'suspended' });
  expect(await asked()).toBe('subscription-suspended');
  await set({ quota: 2, expiresAt: utcIn(-1000) });
  expect(await asked()).toBe('subscription-expired');
  await set({ quota: 2 });
  await start(201, build(2));
  expect(await asked()).toBe('accepted');
  await got(204, deactivate, { as: 'owner', path: { sessionId: 'build-2' } });
  expect(await asked()).toBe('activation-ended');
  await page.perUser();
  expect(await asked()).toBe('not-licensed');
});
