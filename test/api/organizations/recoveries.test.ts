import { describe, expect, it } from 'vitest';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { listRecoveries } from '../../../shared/contracts/list-recoveries.ts';
import { removeMember } from '../../../shared/contracts/remove-member.ts';
import { setMember } from '../../../shared/contracts/set-member.ts';
import { startRecovery } from '../../../shared/contracts/start-recovery.ts';
import { addMember as joinAs } from '../../../shared/table/items/members.ts';
import { type As, clock, day, type Json, mint, openWorld, stamp } from '../support/harness.ts';
import { recovering } from '../support/recovery.ts';

const world = await openWorld();
const { got, userId, organizationId, foreignId } = world;
const { lockedOut, start, consent, cancel, complete } = recovering(world);

const find = async (recoveryId: string, as: As = 'user'): Promise<Json> => {
  const { items } = await got(200, listRecoveries, { as, path: { organizationId }, query: { limit: '200' } });
  return items.find(({ id }: Json) => id === recoveryId);
};
const remove = (id: string) => got(204, removeMember, { as: 'owner', path: { userId: id } });

describe('startRecovery', () => {
  it('201: waits for 72 hours, and can be completed for 14 days', async () => {
    const person = await lockedOut('admin');
    const recovery = await start(person);
    const at = (ms: number) => new Date(Date.parse(recovery.startedAt) + ms).toISOString();
    expect(recovery).toEqual({
      id: expect.stringMatching(/^rec_[0-9a-z]{52}$/),
      userId: person.id,
      email: person.email,
      role: 'admin',
      startedAt: expect.any(String),
      effectiveAt: at(3 * day),
      expiresAt: at(14 * day),
      consentedBy: null,
      status: 'waiting',
    });
  });
  it('200: repeated, also at once, it returns the open one, whose time does not begin again', async () => {
    const person = await lockedOut();
    const first = await start(person);
    await consent(person, first);
    clock.advance(day);
    expect(await start(person, 200)).toEqual({ ...first, consentedBy: await userId('user'), status: 'ready' });
    const other = await lockedOut();
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => world.call(startRecovery, { as: 'vendor', body: { userId: other.id } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });
  it('201: another one, once the last is cancelled, expired, or about a membership that is no more', async () => {
    const person = await lockedOut('user');
    const ids = [await start(person)];
    const again = async () => ids.push(await start(person));
    await cancel(person, ids[0]);
    await again();
    clock.advance(14 * day);
    await again();
    await got(200, setMember, { as: 'owner', path: { userId: person.id }, body: { role: 'billing-manager' } });
    await again();
    await remove(person.id);
    clock.advance(1000);
    await joinAs(world.table, { organizationId, email: person.email, role: 'billing-manager', now: Date.now() });
    await again();
    expect(new Set(ids.map(({ id }) => id)).size).toBe(5);
    for (const { id } of ids.slice(0, -1)) expect(await find(id)).toBeUndefined();
    await consent(person, ids[0], 'user', 404);
    await cancel(person, ids[0], 'admin', 404);
  });
  it('404: of nobody, of a removed member, of another organization’s', async () => {
    const person = await lockedOut();
    await remove(person.id);
    await start(person, 404);
    await start({ id: 'usr_none', path: { organizationId } }, 404);
    await start({ id: await userId('stranger'), path: { organizationId } }, 404);
    await start({ id: await userId('owner'), path: { organizationId: foreignId } }, 404);
  });
  it('400: of something that is no user', async () => {
    await start({ id: '#', path: { organizationId } }, 400);
  });
  it('403: to every member', async () => {
    for (const as of ['owner', 'admin', 'fullKey'] as const)
      await got(403, startRecovery, { as, body: { userId: await userId('user') } });
  });
});

describe('listRecoveries', () => {
  it('200: every member and the vendor see where it stands', async () => {
    const person = await lockedOut();
    const recovery = await start(person);
    for (const as of ['owner', 'billingManager', 'user', 'fullKey', 'vendor'] as const)
      expect(await find(recovery.id, as)).toEqual(recovery);
    clock.advance(3 * day);
    expect(await find(recovery.id)).toMatchObject({ status: 'ready' });
    clock.advance(11 * day);
    expect(await find(recovery.id)).toMatchObject({ status: 'lapsed' });
  });
  it('200: a completed and a cancelled one stay so', async () => {
    const [one, two] = [await lockedOut(), await lockedOut()];
    const [done, stopped] = [await start(one), await start(two)];
    await consent(one, done);
    await complete(one, done, one.fresh);
    await cancel(two, stopped);
    clock.advance(20 * day);
    expect(await find(done.id)).toMatchObject({ status: 'completed', consentedBy: await userId('user') });
    expect(await find(stopped.id)).toMatchObject({ status: 'cancelled' });
  });
  it('200: the consent of a removed member is none, and one about a changed member has lapsed', async () => {
    const [person, consenter, changed] = [await lockedOut(), await lockedOut('user'), await lockedOut('user')];
    const [recovery, other] = [await start(person), await start(changed)];
    await consent(person, recovery, consenter.old);
    await remove(consenter.id);
    expect(await find(recovery.id)).toEqual(recovery);
    await got(200, setMember, { as: 'owner', path: { userId: changed.id }, body: { role: 'admin' } });
    expect(await find(other.id)).toEqual({ ...other, status: 'lapsed' });
  });
});

describe('consentToRecovery', () => {
  it('200: it is ready at once; repeated, nothing changes, also once it is completed', async () => {
    const person = await lockedOut();
    const recovery = await start(person);
    const ready = { ...recovery, status: 'ready', consentedBy: await userId('user') };
    expect(await consent(person, recovery)).toEqual(ready);
    const before = await world.stored();
    expect(await consent(person, recovery)).toEqual(ready);
    expect(await world.stored()).toEqual(before);
    await complete(person, recovery, person.fresh);
    expect(await consent(person, recovery)).toMatchObject({ status: 'completed' });
  });
  it('200: by another member, whose consent counts then', async () => {
    const person = await lockedOut();
    const recovery = await start(person);
    await consent(person, recovery);
    expect(await consent(person, recovery, 'admin')).toMatchObject({ consentedBy: await userId('admin') });
  });
  it('403: to the member concerned, and to every API key', async () => {
    const person = await lockedOut();
    const recovery = await start(person);
    const { key } = await got(201, createApiKey, { as: 'owner', body: { name: 'Script', scope: 'full' } });
    for (const as of [person.old, { bearer: key }, 'apiKey'] as const) await consent(person, recovery, as, 403);
    expect(await find(recovery.id)).toEqual(recovery);
  });
  it('403: to the vendor who started it, also as a member, and to a vendor who is no member', async () => {
    const claims = { 'cognito:groups': ['vendor'], email_verified: true };
    const sub = stamp();
    const email = `${stamp()}@acme.example`;
    const [outside, person, other] = [{ bearer: await mint({ sub, ...claims }) }, await lockedOut(), await lockedOut()];
    const before = await got(201, startRecovery, { as: outside, body: { userId: person.id } });
    await consent(person, before, outside, 403);
    // The starter joins afterwards: the same sign-in, by an address.
    await joinAs(world.table, { organizationId, email, role: 'admin', now: Date.now() });
    const inside = { bearer: await mint({ sub, email, ...claims }) };
    const after = await got(201, startRecovery, { as: inside, body: { userId: other.id } });
    await consent(person, before, inside, 403);
    await consent(other, after, inside, 403);
  });
  it('404: of an unknown one, and to a user who is no member', async () => {
    const person = await lockedOut();
    const recovery = await start(person);
    for (const id of ['none', `rec_${person.id.slice(4)}${'0'.repeat(26)}`, recovery.id.slice(0, -1)])
      await consent(person, { id }, 'user', 404);
    await consent(person, recovery, 'stranger', 404);
    await consent({ ...person, path: { organizationId: foreignId } }, recovery, 'stranger', 404);
  });
  it('400: to an ended one', async () => {
    const [one, two] = [await lockedOut(), await lockedOut()];
    const [cancelled, expired] = [await start(one), await start(two)];
    await cancel(one, cancelled);
    await consent(one, cancelled, 'user', 400);
    clock.advance(14 * day);
    await consent(two, expired, 'user', 400);
  });
});

describe('cancelRecovery', () => {
  it('204: by an owner, an admin, the member concerned and the vendor; repeated, nothing changes', async () => {
    const person = await lockedOut('user');
    for (const as of ['owner', 'admin', person.old, 'vendor'] as const) {
      const recovery = await start(person);
      await cancel(person, recovery, as);
      const [before] = [await find(recovery.id)];
      await cancel(person, recovery, as);
      expect(await find(recovery.id)).toEqual(before);
      expect(before).toEqual({ ...recovery, status: 'cancelled' });
    }
  });
  it('403: to other members, and to API keys', async () => {
    const person = await lockedOut();
    const recovery = await start(person);
    const { key } = await got(201, createApiKey, { as: person.old, body: { name: 'Script', scope: 'full' } });
    for (const as of ['user', 'billingManager', 'fullKey', { bearer: key }] as const)
      await cancel(person, recovery, as, 403);
    expect(await find(recovery.id)).toEqual(recovery);
  });
  it('404: of an unknown one, and to a user who is no member', async () => {
    const person = await lockedOut();
    const recovery = await start(person);
    await cancel(person, { id: 'rec_none' }, 'admin', 404);
    await cancel(person, recovery, 'stranger', 404);
    await cancel(person, recovery, person.fresh, 404);
  });
  it('400: of a completed one', async () => {
    const person = await lockedOut();
    const recovery = await start(person);
    await consent(person, recovery);
    await complete(person, recovery, person.fresh);
    await cancel(person, recovery, 'owner', 400);
    expect(await find(recovery.id)).toMatchObject({ status: 'completed' });
  });
});
