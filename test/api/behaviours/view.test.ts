import { expect, it } from 'vitest';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { issueOfflineLicense } from '../../../shared/contracts/issue-offline-license.ts';
import { listActivations } from '../../../shared/contracts/list-activations.ts';
import { listLicensedUsers } from '../../../shared/contracts/list-licensed-users.ts';
import { listMachines } from '../../../shared/contracts/list-machines.ts';
import { listOfflineLicenses } from '../../../shared/contracts/list-offline-licenses.ts';
import { clock, utcIn } from '../support/harness.ts';
import { openPage } from './page.ts';

const page = await openPage();
const { figures } = page;

it('only owners and admins open license management; a billing manager views figures; others get 403', async () => {
  await page.floating({ offline: { allowed: true } });
  await page.activated('of-user', 'user');
  await page.issue(201, { machineId: 'press-3' });
  const pages = [listLicensedUsers, listOfflineLicenses, listMachines];

  for (const as of ['owner', 'admin'] as const) {
    for (const list of pages) await page.got(200, list, { as });
    expect((await page.got(200, listActivations, { as })).items).toHaveLength(1);
    expect(await page.got(200, getSubscription, { as })).toEqual(await figures());
  }
  expect(await page.got(200, getSubscription, { as: 'billingManager' })).toEqual(await figures());
  for (const as of ['billingManager', 'user', 'apiKey', 'fullKey'] as const) {
    for (const list of pages) expect(await page.got(403, list, { as })).toMatchObject({ code: 'forbidden' });
    await page.got(403, issueOfflineLicense, { as, body: { machineId: 'press-4' } });
    if (as !== 'billingManager') await page.got(403, getSubscription, { as });
  }
  // Everybody sees their own online licenses, and nobody else's.
  expect((await page.got(200, listActivations, { as: 'user' })).items).toHaveLength(1);
  expect((await page.got(200, listActivations, { as: 'billingManager' })).items).toEqual([]);
});

it('per product: subscribed licenses (quota), available licenses, machine quota, expiry date', async () => {
  const [soon, later] = [utcIn(1_000_000), utcIn(2_000_000)];
  const runtime = await page.floating({ quota: 4, machineQuota: 9, expiresAt: soon });
  await page.activated('one');
  await page.perUser({ quota: 7, expiresAt: later });
  await page.grant('user@acme.example', 'admin@acme.example');

  expect(await figures()).toMatchObject({ quota: 7, available: 5, machineQuota: 7, expiresAt: later });
  expect(await page.got(200, getSubscription, { as: 'owner', path: runtime.path })).toMatchObject({
    quota: 4,
    available: 3,
    machineQuota: 9,
    expiresAt: soon,
  });
});

it('available = quota − (licenses attributed online + offline licenses); the machine quota defaults to the license quota', async () => {
  const { set } = await page.floating({ quota: 5, offline: { allowed: true } });
  await page.activated('one');
  await page.activated('two', 'otherUser');
  await page.issue(201, { machineId: 'press-3', expiresAt: utcIn(3_600_000) });
  expect(await figures()).toMatchObject({ available: 2, inUse: { online: 2, offline: 1 }, machineQuota: 5 });
  await set({ quota: 6, offline: { allowed: true } });
  expect(await figures()).toMatchObject({ available: 3, machineQuota: 6 });
  // The sessions died; the offline license stays.
  clock.advance(61_000);
  expect(await figures()).toMatchObject({ available: 5, inUse: { online: 0, offline: 1 } });

  // Per user, a grant takes a license of the quota; its use takes no other.
  await page.perUser({ quota: 5, offline: { allowed: true } });
  await page.grant('user@acme.example', 'admin@acme.example');
  await page.activated('one');
  await page.issue(201, { machineId: 'press-3' });
  expect(await figures()).toMatchObject({ available: 2, inUse: { licensedUsers: 2, online: 1, offline: 1 } });
});

it('lists: licensed users; online licenses (active machine IDs and their users); offline licenses (machine IDs bound); registered machines (all machine IDs that use either kind)', async () => {
  await page.perUser({ quota: 5, offline: { allowed: true } });
  await page.grant('user@acme.example', 'otheruser@acme.example');
  await page.activated('a', 'user', 'laptop');
  await page.issue(201, { machineId: 'press-3' });
  const licensed = await page.licensedUsers();
  expect(licensed).toHaveLength(2);
  expect(licensed).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ email: 'user@acme.example', online: true }),
      expect.objectContaining({ email: 'otheruser@acme.example', online: false }),
    ]),
  );
  expect(await page.online()).toMatchObject([{ machineId: 'laptop', userId: await page.userId('user') }]);
  expect(await page.offlineLicenses()).toMatchObject([{ machineId: 'press-3', status: 'active' }]);
  expect(await page.machines()).toEqual([
    { machineId: 'laptop', online: 1, offline: 0 },
    { machineId: 'press-3', online: 0, offline: 1 },
  ]);
  expect(await figures()).toMatchObject({ registeredMachines: 2 });

  // Floating, a machine is on the list while it uses a license; there are no licensed users.
  await page.floating({ quota: 5, offline: { allowed: true } });
  await page.activated('a', 'user', 'runner-07');
  await page.activated('b', 'otherUser', 'runner-07');
  await page.issue(201, { machineId: 'runner-07' });
  expect(await page.licensedUsers()).toEqual([]);
  expect(await page.machines()).toEqual([{ machineId: 'runner-07', online: 2, offline: 1 }]);
});
