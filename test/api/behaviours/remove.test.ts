import { expect, it } from 'vitest';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getActivation } from '../../../shared/contracts/get-activation.ts';
import { listApiKeys } from '../../../shared/contracts/list-api-keys.ts';
import { listMembers } from '../../../shared/contracts/list-members.ts';
import { removeMember } from '../../../shared/contracts/remove-member.ts';
import { clock, principalOf, utcIn } from '../support/harness.ts';
import { openPage } from './page.ts';

const page = await openPage();
const { got, start, beat, figures } = page;

it('licensed users, several at once: ends their online sessions at once; the licenses can be granted again; their machines leave the registered machines; an offline license that one uses is not revoked', async () => {
  await page.perUser({ quota: 3, offline: { allowed: true } });
  await page.grant('user@acme.example', 'otheruser@acme.example');
  const notebook = await start(201, { as: 'user', machineId: 'notebook', sessionId: '0' });
  const laptop = await start(201, { as: 'user', machineId: 'laptop', sessionId: 'a' });
  const desktop = await start(201, { as: 'otherUser', machineId: 'desktop', sessionId: 'b' });
  const offline = await page.issue(201, { machineId: 'laptop', userId: await page.userId('user') });
  expect(await page.grant('admin@acme.example')).toEqual(['license-quota-exceeded']);
  expect((await page.machines()).map(({ machineId }) => machineId)).toEqual(['desktop', 'laptop', 'notebook']);

  await Promise.all([page.ungrant(204, 'user'), page.ungrant(204, 'otherUser')]);
  expect(await page.licensedUsers()).toEqual([]);
  expect(await page.online()).toEqual([]);
  expect(await beat(410, 'user', notebook)).toMatchObject({ endedReason: 'logged-in-elsewhere' });
  expect(await beat(410, 'user', laptop)).toMatchObject({ endedReason: 'user-removed' });
  expect(await beat(410, 'otherUser', desktop)).toMatchObject({ endedReason: 'user-removed' });
  expect(await page.offlineLicenses()).toEqual([offline]);
  expect(await page.machines()).toEqual([{ machineId: 'laptop', online: 0, offline: 1 }]);
  expect(await figures()).toMatchObject({ available: 2, inUse: { licensedUsers: 0, online: 0, offline: 1 } });

  expect(await page.grant('admin@acme.example', 'user@acme.example', 'otheruser@acme.example')).toEqual([
    'granted',
    'granted',
    'license-quota-exceeded',
  ]);
  await start(201, { as: 'user', machineId: 'laptop', sessionId: 'c' });
});

it('a license from a machine: ends what runs online there; the machine stays registered; never an offline license', async () => {
  await page.perUser({ quota: 3, offline: { allowed: true } });
  await page.grant('user@acme.example', 'otheruser@acme.example');
  const theirs = await start(201, { as: 'otherUser', machineId: 'desktop', sessionId: 'b' });
  const laptop = await start(201, { as: 'user', machineId: 'laptop', sessionId: 'a' });
  await page.stopOn(204, 'laptop');
  expect(await beat(410, 'user', laptop)).toMatchObject({ endedReason: 'license-removed' });
  expect(await page.online()).toEqual([theirs]);
  expect(await page.machines()).toEqual([
    { machineId: 'desktop', online: 1, offline: 0 },
    { machineId: 'laptop', online: 0, offline: 0 },
  ]);
  // The license is its user's as before.
  expect(await page.licensedUsers()).toHaveLength(2);
  const again = await start(201, { as: 'user', machineId: 'laptop', sessionId: 'c' });

  const offline = await page.issue(201, { machineId: 'laptop' });
  await page.stopOn(204, 'laptop');
  expect(await beat(410, 'user', again)).toMatchObject({ endedReason: 'license-removed' });
  expect(await page.stopOn(409, 'laptop')).toMatchObject({ code: 'offline-license-active' });
  expect(await page.offlineLicenses()).toEqual([offline]);

  // Floating: all of its sessions, whoever runs them, and their licenses are free.
  await page.floating({ quota: 2 });
  const sessions = [await page.activated('a', 'user', 'ci'), await page.activated('b', 'otherUser', 'ci')];
  await page.stopOn(204, 'ci');
  for (const [index, as] of (['user', 'otherUser'] as const).entries())
    expect(await beat(410, as, sessions[index])).toMatchObject({ endedReason: 'license-removed' });
  expect(await figures()).toMatchObject({ available: 2, inUse: { online: 0 } });
});

it('a machine (deactivate): frees its license, ends its sessions, leaves the list; refused while an offline license is bound to it', async () => {
  await page.floating({ quota: 3, machineQuota: 2, offline: { allowed: true } });
  const sessions = [await page.activated('a', 'user', 'm1'), await page.activated('b', 'user', 'm1')];
  const other = await page.activated('c', 'user', 'm2');
  await page.deactivateMachine(204, 'm1');
  for (const session of sessions)
    expect(await beat(410, 'user', session)).toMatchObject({ endedReason: 'machine-removed' });
  await beat(200, 'user', other);
  expect(await page.machines()).toEqual([{ machineId: 'm2', online: 1, offline: 0 }]);
  expect(await figures()).toMatchObject({ available: 2, inUse: { online: 1 }, registeredMachines: 1 });
  // Another machine can take its place at once.
  const third = await page.activated('d', 'user', 'm3');

  const { expiresAt } = await page.issue(201, { machineId: 'm3', expiresAt: utcIn(3_600_000) });
  const refused = await page.deactivateMachine(409, 'm3');
  expect(refused).toMatchObject({ code: 'offline-license-active' });
  expect(refused.detail).toContain(expiresAt);
  await beat(200, 'user', third);
  clock.advance(3_600_001);
  await page.activated('e', 'user', 'm3');
  await page.deactivateMachine(204, 'm3');
  expect(await page.machines()).toEqual([]);

  // Per user, where a machine stays on the list when nothing runs on it: deactivating is how it leaves.
  await page.perUser({ quota: 2, machineQuota: 1 });
  await page.grant('user@acme.example', 'otheruser@acme.example');
  await page.activated('a', 'user', 'laptop');
  await got(204, deactivate, { as: 'user', path: { sessionId: 'a' } });
  expect(await page.machines()).toEqual([{ machineId: 'laptop', online: 0, offline: 0 }]);
  const desktop = { as: 'otherUser', machineId: 'desktop', sessionId: 'b' } as const;
  expect(await start(409, desktop)).toMatchObject({ code: 'machine-quota-exceeded' });
  await page.deactivateMachine(204, 'laptop');
  await start(201, desktop);
  expect(await page.licensedUsers()).toHaveLength(2);
});

it('deactivating a machine may carry a time for which it may not come back', async () => {
  await page.floating({ quota: 3 });
  await page.activated('a', 'user', 'm1');
  await page.deactivateMachine(204, 'm1', { blockMinutes: '30' });
  // Neither for its user nor for another, by no new session.
  await start(403, { as: 'user', machineId: 'm1', sessionId: 'b' });
  const refused = await start(403, { as: 'otherUser', machineId: 'm1', sessionId: 'c' });
  const until = Date.parse(/until (\S+Z)/.exec(refused.detail)?.[1] ?? '');
  expect(Math.round((until - Date.now()) / 60_000)).toBe(30);
  expect(await figures()).toMatchObject({ available: 3 });
  await start(201, { as: 'user', machineId: 'm2', sessionId: 'b' });
  clock.advance(until - Date.now());
  await start(201, { as: 'otherUser', machineId: 'm1', sessionId: 'c' });
});

it('after a forced end the same session can’t take the license back; a new activation is a new decision', async () => {
  const runner = { as: 'apiKey', machineId: 'runner-07', sessionId: 'build-1' } as const;
  const forced = async () => {
    const activation = await start(201, runner);
    await got(204, deactivate, { as: 'owner', path: { sessionId: 'build-1' } });
    expect(await beat(410, 'apiKey', activation)).toMatchObject({ endedReason: 'license-removed' });
    // The session retries from several machines, for days: the license stays free.
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
  // After its own release a session may come again.
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
