import { describe, expect, it } from 'vitest';
import { completeRecovery } from '../../../shared/contracts/complete-recovery.ts';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { createOrganization } from '../../../shared/contracts/create-organization.ts';
import { getOrganization } from '../../../shared/contracts/get-organization.ts';
import { grantLicenses } from '../../../shared/contracts/grant-licenses.ts';
import { invite } from '../../../shared/contracts/invite.ts';
import { listMembers } from '../../../shared/contracts/list-members.ts';
import { listOrganizations } from '../../../shared/contracts/list-organizations.ts';
import { removeMember } from '../../../shared/contracts/remove-member.ts';
import { setMember } from '../../../shared/contracts/set-member.ts';
import { addMember as joinAs } from '../../../shared/table/items/members.ts';
import { type As, clock, day, type Json, mint, openWorld, principalOf, stamp } from '../support/harness.ts';
import { newPerson } from '../support/invitations.ts';
import { recovering } from '../support/recovery.ts';

const world = await openWorld();
const { got, call, userId, organizationId } = world;
const { lockedOut, signInAs, start, consent, cancel, complete } = recovering(world);

const remove = (status: number, id: string, as: As, path: Record<string, string> = { organizationId }) =>
  got(status, removeMember, { as, path: { ...path, userId: id } });
const membersFor = async (as: As, path: Record<string, string> = { organizationId }): Promise<Json[]> =>
  (await got(200, listMembers, { as, path, query: { limit: '200' } })).items;
/** An organization whose one member is locked out. */
const soleOwner = async () => {
  const email = `${stamp()}@sole.example`;
  const { id } = await got(201, createOrganization, { as: 'vendor', body: { name: 'Sole', ownerEmail: email } });
  const [old, fresh] = [await signInAs(email), await signInAs(email, { name: 'Ida Again' })];
  return { email, old, fresh, id: await userId(old), path: { organizationId: id as string } };
};
/** A member whose recovery is ready, by the consent of a plain member. */
const readyOne = async (role: 'owner' | 'admin' | 'user' = 'owner') => {
  const person = await lockedOut(role);
  const recovery = await start(person);
  await consent(person, recovery);
  return { person, recovery };
};

describe('200', () => {
  it('a sole owner whose sign-in was lost is the owner again after 72 hours, with nobody’s consent', async () => {
    const person = await soleOwner();
    await got(404, getOrganization, { as: person.fresh, path: person.path });
    const recovery = await start(person);
    clock.advance(3 * day - 60_000);
    await complete(person, recovery, person.fresh, 404);
    clock.advance(60_000);
    const { organizationId: of, ...member } = await complete(person, recovery, person.fresh);
    expect(of).toBe(person.path.organizationId);
    expect(member).toMatchObject({ email: person.email, name: 'Ida Again', role: 'owner' });
    expect(member.userId).not.toBe(person.id);
    expect(await userId(person.fresh)).toBe(member.userId);
    expect(await membersFor(person.fresh, person.path)).toEqual([member]);
    const body = { emails: [`${stamp()}@sole.example`], role: 'owner' };
    await got(200, invite, { as: person.fresh, path: person.path, body });
    // The sole owner stays.
    await remove(400, member.userId, person.fresh, person.path);
  });
  it('with the consent of another member, at once', async () => {
    const { person, recovery } = await readyOne('admin');
    expect(await complete(person, recovery, person.fresh)).toMatchObject({ role: 'admin', email: person.email });
  });
  it('the old sign-in is nobody there, and its API keys open nothing', async () => {
    const { person, recovery } = await readyOne();
    const { key } = await got(201, createApiKey, { as: person.old, body: { name: 'CI', scope: 'full' } });
    const remembered = await world.contextOf(person.old);
    await complete(person, recovery, person.fresh);
    await got(404, getOrganization, { as: person.old });
    expect(await principalOf(key)).toEqual({ type: 'nobody' });
    expect((await membersFor('owner')).map((member) => member.userId)).not.toContain(person.id);
    // The gateway's memory of the old membership grants no power.
    const body = { emails: [`${stamp()}@acme.example`], role: 'owner' };
    expect((await world.callWith(remembered, invite, { body })).status).toBe(404);
    await complete(person, recovery, person.old, 404);
  });
  it('among several owners it takes the other’s place, and they stay', async () => {
    const { person, recovery } = await readyOne();
    const before = (await membersFor('owner')).filter(({ role }) => role === 'owner').map((owner) => owner.userId);
    const { userId: id } = await complete(person, recovery, person.fresh);
    const after = (await membersFor('owner')).filter(({ role }) => role === 'owner').map((owner) => owner.userId);
    expect(after.sort()).toEqual([...before.filter((owner) => owner !== person.id), id].sort());
    await remove(204, id, 'owner');
  });
  it('repeated by the same person: the same membership, and nothing changes', async () => {
    const { person, recovery } = await readyOne();
    const member = await complete(person, recovery, person.fresh);
    const before = await world.stored();
    expect(await complete(person, recovery, person.fresh)).toEqual(member);
    clock.advance(30 * day);
    expect(await complete(person, recovery, person.fresh)).toEqual(member);
    expect(await world.stored()).toEqual(before);
  });
  it('many times at once: one membership, of one user', async () => {
    const { person, recovery } = await readyOne();
    const context = await world.contextOf(person.fresh);
    const members = await Promise.all([1, 2, 3, 4, 5].map(() => complete(person, recovery, person.fresh)));
    expect(new Set(members.map((member) => JSON.stringify(member))).size).toBe(1);
    expect(JSON.parse(context?.principal ?? '{}').userId).toBeUndefined();
    expect((await membersFor('owner')).filter(({ email }) => email === person.email)).toHaveLength(1);
  });
  it('the address names the new user from then on', async () => {
    const { person, recovery } = await readyOne('user');
    const { userId: id } = await complete(person, recovery, person.fresh);
    const again = await got(200, invite, { as: 'owner', body: { emails: [person.email], role: 'user' } });
    expect(again.items).toEqual([{ email: person.email, outcome: 'already-member', userId: id }]);
    await world.subscribe({ licenseType: 'per-user' });
    const granted = await got(200, grantLicenses, { as: 'owner', body: { emails: [person.email] } });
    expect(granted.items).toMatchObject([{ outcome: 'granted', licensedUser: { userId: id } }]);
    // A third sign-in with the address stays nobody's.
    expect(await userId(await signInAs(person.email))).toBeUndefined();
  });
  it('a person known by another address gets it as the same user', async () => {
    const { person, recovery } = await readyOne();
    const sub = stamp();
    const known = await userId((await newPerson({ sub })).as);
    const as = { bearer: await mint({ sub, email: person.email, email_verified: true }) };
    expect(await complete(person, recovery, as)).toMatchObject({ userId: known });
  });
  it('the membership that the same address has in another organization stays as it is', async () => {
    const { person, recovery } = await readyOne();
    const elsewhere = { organizationId: world.foreignId };
    await joinAs(world.table, { ...elsewhere, email: person.email, role: 'owner', now: Date.now() });
    const before = await membersFor('stranger', elsewhere);
    await complete(person, recovery, person.fresh);
    expect(await membersFor('stranger', elsewhere)).toEqual(before);
    await got(404, getOrganization, { as: person.fresh, path: elsewhere });
    expect((await got(200, listOrganizations, { as: person.fresh })).items).toMatchObject([{ id: organizationId }]);
    await got(200, getOrganization, { as: person.old, path: elsewhere });
    // A recovery here opens nothing there.
    await complete({ ...person, path: elsewhere }, recovery, person.fresh, 404);
  });
});

describe('404, always the same, and nothing is changed', () => {
  const refused = async (person: Parameters<typeof complete>[0], recovery: { id: string }, as: As) => {
    // A first sign-in may make a user, which this test does not look at.
    await world.contextOf(as);
    const before = await world.stored();
    const { requestId, ...problem } = await complete(person, recovery, as, 404);
    expect(problem).toEqual({
      type: 'urn:leasehold:problem:not-found',
      title: 'Not found',
      status: 404,
      code: 'not-found',
      detail: `Recovery ${recovery.id} was not found in ${person.path.organizationId}, or your credential can't see it. Check each ID, and to which organization your credential belongs.`,
    });
    expect(await world.stored()).toEqual(before);
  };

  it('before its time, without consent', async () => {
    const person = await lockedOut();
    await refused(person, await start(person), person.fresh);
  });
  it('an address that only looks alike, is not verified, or is missing', async () => {
    const email = `kim.${stamp()}@acme.example`;
    const old = { bearer: await world.addMember(email, 'owner') };
    const person = { email, id: await userId(old), path: { organizationId } };
    const recovery = await start(person);
    await consent(person, recovery);
    const alike = [
      email.replace('k', '\u212a'),
      email.replace('i', '\u0131'),
      email.replace('@', '+x@'),
      email.replace('.', ''),
      `${email}.`,
      `${email}\u0000`,
      ` ${email}`,
      email.replace('acme', 'acme.evil'),
    ];
    for (const one of alike) await refused(person, recovery, await signInAs(one));
    await refused(person, recovery, await signInAs(email, { email_verified: false }));
    await refused(person, recovery, { bearer: await mint({ sub: stamp() }) });
    // The address in capitals is the same address.
    await complete(person, recovery, await signInAs(email.toUpperCase()));
  });
  it('the member itself, and members who have the address now', async () => {
    const { person, recovery } = await readyOne();
    await refused(person, recovery, person.old);
    const sub = stamp();
    const member = await newPerson({ sub });
    await joinAs(world.table, { organizationId, email: member.email, role: 'user', now: Date.now() });
    await userId(member.as);
    await refused(person, recovery, await signInAs(person.email, { sub }));
  });
  it('the vendor who started it, and the member who consented, though they have the address', async () => {
    const person = await lockedOut();
    const recovery = await start(person);
    const sub = stamp();
    const consenter = await newPerson({ sub });
    await joinAs(world.table, { organizationId, email: consenter.email, role: 'user', now: Date.now() });
    await consent(person, recovery, consenter.as);
    await remove(204, await userId(consenter.as), 'owner');
    clock.advance(3 * day);
    await refused(person, recovery, await signInAs(person.email, { sub }));
    await refused(person, recovery, await signInAs(person.email, { sub: 'sub-of-vendor' }));
    await complete(person, recovery, person.fresh);
  });
  it('a consent whose member was removed', async () => {
    const [person, consenter] = [await lockedOut(), await lockedOut('user')];
    const recovery = await start(person);
    await consent(person, recovery, consenter.old);
    await remove(204, consenter.id, 'owner');
    await refused(person, recovery, person.fresh);
    await consent(person, recovery, 'user');
    await complete(person, recovery, person.fresh);
  });
  it('a recovery that was cancelled, has expired, or was replaced', async () => {
    const { person, recovery } = await readyOne();
    await cancel(person, recovery);
    await refused(person, recovery, person.fresh);
    const second = await start(person);
    await consent(person, second);
    await refused(person, recovery, person.fresh);
    clock.advance(14 * day);
    await refused(person, second, person.fresh);
  });
  it('of a member who has another role since, was removed, or joined again', async () => {
    const { person, recovery } = await readyOne('user');
    await got(200, setMember, { as: 'owner', path: { userId: person.id }, body: { role: 'owner' } });
    await refused(person, recovery, person.fresh);
    await got(200, setMember, { as: 'owner', path: { userId: person.id }, body: { role: 'user' } });
    await remove(204, person.id, 'owner');
    await refused(person, recovery, person.fresh);
    clock.advance(1000);
    await joinAs(world.table, { organizationId, email: person.email, role: 'user', now: Date.now() });
    await refused(person, recovery, person.fresh);
  });
  it('a recovery that another sign-in with the address completed', async () => {
    const { person, recovery } = await readyOne();
    await complete(person, recovery, person.fresh);
    await refused(person, recovery, await signInAs(person.email));
  });
  it('a recovery that does not exist', async () => {
    const { person } = await readyOne();
    for (const id of ['none', `rec_${person.id.slice(4)}${'0'.repeat(26)}`])
      await refused(person, { id }, person.fresh);
  });
});

describe('403', () => {
  it('an API key completes nothing', async () => {
    const { person, recovery } = await readyOne();
    const { key } = await got(201, createApiKey, { as: person.old, body: { name: 'CI', scope: 'full' } });
    await complete(person, recovery, { bearer: key }, 403);
  });
});

describe('400', () => {
  it.each(['', 'a b', 'x'.repeat(65), '..'])('a recovery of %j', async (id) => {
    const path = { organizationId, recoveryId: id };
    expect((await call(completeRecovery, { as: 'user', path })).body).toMatchObject({
      status: 400,
      errors: [{ pointer: '/path/recoveryId' }],
    });
  });
});
