import { afterEach, describe, expect, it, vi } from 'vitest';
import { acceptInvitation } from '../../../shared/contracts/accept-invitation.ts';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { getOrganization } from '../../../shared/contracts/get-organization.ts';
import { grantLicenses } from '../../../shared/contracts/grant-licenses.ts';
import { invite } from '../../../shared/contracts/invite.ts';
import { listMembers } from '../../../shared/contracts/list-members.ts';
import { removeMember } from '../../../shared/contracts/remove-member.ts';
import { revokeInvitation } from '../../../shared/contracts/revoke-invitation.ts';
import { setMember } from '../../../shared/contracts/set-member.ts';
import { type As, clock, type Json, mint, openWorld, stamp } from '../support/harness.ts';
import { inviting, newPerson } from '../support/invitations.ts';

const world = await openWorld();
const { got, call, organizationId } = world;
const invited = inviting(world);
const accept = (status: number, token: string, as: As): Promise<Json> =>
  got(status, acceptInvitation, { as, path: { token } });

describe('200', () => {
  it('the invited person is a member, with the invited role and the name from the issuer', async () => {
    const { email, as } = await newPerson({ name: 'Ida Invited' });
    const { token } = await invited(email, 'admin');
    const { organizationId: joined, ...member } = await accept(200, token, as);
    expect(joined).toBe(organizationId);
    expect(member).toEqual({
      userId: await world.userId(as),
      email,
      name: 'Ida Invited',
      role: 'admin',
      joinedAt: expect.any(String),
    });
    expect((await got(200, listMembers, { as, query: { limit: '200' } })).items).toContainEqual(member);
  });
  it('a user known by another address is found by the invited one, and stays the same user', async () => {
    const sub = stamp();
    const before = await newPerson({ sub });
    const id = await world.userId(before.as);
    const { email, as } = await newPerson({ sub });
    expect(await accept(200, (await invited(email)).token, as)).toMatchObject({ userId: id, email });
    const again = await got(200, invite, { as: 'owner', body: { emails: [email], role: 'user' } });
    expect(again.items).toEqual([{ email, outcome: 'already-member', userId: id }]);
    await world.subscribe({ licenseType: 'per-user' });
    const granted = await got(200, grantLicenses, { as: 'owner', body: { emails: [email] } });
    expect(granted.items).toMatchObject([{ outcome: 'granted', licensedUser: { userId: id } }]);
  });
  it('an address that stands for somebody else goes on to', async () => {
    const sub = stamp();
    await world.userId((await newPerson({ sub })).as);
    const { email, as } = await newPerson({ sub });
    const { token } = await invited(email);
    // Another person's first sign-in with the address.
    const other = await world.userId((await newPerson({ email })).as);
    await accept(200, token, as);
    expect(await world.userId((await newPerson({ sub: stamp(), email })).as)).toBeUndefined();
    await world.addMember(email, 'user');
    const again = await got(200, invite, { as: 'owner', body: { emails: [email], role: 'user' } });
    expect(again.items).toMatchObject([{ outcome: 'already-member', userId: other }]);
  });
  it('without a name a member is called by its email', async () => {
    const { email, as } = await newPerson();
    expect(await accept(200, (await invited(email)).token, as)).toMatchObject({ name: email });
  });
  it('repeated by the same person: the same membership, also long after, and nothing changes', async () => {
    const { email, as } = await newPerson();
    const { token } = await invited(email);
    const member = await accept(200, token, as);
    clock.advance(48 * 3_600_000);
    const before = await world.stored();
    expect(await accept(200, token, as)).toEqual(member);
    expect(await world.stored()).toEqual(before);
  });
  it('many times at once: one membership', async () => {
    const { email, as } = await newPerson();
    const { token } = await invited(email, 'owner');
    const members = await Promise.all([1, 2, 3, 4, 5].map(() => accept(200, token, as)));
    expect(new Set(members.map((member) => JSON.stringify(member))).size).toBe(1);
  });
  it('an existing member keeps its role, and the invitation is used up', async () => {
    const { email, as } = await newPerson();
    const { token } = await invited(email, 'user');
    await world.addMember(email, 'admin');
    const member = await accept(200, token, as);
    expect(member).toMatchObject({ role: 'admin' });
    await got(204, removeMember, { as: 'owner', path: { userId: member.userId } });
    await accept(404, token, as);
  });
  it('the email may be written in any case', async () => {
    const email = `MiXed-${stamp()}@Example.com`;
    const { token } = await invited(email);
    const as = { bearer: await mint({ sub: stamp(), email: email.toUpperCase(), email_verified: true }) };
    expect(await accept(200, token, as)).toMatchObject({ email: email.toLowerCase() });
  });
  it('a person who has signed in before, with another address, stays the same user', async () => {
    const sub = stamp();
    const known = { bearer: await mint({ sub, email: `${stamp()}@example.com`, email_verified: true }) };
    const id = await world.userId(known);
    const email = `${stamp()}@example.com`;
    const { token } = await invited(email);
    const as = { bearer: await mint({ sub, email, email_verified: true }) };
    expect(await accept(200, token, as)).toMatchObject({ userId: id, email });
  });
  it('an owner by invitation is one of the owners: the last one may go then', async () => {
    const ownerEmail = `${stamp()}@example.com`;
    const { email, as } = await newPerson();
    const path = { organizationId: world.foreignId };
    const body = { emails: [email, ownerEmail], role: 'owner' };
    const { items } = await got(200, invite, { as: 'stranger', path, body });
    const { userId } = await accept(200, items[0].invitation.token, as);
    await got(204, removeMember, { as, path: { ...path, userId: await world.userId('stranger') } });
    await got(400, setMember, { as, path: { ...path, userId }, body: { role: 'user' } });
  });
  it('a removed member joins again by a new invitation', async () => {
    const { email, as } = await newPerson();
    const first = await invited(email, 'admin');
    const { userId } = await accept(200, first.token, as);
    await got(204, removeMember, { as: 'owner', path: { userId } });
    const { token } = await invited(email);
    clock.advance(1000);
    const member = await accept(200, token, as);
    expect(member).toMatchObject({ userId, role: 'user' });
    await got(200, getOrganization, { as });
  });
});

describe('404, always the same', () => {
  it('another’s email, an unverified one, none; unknown, revoked, replaced, used and expired tokens', async () => {
    const { email, as } = await newPerson();
    const { token } = await invited(email);
    const problems: Json[] = [];
    const refused = async (given: string, by: As) => {
      const { requestId, ...problem } = await accept(404, given, by);
      problems.push(problem);
    };
    await refused(token, 'owner');
    await refused(token, (await newPerson()).as);
    for (const claims of [{ email, email_verified: false }, {}])
      await refused(token, { bearer: await mint({ sub: stamp(), ...claims }) });
    const wrong = token.slice(0, -1) + (token.endsWith('a') ? 'b' : 'a');
    for (const given of [wrong, token.replace('lhi_', 'lh_'), 'none', token.toLowerCase()]) await refused(given, as);

    const revoked = await newPerson();
    const revokedInvitation = await invited(revoked.email);
    await got(204, revokeInvitation, { as: 'owner', path: { invitationId: revokedInvitation.id } });
    await refused(revokedInvitation.token, revoked.as);

    const removed = await newPerson();
    const used = await invited(removed.email);
    const { userId } = await accept(200, used.token, removed.as);
    await got(204, removeMember, { as: 'owner', path: { userId } });
    await refused(used.token, removed.as);

    clock.advance(24 * 3_600_000);
    await refused(token, as);
    expect(problems).toHaveLength(11);
    expect(new Set(problems.map((problem) => JSON.stringify(problem))).size).toBe(1);
    await got(404, getOrganization, { as });
  });
  it('an address that is another sign-in’s by now', async () => {
    const { email, as } = await newPerson();
    await world.userId(as);
    const { token } = await invited(email);
    await accept(404, token, { bearer: await mint({ sub: stamp(), email, email_verified: true }) });
    await accept(200, token, as);
  });
});

describe('403', () => {
  it('an API key accepts nothing, not even its member’s invitation', async () => {
    const { email, as } = await newPerson();
    await world.addMember(email, 'owner', world.foreignId);
    const path = { organizationId: world.foreignId };
    const { key } = await got(201, createApiKey, { as, path, body: { name: 'CI', scope: 'full' } });
    const { token } = await invited(email);
    expect(await accept(403, token, { bearer: key })).toMatchObject({ code: 'forbidden' });
    await accept(200, token, as);
  });
});

describe('400', () => {
  it.each(['', 'a b', 'x'.repeat(129), '../x'])('a token of %j', async (token) => {
    const { body } = await call(acceptInvitation, { as: 'user', path: { token } });
    expect(body).toMatchObject({ status: 400, errors: [{ pointer: '/path/token' }] });
  });
});

describe('the log', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    vi.resetModules();
  });
  it('never a token or a part of its secret, whatever becomes of it', async () => {
    const { email, as } = await newPerson();
    const { token } = await invited(email);
    let written = '';
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, 'write').mockImplementation((chunk) => {
        written += chunk;
        return true;
      });
    vi.resetModules();
    vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'DEBUG');
    await call(acceptInvitation, { as: 'owner', path: { token } });
    await call(acceptInvitation, { as, path: { token } });
    await invited((await newPerson()).email);
    const known = await world.contextOf(as);
    vi.resetModules();
    vi.stubEnv('TABLE_NAME', 'NoSuchTable');
    const failed = await world.callWith(known, acceptInvitation, { path: { token } });
    expect(failed.status).toBe(500);
    expect(written).toContain('acceptInvitation');
    expect(written).not.toContain(token.split('_')[2]);
    expect(written).not.toContain(email);
    expect(JSON.stringify(failed)).not.toContain(token.split('_')[2]);
  });
});
