import { expect, it } from 'vitest';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getActivation } from '../../../shared/contracts/get-activation.ts';
import { listApiKeys } from '../../../shared/contracts/list-api-keys.ts';
import { listMembers } from '../../../shared/contracts/list-members.ts';
import { removeMember } from '../../../shared/contracts/remove-member.ts';
import { clock, principalOf } from '../harness.ts';
import { openPage } from './page.ts';

const page = await openPage();
const { got, start, beat, figures } = page;

it('licensed users, several at once: ends their online sessions at once; the licenses can be granted again; an offline license that one uses is not revoked', async () => {
  await page.perUser({ quota: 3, offline: { allowed: true } });
  await page.grant('user@acme.example', 'otheruser@acme.example');
  const laptop = await start(201, { as: 'user', machineId: 'laptop', sessionId: 'a' });
  const desktop = await start(201, { as: 'otherUser', machineId: 'desktop', sessionId: 'b' });
  const offline = await page.issue(201, { machineId: 'laptop', userId: await page.userId('user') });
  expect(await page.grant('admin@acme.example')).toEqual(['license-quota-exceeded']);

  await Promise.all([page.ungrant(204, 'user'), page.ungrant(204, 'otherUser')]);
  expect(await page.licensedUsers()).toEqual([]);
  expect(await page.online()).toEqual([]);
  expect(await beat(410, 'user', laptop)).toMatchObject({ endedReason: 'user-removed' });
  expect(await beat(410, 'otherUser', desktop)).toMatchObject({ endedReason: 'user-removed' });
  expect(await page.offlineLicenses()).toEqual([offline]);
  expect(await figures()).toMatchObject({ available: 2, inUse: { licensedUsers: 0, online: 0, offline: 1 } });

  expect(await page.grant('admin@acme.example', 'user@acme.example', 'otheruser@acme.example')).toEqual([
    'granted',
    'granted',
    'license-quota-exceeded',
  ]);
  await start(201, { as: 'user', machineId: 'laptop', sessionId: 'c' });
});

it('after a forced end the same session can’t take the license back; a new activation is a new decision', async () => {
  const runner = { as: 'apiKey', machineId: 'runner-07', sessionId: 'build-1' } as const;
  const forced = async () => {
    const activation = await start(201, runner);
    await got(204, deactivate, { as: 'owner', path: { sessionId: 'build-1' } });
    expect(await beat(410, 'apiKey', activation)).toMatchObject({ endedReason: 'license-removed' });
    // It retries, from wherever, for days: the license stays free.
    for (const machineId of ['runner-07', 'runner-08']) await start(410, { ...runner, machineId });
    clock.advance(3 * 86_400_000);
    expect(await start(410, runner)).toMatchObject({ code: 'activation-ended', endedReason: 'license-removed' });
    expect(await figures()).toMatchObject({ inUse: { online: 0 } });
    await start(201, { ...runner, sessionId: 'build-2' });
  };
  await page.floating({ quota: 1 });
  await forced();
  await page.perUser({ quota: 1 });
  await page.grant('user@acme.example');
  await forced();
  // Who gives it back itself may come again.
  await got(204, deactivate, { as: 'apiKey', path: { sessionId: 'build-2' } });
  await start(201, { ...runner, sessionId: 'build-2' });
});

it('removing a member from the organization ends what it uses and removes its licenses and keys', async () => {
  const email = 'leaver@acme.example';
  const as = { bearer: await page.addMember(email, 'user') };
  const userId = await page.userId(as);
  const { key } = await got(201, createApiKey, { as, body: { name: 'CI' } });
  const perUser = await page.perUser({ quota: 1, offline: { allowed: true } });
  await page.grant(email);
  await start(201, { as, machineId: 'laptop', sessionId: 'a' });
  const floating = await page.floating({ quota: 1 });
  await start(201, { as: { bearer: key }, machineId: 'runner-07', sessionId: 'build-1' });

  await got(204, removeMember, { as: 'owner', path: { userId } });
  const emails = (await got(200, listMembers, { as: 'owner' })).items.map((member: { email: string }) => member.email);
  expect(emails).not.toContain(email);
  const keys = (await got(200, listApiKeys, { as: 'owner' })).items;
  expect(keys.filter((one: { userId: string }) => one.userId === userId)).toEqual([]);
  expect(await principalOf(key)).toEqual({ type: 'nobody' });
  for (const [path, sessionId] of [
    [perUser.path, 'a'],
    [floating.path, 'build-1'],
  ] as const) {
    expect(await got(200, getActivation, { as: 'owner', path: { ...path, sessionId } })).toMatchObject({
      status: 'ended',
      endedReason: 'user-removed',
    });
  }
  // Both licenses are free for the others at once.
  await start(201, { as: 'user', machineId: 'runner-08', sessionId: 'build-2' });
  await perUser.set({});
  await got(401, listMembers, { as: { bearer: key } });
  await start(404, { as, machineId: 'laptop', sessionId: 'b' });
});
