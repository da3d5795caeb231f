import { expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { clock, day, utcIn } from '../support/harness.ts';
import { openPage } from './page.ts';

const page = await openPage();
const { start, beat, figures } = page;

it('only online licenses, within the quota; the machines concerned must hold no offline license', async () => {
  await page.perUser({ quota: 2, offline: { allowed: true } });
  await page.grant('user@acme.example');
  await page.activated('a', 'user', 'laptop');
  const offline = await page.issue(201, { machineId: 'laptop', expiresAt: utcIn(day) });
  expect(await page.handOver(409, 'user', 'otherUser')).toMatchObject({ code: 'offline-license-active' });
  expect(await page.licensedUsers()).toMatchObject([{ email: 'user@acme.example', online: true }]);
  clock.advance(day + 1);
  await page.handOver(200, 'user', 'otherUser');
  expect(await page.offlineLicenses()).toEqual([{ ...offline, status: 'expired' }]);
  await page.issue(201, { machineId: 'press-3' });
  expect(await figures()).toMatchObject({ available: 0, inUse: { licensedUsers: 1, offline: 1 } });
  // There is no license to transfer any more where there was one, and none for two where there was one.
  await page.handOver(404, 'user', 'admin');
  expect(await page.grant('admin@acme.example')).toEqual(['license-quota-exceeded']);

  await page.floating({ quota: 3, offline: { allowed: true, reserveOnline: 0 } });
  const session = await page.activated('a', 'user', 'm1');
  await page.issue(201, { machineId: 'm2', expiresAt: utcIn(3_600_000) });
  expect(await page.move(409, 'a', 'm2')).toMatchObject({ code: 'offline-license-active' });
  expect(await page.online()).toEqual([session]);
  await page.move(200, 'a', 'm3');
  await page.issue(201, { machineId: 'm3', expiresAt: utcIn(3_600_000) });
  expect(await page.move(409, 'a', 'm1')).toMatchObject({ code: 'offline-license-active' });
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

it('floating: to another machine, in one step; nobody else can take the seat between', async () => {
  await page.floating({ quota: 1 });
  const before = await page.activated('a', 'user', 'm1');
  const [after, ...answers] = await Promise.all([
    page.move(200, 'a', 'm2'),
    ...[1, 2, 3, 4, 5].map((other) =>
      page.call(activate, { as: 'otherUser', body: { machineId: 'm9', sessionId: `other-${other}` } }),
    ),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(409));
  expect(after).toMatchObject({ sessionId: 'a', machineId: 'm2', seat: before.seat, status: 'active' });

  expect(await beat(410, 'user', before)).toMatchObject({ endedReason: 'license-transferred' });
  const arrived = await start(200, { as: 'user', machineId: 'm2', sessionId: 'a' });
  expect(arrived).toMatchObject({ seat: after.seat, fence: after.fence });
  await beat(200, 'user', arrived);
  expect(await page.machines()).toEqual([{ machineId: 'm2', online: 1, offline: 0 }]);
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
