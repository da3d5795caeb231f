import { expect, it } from 'vitest';
import { clock, day, utcIn } from '../harness.ts';
import { openPage } from './page.ts';

const page = await openPage();
const { start, beat, figures } = page;

it('only online licenses, within the quota: a user’s license is transferred, an offline license stays where it is', async () => {
  await page.perUser({ quota: 2, offline: { allowed: true } });
  await page.grant('user@acme.example');
  const offline = await page.issue(201, { machineId: 'press-3' });
  await page.handOver(200, 'user', 'otherUser');
  expect(await figures()).toMatchObject({ available: 0, inUse: { licensedUsers: 1, offline: 1 } });
  expect(await page.offlineLicenses()).toEqual([offline]);
  // There is no license to transfer any more where there was one, and none for two where there was one.
  await page.handOver(404, 'user', 'admin');
  expect(await page.grant('admin@acme.example')).toEqual(['license-quota-exceeded']);
});

it('per user: to another member, in one step; nobody else can take the license between', async () => {
  await page.perUser({ quota: 1 });
  await page.grant('user@acme.example');
  const activation = await start(201, { as: 'user', machineId: 'laptop', sessionId: 'a' });
  const [, ...outcomes] = await Promise.all([
    page.handOver(200, 'user', 'otherUser'),
    ...Array.from({ length: 5 }, () => page.grant('admin@acme.example')),
  ]);
  expect(outcomes.flat()).toEqual(Array(5).fill('license-quota-exceeded'));

  expect(await beat(410, 'user', activation)).toMatchObject({ endedReason: 'license-transferred' });
  expect(await start(403, { as: 'user', machineId: 'laptop', sessionId: 'b' })).toMatchObject({ code: 'not-licensed' });
  await start(201, { as: 'otherUser', machineId: 'desktop', sessionId: 'c' });
  expect(await page.licensedUsers()).toMatchObject([{ email: 'otheruser@acme.example', online: true }]);
});

it('licenses stay bound until their expiry or until reassigned', async () => {
  await page.perUser({ quota: 1, expiresAt: utcIn(30 * day), leaseSeconds: 3600 });
  await page.grant('user@acme.example');
  const bound = () => page.licensedUsers().then((users) => users.map(({ email }) => email));
  // Using it, giving it back, and not using it for weeks: it is still the user's.
  const activation = await start(201, { as: 'user', machineId: 'laptop', sessionId: 'a' });
  clock.advance(20 * day);
  expect(await bound()).toEqual(['user@acme.example']);
  expect(await page.grant('admin@acme.example')).toEqual(['license-quota-exceeded']);
  await beat(200, 'user', activation);
  // Reassigned, it is bound to the other as much.
  await page.handOver(200, 'user', 'otherUser');
  clock.advance(5 * day);
  expect(await bound()).toEqual(['otheruser@acme.example']);
  await start(201, { as: 'otherUser', machineId: 'desktop', sessionId: 'b' });
  // At the expiry nobody can use it.
  clock.advance(6 * day);
  await start(403, { as: 'otherUser', machineId: 'desktop', sessionId: 'c' });
});
