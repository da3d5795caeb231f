import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getActivation } from '../../../shared/contracts/get-activation.ts';
import { clock } from '../support/harness.ts';
import { openPage } from './page.ts';

const page = await openPage();
const { got, start, beat, figures } = page;

describe('per user', () => {
  it('only licensed users', async () => {
    await page.perUser();
    const laptop = { as: 'user', machineId: 'laptop', sessionId: 'a' } as const;
    expect(await start(403, laptop)).toMatchObject({ code: 'not-licensed' });
    await page.grant('user@acme.example');
    const activation = await start(201, laptop);
    await beat(200, 'user', activation);
    // An owner may not either, nor a user who takes over a licensed user's session.
    for (const as of ['owner', 'otherUser'] as const) {
      expect(await start(403, { ...laptop, as })).toMatchObject({ code: 'not-licensed' });
      await beat(404, as, activation);
    }
  });

  it('one account runs on one machine at a time: the newer activation ends the older one, whose next heartbeat says logged-in-elsewhere', async () => {
    await page.perUser({ quota: 1, machineQuota: 2 });
    await page.grant('user@acme.example');
    const laptop = await start(201, { as: 'user', machineId: 'laptop', sessionId: 'a' });
    const desktop = await start(201, { as: 'user', machineId: 'desktop', sessionId: 'b' });
    expect(await page.online()).toEqual([desktop]);
    expect(await beat(410, 'user', laptop)).toMatchObject({ endedReason: 'logged-in-elsewhere' });
    await beat(200, 'user', desktop);
    // The older one can't take it back by itself; the user, by a new session there, can.
    await start(410, { as: 'user', machineId: 'laptop', sessionId: 'a' });
    const back = await start(201, { as: 'user', machineId: 'laptop', sessionId: 'c' });
    expect(await beat(410, 'user', desktop)).toMatchObject({ endedReason: 'logged-in-elsewhere' });
    expect(await page.online()).toEqual([back]);
    expect(await figures()).toMatchObject({ inUse: { licensedUsers: 1, online: 1 } });
  });
});

it('a machine can run several floating sessions; each takes a license', async () => {
  await page.floating({ quota: 3 });
  for (const sessionId of ['a', 'b', 'c']) await start(201, { as: 'apiKey', machineId: 'runner-07', sessionId });
  expect(new Set((await page.online()).map(({ seat }) => seat))).toEqual(new Set([1, 2, 3]));
  expect(await figures()).toMatchObject({ available: 0, inUse: { online: 3 }, registeredMachines: 1 });
  // Ending one of them gives back one.
  await got(204, deactivate, { as: 'apiKey', path: { sessionId: 'b' } });
  expect(await figures()).toMatchObject({ available: 1, inUse: { online: 2 }, registeredMachines: 1 });
});

it('over quota: “License quota exceeded”, with how many are in use and when the next one can be free', async () => {
  await page.floating({ quota: 2, leaseSeconds: 60 });
  const first = await page.activated('one');
  clock.advance(15_000);
  const second = await page.activated('two');
  const refused = { as: 'user', machineId: 'm', sessionId: 'three' } as const;
  expect(await start(409, refused)).toMatchObject({
    title: 'License quota exceeded',
    code: 'license-quota-exceeded',
    quota: 2,
    inUse: 2,
    nextFreeAt: first.leaseExpiresAt,
  });
  // The first lives on: now the second's lease is the next to end.
  await beat(200, 'user', first);
  const { status, headers, body } = await page.call(activate, {
    as: 'user',
    body: { machineId: 'm', sessionId: 'three' },
  });
  expect({ status, nextFreeAt: body.nextFreeAt }).toEqual({ status: 409, nextFreeAt: second.leaseExpiresAt });
  // A runner that waits for the named time gets it.
  expect(headers['retry-after']).toBe(String(body.retryAfterSeconds));
  clock.advance(body.retryAfterSeconds * 1000);
  await start(201, refused);
});

it('over machines: “Machine quota exceeded”', async () => {
  await page.floating({ quota: 5, machineQuota: 2 });
  await start(201, { as: 'user', machineId: 'm1', sessionId: 'a' });
  await start(201, { as: 'otherUser', machineId: 'm2', sessionId: 'b' });
  const third = { as: 'user', machineId: 'm3', sessionId: 'c' } as const;
  expect(await start(409, third)).toMatchObject({
    title: 'Machine quota exceeded',
    code: 'machine-quota-exceeded',
    machineQuota: 2,
    registeredMachines: 2,
  });
  // The refusal took no license, and a registered machine may use one more.
  expect(await figures()).toMatchObject({ available: 3, registeredMachines: 2 });
  await start(201, { as: 'user', machineId: 'm1', sessionId: 'd' });
  // A machine that uses none any more makes room for another.
  await got(204, deactivate, { as: 'otherUser', path: { sessionId: 'b' } });
  await start(201, third);
  expect((await page.machines()).map(({ machineId }) => machineId)).toEqual(['m1', 'm3']);

  // Per user, a session refused on one machine too many goes on where it runs.
  await page.perUser({ quota: 1, machineQuota: 1 });
  await page.grant('user@acme.example');
  const laptop = await page.activated('a', 'user', 'laptop');
  const desktop = { as: 'user', machineId: 'desktop', sessionId: 'b' } as const;
  expect(await start(409, desktop)).toMatchObject({ code: 'machine-quota-exceeded' });
  await beat(200, 'user', laptop);
});

it('a runner that crashes gives its license back by itself when its lease ends, not after an hour, not by an admin', async () => {
  await page.floating({ quota: 1, leaseSeconds: 60 });
  const crashed = await start(201, { as: 'apiKey', machineId: 'runner-07', sessionId: 'build-1' });
  const next = { as: 'apiKey', machineId: 'runner-08', sessionId: 'build-2' } as const;
  clock.advance(Date.parse(crashed.leaseExpiresAt) - Date.now() - 5000);
  await start(409, next);
  clock.advance(5000);
  expect(await figures()).toMatchObject({ available: 1, inUse: { online: 0 } });
  expect(await page.online()).toEqual([]);
  expect(await start(201, next)).toMatchObject({ seat: crashed.seat });
  // The runner was only asleep: it learns so, and takes nothing from its successor.
  expect(await beat(410, 'apiKey', crashed)).toMatchObject({ endedReason: 'lease-expired' });
  expect((await page.online()).map(({ sessionId }) => sessionId)).toEqual(['build-2']);
});

it('a restarted runner with the same session ID gets its own license back, not a second one', async () => {
  await page.floating({ quota: 2 });
  const runner = { as: 'apiKey', machineId: 'runner-07', sessionId: 'build-1' } as const;
  const before = await start(201, runner);
  const again = await start(200, runner);
  expect(again).toMatchObject({ seat: before.seat, fence: before.fence });
  expect(await figures()).toMatchObject({ available: 1, inUse: { online: 1 } });
  // This also holds after the end of its lease, if nobody took the license.
  clock.advance(600_000);
  expect(await start(200, runner)).toMatchObject({ seat: before.seat, fence: before.fence });
  expect(await figures()).toMatchObject({ available: 1, inUse: { online: 1 } });
  expect(await got(200, getActivation, { as: 'apiKey', path: { sessionId: 'build-1' } })).toMatchObject({
    activatedAt: before.activatedAt,
  });
});
