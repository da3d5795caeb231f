import { expect, it } from 'vitest';
import { acceptInvitation } from '../../../shared/contracts/accept-invitation.ts';
import { activate } from '../../../shared/contracts/activate.ts';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { listActivations } from '../../../shared/contracts/list-activations.ts';
import { setSubscription } from '../../../shared/contracts/set-subscription.ts';
import { terms } from '../support/harness.ts';
import { inviting, newPerson } from '../support/invitations.ts';
import { openPage } from './page.ts';

const page = await openPage();
const { got, grant, start } = page;

it('a user must be a member first; several emails in one grant; licensed users ≤ quota, one more is refused', async () => {
  await page.perUser({ quota: 3 });
  const person = await newPerson();
  expect(await grant('user@acme.example', person.email, 'otheruser@acme.example')).toEqual([
    'granted',
    'not-a-member',
    'granted',
  ]);
  const { token } = await inviting(page)(person.email);
  expect(await grant(person.email)).toEqual(['not-a-member']);
  await got(200, acceptInvitation, { as: person.as, path: { token } });
  await start(403, { as: person.as, machineId: 'laptop', sessionId: 'a' });

  expect(await grant(person.email.toUpperCase(), 'admin@acme.example')).toEqual(['granted', 'license-quota-exceeded']);
  await start(201, { as: person.as, machineId: 'laptop', sessionId: 'a' });
  expect(await page.licensedUsers()).toHaveLength(3);
  expect(await page.figures()).toMatchObject({ quota: 3, available: 0, inUse: { licensedUsers: 3, online: 1 } });
  // After a removal the refused user gets it.
  await page.ungrant(204, 'otherUser');
  expect(await grant('admin@acme.example')).toEqual(['granted']);
});

it('floating: every member may use a license; parallel sessions ≤ quota; one session = one license; runners use API keys', async () => {
  await page.floating({ quota: 5 });
  const members = ['owner', 'admin', 'billingManager', 'otherUser'] as const;
  for (const as of members) await page.activated(`of-${as}`, as);
  const { key } = await got(201, createApiKey, { as: 'user', body: { name: 'CI' } });
  const runner = { as: { bearer: key }, machineId: 'runner-07' };
  const { seat, userId } = await start(201, { ...runner, sessionId: 'build-1' });
  expect(userId).toBe(await page.userId('user'));

  // The same session is one license, however often it asks; another session is another license.
  expect(await start(200, { ...runner, sessionId: 'build-1' })).toMatchObject({ seat });
  expect(await page.figures()).toMatchObject({ available: 0, inUse: { online: 5 } });
  expect(await start(409, { ...runner, sessionId: 'build-2' })).toMatchObject({ code: 'license-quota-exceeded' });
  // Nobody has to be granted anything, and nobody can be.
  expect(await page.licensedUsers()).toEqual([]);
});

it('a member of several organizations names one: the organization is in the path', async () => {
  const { path } = await page.floating({ quota: 1 });
  const theirs = { organizationId: page.foreignId, product: path.product };
  await got(201, setSubscription, { as: 'vendor', path: theirs, body: terms({ quota: 1 }) });
  const email = 'both@acme.example';
  await page.addMember(email, 'user');
  const as = { bearer: await page.addMember(email, 'user', page.foreignId) };

  const body = { machineId: 'laptop', sessionId: 'a' };
  const [here, there] = [
    await got(201, activate, { as, path, body }),
    await got(201, activate, { as, path: theirs, body }),
  ];
  expect(there.userId).toBe(here.userId);
  // Each organization gave one license of its own, and sees that one only.
  for (const [owner, of] of [
    ['owner', path],
    ['stranger', theirs],
  ] as const) {
    expect((await got(200, listActivations, { as: owner, path: of })).items).toHaveLength(1);
    await got(409, activate, { as, path: of, body: { ...body, sessionId: 'b' } });
  }
  await got(404, listActivations, { as: 'owner', path: theirs });
});
