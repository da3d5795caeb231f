import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getActivation } from '../../../shared/contracts/get-activation.ts';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { grantLicense } from '../../../shared/contracts/grant-license.ts';
import { grantLicenses } from '../../../shared/contracts/grant-licenses.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { listLicensedUsers } from '../../../shared/contracts/list-licensed-users.ts';
import { removeLicense } from '../../../shared/contracts/remove-license.ts';
import { type As, clock, day, openWorld, utcIn } from '../support/harness.ts';

const { got, call, subscribe, userId, addMember, organizationId } = await openWorld();
const perUser = (changes: object = {}) => subscribe({ licenseType: 'per-user', quota: 2, ...changes });
const grant = async (status: number, to: As, as: As = 'admin') =>
  got(status, grantLicense, { as, path: { userId: await userId(to) } });

describe('201, 200', () => {
  it('a member who was granted a license is a licensed user, and takes one of the quota', async () => {
    await perUser();
    const granted = await grant(201, 'user');
    expect(granted).toEqual({
      userId: await userId('user'),
      email: 'user@acme.example',
      name: 'user@acme.example',
      licensedAt: expect.any(String),
      online: false,
    });
    expect((await got(200, listLicensedUsers, { as: 'owner' })).items).toEqual([granted]);
    const { quota, available, inUse } = await got(200, getSubscription, { as: 'owner' });
    expect({ quota, available, inUse }).toEqual({
      quota: 2,
      available: 1,
      inUse: { licensedUsers: 1, online: 0, offline: 0 },
    });
  });
  it('granting again changes nothing', async () => {
    await perUser();
    const granted = await grant(201, 'user');
    expect(await grant(200, 'user', 'owner')).toEqual(granted);
    expect((await got(200, getSubscription, { as: 'owner' })).available).toBe(1);
  });
  it('an online user is shown as online', async () => {
    await perUser();
    await grant(201, 'user');
    await got(201, activate, { as: 'user', body: { machineId: 'laptop', sessionId: 'a' } });
    expect(await grant(200, 'user')).toMatchObject({ online: true });
    expect((await got(200, getSubscription, { as: 'owner' })).inUse).toEqual({
      licensedUsers: 1,
      online: 1,
      offline: 0,
    });
  });
});

describe('400', () => {
  it('of a floating subscription nobody is granted a license: every member may use it', async () => {
    await subscribe();
    expect(await grant(400, 'user')).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/path/product' }] });
  });
});

describe('403', () => {
  it('not while the subscription is suspended, or after its expiry', async () => {
    const { set } = await perUser({ status: 'suspended' });
    expect(await grant(403, 'user')).toMatchObject({ code: 'subscription-suspended' });
    await set({ expiresAt: utcIn(-1000) });
    expect(await grant(403, 'user')).toMatchObject({ code: 'subscription-expired' });
  });
});

describe('404', () => {
  it('a user must be a member first', async () => {
    await perUser();
    await got(404, grantLicense, { as: 'owner', path: { userId: 'usr_none' } });
    await got(404, grantLicense, { as: 'owner', path: { userId: await userId('stranger') } });
  });
  it('no such subscription', async () => {
    await got(404, grantLicense, { as: 'owner', path: { userId: await userId('user'), product: 'NONE' } });
  });
});

describe('409', () => {
  it('licensed users never exceed the quota: one more is refused, and told that none of them has an end', async () => {
    await perUser();
    await grant(201, 'user');
    await grant(201, 'otherUser');
    expect(await grant(409, 'owner')).toMatchObject({
      code: 'license-quota-exceeded',
      quota: 2,
      inUse: 2,
      nextFreeAt: null,
      holders: [{ kind: 'user', userId: expect.any(String) }, { kind: 'user' }],
    });
  });
  it('many at once: as many as the quota allows, no more and no fewer', async () => {
    await perUser({ quota: 3 });
    const members: As[] = ['owner', 'admin', 'billingManager', 'user', 'otherUser'];
    const ids = await Promise.all(members.map((as) => userId(as)));
    const answers = await Promise.all(
      [...ids, ...ids].map((id) => call(grantLicense, { as: 'owner', path: { userId: id } })),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(3);
    expect(statuses.filter((status) => status === 200)).toHaveLength(3);
    expect(statuses.filter((status) => status === 409)).toHaveLength(4);
    expect((await got(200, listLicensedUsers, { as: 'owner' })).items).toHaveLength(3);
  });
});

describe('several by email', () => {
  const emails = (...names: string[]) => ({ emails: names.map((name) => `${name}@acme.example`) });

  it('each email has its outcome, in the order in which they were sent', async () => {
    await perUser();
    await grant(201, 'otherUser');
    const { items } = await got(200, grantLicenses, {
      as: 'admin',
      body: emails('OtherUser', 'nobody', 'user', 'admin'),
    });
    expect(items).toEqual([
      { email: 'otheruser@acme.example', outcome: 'already-licensed', licensedUser: expect.any(Object) },
      { email: 'nobody@acme.example', outcome: 'not-a-member', licensedUser: null },
      { email: 'user@acme.example', outcome: 'granted', licensedUser: expect.objectContaining({ online: false }) },
      { email: 'admin@acme.example', outcome: 'license-quota-exceeded', licensedUser: null },
    ]);
  });
  it('sending the list again is harmless', async () => {
    await perUser();
    const body = emails('user', 'admin', 'user');
    const outcomes = async () =>
      (await got(200, grantLicenses, { as: 'owner', body })).items.map((item: any) => item.outcome);
    expect(await outcomes()).toEqual(['granted', 'granted', 'already-licensed']);
    expect(await outcomes()).toEqual(['already-licensed', 'already-licensed', 'already-licensed']);
  });
  it('a member of another organization is no member here', async () => {
    await perUser();
    const { items } = await got(200, grantLicenses, { as: 'owner', body: { emails: ['stranger@other.example'] } });
    expect(items).toMatchObject([{ outcome: 'not-a-member' }]);
  });
  it('a refusal by the subscription refuses the whole list', async () => {
    const { set } = await perUser({ status: 'suspended' });
    const body = emails('user');
    expect(await got(403, grantLicenses, { as: 'owner', body })).toMatchObject({ code: 'subscription-suspended' });
    await set({ expiresAt: utcIn(-1000) });
    expect(await got(403, grantLicenses, { as: 'owner', body })).toMatchObject({ code: 'subscription-expired' });
    await subscribe();
    expect(await got(400, grantLicenses, { as: 'owner', body })).toMatchObject({ code: 'invalid-request' });
    await got(404, grantLicenses, { as: 'owner', path: { product: 'NONE' }, body });
  });
  it('also a list without any member', async () => {
    const { set } = await perUser({ status: 'suspended' });
    const body = emails('nobody', 'no-one');
    expect(await got(403, grantLicenses, { as: 'owner', body })).toMatchObject({ code: 'subscription-suspended' });
    await set({ expiresAt: utcIn(-1000) });
    expect(await got(403, grantLicenses, { as: 'owner', body })).toMatchObject({ code: 'subscription-expired' });
    await subscribe();
    expect(await got(400, grantLicenses, { as: 'owner', body })).toMatchObject({ code: 'invalid-request' });
    await got(404, grantLicenses, { as: 'owner', path: { product: 'NONE' }, body });
  });
  it('that its licenses float is the first refusal, also for a suspended subscription', async () => {
    await subscribe({ status: 'suspended' });
    expect(await got(400, grantLicenses, { as: 'owner', body: emails('user') })).toMatchObject({
      errors: [{ pointer: '/path/product' }],
    });
    expect(await grant(400, 'user')).toMatchObject({ errors: [{ pointer: '/path/product' }] });
  });
  it('wrong emails are named by their place', async () => {
    await perUser();
    for (const [list, pointer] of [
      [[], '/body/emails'],
      [['user@acme.example', 'nonsense'], '/body/emails/1'],
      [Array.from({ length: 51 }, (_, index) => `u${index}@acme.example`), '/body/emails'],
    ] as const)
      expect(await got(400, grantLicenses, { as: 'owner', body: { emails: list } })).toMatchObject({
        errors: [{ pointer }],
      });
  });
});

describe('the list of licensed users', () => {
  it('pages, by user, and is empty for a floating subscription', async () => {
    await perUser({ quota: 5 });
    for (const as of ['owner', 'admin', 'user', 'otherUser'] as const) await grant(201, as);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query: Record<string, string> = { limit: '3', ...(cursor && { cursor }) };
      const page = await got(200, listLicensedUsers, { as: 'owner', query });
      seen.push(...page.items.map((item: any) => item.userId));
      cursor = page.nextCursor;
    } while (cursor);
    expect(seen).toHaveLength(4);
    expect(seen).toEqual([...new Set(seen)].sort());
    await subscribe();
    expect(await got(200, listLicensedUsers, { as: 'owner' })).toEqual({ items: [] });
  });
  it('shows a user with a live session as online', async () => {
    await perUser();
    const bearer = await addMember('zoe@acme.example', 'user');
    await got(200, grantLicenses, { as: 'owner', body: { emails: ['zoe@acme.example'] } });
    await got(201, activate, { as: { bearer }, body: { machineId: 'laptop', sessionId: 'z' } });
    const { items } = await got(200, listLicensedUsers, { as: 'owner', path: { organizationId } });
    expect(items).toMatchObject([{ email: 'zoe@acme.example', online: true }]);
  });
  it('shows when a license was last worked with, and on which machine, also after its session ended', async () => {
    await perUser();
    const path = { userId: await userId('user') };
    expect(Object.keys(await got(201, grantLicense, { as: 'owner', path }))).not.toContain('lastUsedAt');
    const only = async () => (await got(200, listLicensedUsers, { as: 'owner' })).items[0];
    const body = { machineId: 'laptop', sessionId: 'a' };
    const { seat, fence, activatedAt } = await got(201, activate, { as: 'user', body });
    expect(await only()).toMatchObject({ online: true, lastUsedAt: activatedAt, machineId: 'laptop' });

    clock.advance(50_000);
    const beat = { seat, fence, idleSeconds: 20 };
    await got(200, heartbeat, { as: 'user', path: { sessionId: 'a' }, body: beat });
    const { lastUsedAt } = await only();
    expect(Date.parse(lastUsedAt) - Date.parse(activatedAt)).toBeGreaterThanOrEqual(30_000);
    expect(Date.now() - Date.parse(lastUsedAt)).toBeGreaterThanOrEqual(20_000);
    await got(204, deactivate, { as: 'user', path: { sessionId: 'a' } });
    expect(await only()).toMatchObject({ online: false, lastUsedAt, machineId: 'laptop' });

    await got(204, removeLicense, { as: 'owner', path });
    expect(await got(201, grantLicense, { as: 'owner', path })).toMatchObject({ lastUsedAt, machineId: 'laptop' });
  });
  it('shows the last use of a license whose lease has ended, before and after it was closed', async () => {
    await perUser();
    await grant(201, 'user');
    const { activatedAt } = await got(201, activate, { as: 'user', body: { machineId: 'desk', sessionId: 'a' } });
    clock.advance(61_000);
    const last = { online: false, lastUsedAt: activatedAt, machineId: 'desk' };
    expect((await got(200, listLicensedUsers, { as: 'owner' })).items).toMatchObject([last]);
    // Reading the session closes it.
    await got(200, getActivation, { as: 'owner', path: { sessionId: 'a' } });
    expect((await got(200, listLicensedUsers, { as: 'owner' })).items).toMatchObject([last]);
  });
  it('finds the licenses that nobody has worked with for some days, page by page', async () => {
    const all = ['owner', 'admin', 'user', 'otherUser'] as const;
    await perUser({ quota: 5, expiresAt: utcIn(90 * day) });
    for (const as of all) await grant(201, as);
    const unused = async (unusedForDays: string, more: Record<string, string> = {}) =>
      got(200, listLicensedUsers, { as: 'owner', query: { unusedForDays, ...more } });
    expect((await unused('1')).items).toEqual([]);
    clock.advance(31 * day);
    await got(201, activate, { as: 'user', body: { machineId: 'laptop', sessionId: 'a' } });
    const ids = await Promise.all(all.filter((as) => as !== 'user').map(userId));
    const first = await unused('30', { limit: '2' });
    const rest = await unused('30', { limit: '2', cursor: first.nextCursor });
    expect([...first.items, ...rest.items].map((item: any) => item.userId)).toEqual(ids.sort());
    expect((await unused('32')).items).toEqual([]);
    // The cursor belongs to its filter.
    const other = { unusedForDays: '29', cursor: first.nextCursor };
    await got(400, listLicensedUsers, { as: 'owner', query: other });
    for (const unusedForDays of ['0', '3651', '1.5', 'x'])
      await got(400, listLicensedUsers, { as: 'owner', query: { unusedForDays } });
  });
});
