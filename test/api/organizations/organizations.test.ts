import { generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { acceptInvitation } from '../../../shared/contracts/accept-invitation.ts';
import { createOrganization } from '../../../shared/contracts/create-organization.ts';
import { getOrganization } from '../../../shared/contracts/get-organization.ts';
import { invite } from '../../../shared/contracts/invite.ts';
import { listMembers } from '../../../shared/contracts/list-members.ts';
import { removeMember } from '../../../shared/contracts/remove-member.ts';
import { type As, type Json, mint, openWorld, principalOf, stamp } from '../support/harness.ts';

const { organizationId, foreignId, call, got, addMember, credential, userId } = await openWorld();
const create = (status: number, body: object, as: As = 'vendor') => got(status, createOrganization, { as, body });
const members = (path: { organizationId: string }, as: As) => got(200, listMembers, { as, path });
const newEmail = () => `${stamp()}@example.com`;

describe('createOrganization 201', () => {
  it('makes the organization and its first owner, by email, before anyone signed in with it', async () => {
    const ownerEmail = newEmail();
    const created = await create(201, { name: '  Globex ', ownerEmail });
    expect(created).toEqual({ id: created.id, name: 'Globex', createdAt: expect.any(String) });
    const as = { bearer: await mint({ sub: stamp(), email: ownerEmail, email_verified: true, name: 'Hank Scorpio' }) };
    expect(await got(200, getOrganization, { as, path: { organizationId: created.id } })).toEqual(created);
    expect(await members({ organizationId: created.id }, as)).toEqual({
      items: [
        {
          userId: await userId(as),
          email: ownerEmail,
          name: 'Hank Scorpio',
          role: 'owner',
          joinedAt: created.createdAt,
        },
      ],
    });
  });
  it('a person may own several organizations', async () => {
    const ownerEmail = newEmail();
    const [one, two] = [await create(201, { name: 'One', ownerEmail }), await create(201, { name: 'Two', ownerEmail })];
    expect(await principalOf(await mint({ sub: stamp(), email: ownerEmail, email_verified: true }))).toMatchObject({
      memberships: { [one.id]: 'owner', [two.id]: 'owner' },
    });
  });
  it('an email is compared without regard to case', async () => {
    const ownerEmail = `MiXed-${newEmail()}`;
    const { id } = await create(201, { name: 'Case', ownerEmail });
    const token = await mint({ sub: stamp(), email: ownerEmail.toUpperCase(), email_verified: true });
    expect(await principalOf(token)).toMatchObject({ memberships: { [id]: 'owner' } });
  });
});

describe('createOrganization with an Idempotency-Key', () => {
  const request = () => ({
    headers: { 'idempotency-key': `new-customer-${stamp()}` },
    body: { name: 'Acme', ownerEmail: newEmail() },
  });
  const signedIn = async (email: string) => ({ bearer: await mint({ sub: stamp(), email, email_verified: true }) });

  it('makes one organization for a lost answer and two clicks at once', async () => {
    const { headers, body } = request();
    const answers = await Promise.all(
      [1, 2, 3].map(() => got(201, createOrganization, { as: 'vendor', headers, body })),
    );
    answers.push(await got(201, createOrganization, { as: 'vendor', headers, body }));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    const { bearer } = await signedIn(body.ownerEmail);
    expect(await principalOf(bearer)).toHaveProperty('memberships', { [answers[0].id]: 'owner' });
  });
  it('gives a removed owner no new membership', async () => {
    const { headers, body } = request();
    const { id } = await got(201, createOrganization, { as: 'vendor', headers, body });
    const path = { organizationId: id };
    const former = await signedIn(body.ownerEmail);
    const formerId = await userId(former);
    const email = newEmail();
    const next = await signedIn(email);
    const { items } = await got(200, invite, { as: former, path, body: { emails: [email], role: 'owner' } });
    await got(200, acceptInvitation, { as: next, path: { token: items[0].invitation.token } });
    await got(204, removeMember, { as: next, path: { ...path, userId: formerId } });
    expect(await got(201, createOrganization, { as: 'vendor', headers, body })).toMatchObject({ id });
    expect((await members(path, next)).items).toMatchObject([{ email, role: 'owner' }]);
  });
  it('refuses another request with the same key', async () => {
    const { headers, body } = request();
    await got(201, createOrganization, { as: 'vendor', headers, body });
    for (const other of [
      { ...body, name: 'Globex' },
      { ...body, ownerEmail: newEmail() },
    ])
      expect(await got(400, createOrganization, { as: 'vendor', headers, body: other })).toMatchObject({
        errors: [{ pointer: '/headers/idempotency-key' }],
      });
  });
});

describe('createOrganization 400', () => {
  it.each<[string, object, string]>([
    ['no name', { ownerEmail: 'a@example.com' }, '/body/name'],
    ['a name of spaces', { name: '  ', ownerEmail: 'a@example.com' }, '/body/name'],
    ['a name of 101 characters', { name: 'x'.repeat(101), ownerEmail: 'a@example.com' }, '/body/name'],
    ['no email', { name: 'A' }, '/body/ownerEmail'],
    ['an email that is none', { name: 'A', ownerEmail: 'a@' }, '/body/ownerEmail'],
    ['an id of the caller’s own', { name: 'A', ownerEmail: 'a@example.com', id: 'org_1' }, '/body/id'],
  ])('%s', async (_, body, pointer) => {
    expect(await create(400, body)).toMatchObject({ errors: [{ pointer }] });
  });
});

describe('createOrganization 403', () => {
  it('nobody but the vendor, not even an owner', async () => {
    for (const as of ['owner', 'admin', 'user', 'fullKey', 'stranger'] as const)
      expect(await create(403, { name: 'A', ownerEmail: newEmail() }, as)).toMatchObject({ code: 'forbidden' });
  });
});

describe('signing in', () => {
  const invited = async () => {
    const email = newEmail();
    const { id } = await create(201, { name: 'A', ownerEmail: email });
    return { email, path: { organizationId: id } };
  };
  it('needs a verified email to become the member that it stands for', async () => {
    const { email, path } = await invited();
    for (const email_verified of [false, 'false', 1, 'yes', undefined, null])
      await got(404, getOrganization, { as: { bearer: await mint({ sub: stamp(), email, email_verified }) }, path });
    await got(200, getOrganization, {
      as: { bearer: await mint({ sub: stamp(), email, email_verified: 'true' }) },
      path,
    });
  });
  it('another address that only looks alike in lower case is not let in', async () => {
    const ownerEmail = `kay-${stamp()}@springfield.example`;
    const { id } = await create(201, { name: 'A', ownerEmail });
    // The Kelvin sign, which lower case turns into a k.
    const email = ownerEmail.replace('kay', '\u212aay');
    const as = { bearer: await mint({ sub: stamp(), email, email_verified: true }) };
    await got(404, getOrganization, { as, path: { organizationId: id } });
    await got(200, getOrganization, {
      as: { bearer: await mint({ sub: stamp(), email: ownerEmail, email_verified: true }) },
      path: { organizationId: id },
    });
  });
  it('an invalid or too long email counts as none', async () => {
    for (const email of ['', 'nobody', `${'x'.repeat(3000)}@springfield.example`])
      expect(await principalOf(await mint({ sub: stamp(), email, email_verified: true }))).toEqual({
        type: 'user',
        subject: expect.any(String),
        vendor: false,
        memberships: {},
      });
  });
  it('an email that becomes verified later lets the same subject in', async () => {
    const { email, path } = await invited();
    const sub = stamp();
    await got(404, getOrganization, { as: { bearer: await mint({ sub, email, email_verified: false }) }, path });
    await got(200, getOrganization, { as: { bearer: await mint({ sub, email, email_verified: true }) }, path });
  });
  it('a second subject with the same verified email is not let in: the address may have a new owner', async () => {
    const { email, path } = await invited();
    const first = { bearer: await mint({ sub: stamp(), email, email_verified: true }) };
    const second = { bearer: await mint({ sub: stamp(), email, email_verified: true }) };
    await got(200, getOrganization, { as: first, path });
    await got(404, getOrganization, { as: second, path });
    await got(404, getOrganization, { as: second, path });
    await got(200, getOrganization, { as: first, path });
  });
  it('of two subjects that come first at once, exactly one is let in', async () => {
    const { email, path } = await invited();
    const statuses = await Promise.all(
      [stamp(), stamp()].map(async (sub) => {
        const as = { bearer: await mint({ sub, email, email_verified: true }) };
        return (await call(getOrganization, { as, path })).status;
      }),
    );
    expect(statuses.sort()).toEqual([200, 404]);
  });
  it('the same subject stays the same user when its email changes or is missing', async () => {
    const { email, path } = await invited();
    const sub = stamp();
    const id = await userId({ bearer: await mint({ sub, email, email_verified: true }) });
    for (const claims of [{ email: newEmail(), email_verified: true }, {}]) {
      const as = { bearer: await mint({ sub, ...claims }) };
      expect(await userId(as)).toBe(id);
      await got(200, getOrganization, { as, path });
    }
  });
  it('a role in a token has no effect: roles are memberships in the table', async () => {
    const claims = { role: 'owner', memberships: { [organizationId]: 'owner' }, 'cognito:groups': ['owner', 'admin'] };
    const as = { bearer: await mint({ sub: stamp(), email: newEmail(), email_verified: true, ...claims }) };
    await got(404, getOrganization, { as, path: { organizationId } });
  });
  it('a vendor is a person in the vendor group, by a claim that is a list', async () => {
    const principal = async (groups: unknown) => principalOf(await mint({ sub: stamp(), 'cognito:groups': groups }));
    expect(await principal(['other', 'vendor'])).toMatchObject({ vendor: true });
    for (const groups of ['vendor', ['Vendor'], ['vendors'], { vendor: true }, null])
      expect(await principal(groups)).toMatchObject({ vendor: false });
  });
  it('a vendor that is a member too has the rights of both', async () => {
    const email = newEmail();
    await addMember(email, 'user');
    const as = { bearer: await mint({ sub: stamp(), email, email_verified: true, 'cognito:groups': ['vendor'] }) };
    await got(200, listMembers, { as });
    await got(200, getOrganization, { as, path: { organizationId: foreignId } });
    await got(403, listMembers, { as, path: { organizationId: foreignId } });
  });
  it('a token that is expired, early, unsigned, of another key, issuer or audience is not valid', async () => {
    const good = { sub: 'sub-of-owner', email: 'owner@acme.example', email_verified: true };
    const seconds = Math.floor(Date.now() / 1000);
    const [header, payload, signature] = credential('owner').split('.') as [string, string, string];
    const none = Buffer.from('{"alg":"none","kid":"tests"}').toString('base64url');
    const tokens = [
      await mint({ ...good, exp: seconds - 60 }),
      await mint({ ...good, nbf: seconds + 600 }),
      await mint({ ...good, iss: 'https://issuer.example.evil' }),
      await mint({ ...good, aud: 'another' }),
      await mint(good, (await generateKeyPair('ES256')).privateKey),
      `${none}.${payload}.`,
      `${header}.${payload}.`,
      `${header}.${payload}.${signature}x`,
      `${header}.${payload}.${signature.slice(2)}`,
      `${header}.${payload}`,
      `${header}.${Buffer.from('{"sub":"x"}').toString('base64url')}.${signature}`,
      'a.b.c',
      'x',
      '🔑',
    ];
    for (const token of tokens) expect(await principalOf(token), token).toEqual({ type: 'nobody' });
  });
});

describe('getOrganization', () => {
  it('200: every member and the vendor see the same', async () => {
    const organization = await got(200, getOrganization, { as: 'owner' });
    expect(organization).toMatchObject({ id: organizationId, name: 'Acme' });
    for (const as of ['vendor', 'admin', 'billingManager', 'user', 'fullKey'] as const)
      expect(await got(200, getOrganization, { as })).toEqual(organization);
  });
  it('404: the vendor asks for one that does not exist', async () => {
    await got(404, getOrganization, { as: 'vendor', path: { organizationId: 'org_none' } });
  });
  it('404: names of things that every object has are no organizations', async () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
      for (const as of ['owner', 'vendor'] as const)
        await got(404, getOrganization, { as, path: { organizationId: name } });
  });
  it('400: an ID that can’t be one', async () => {
    for (const id of ['', 'a b', 'a#b', '../x', 'x'.repeat(65)])
      expect(await got(400, getOrganization, { as: 'vendor', path: { organizationId: id } })).toMatchObject({
        errors: [{ pointer: '/path/organizationId' }],
      });
  });
});

describe('listMembers', () => {
  it('200: any member sees all members with their roles', async () => {
    const { items } = await got(200, listMembers, { as: 'owner', query: { limit: '200' } });
    const roles = new Map<string, string>(items.map(({ email, role }: Json) => [email, role]));
    expect(roles.get('owner@acme.example')).toBe('owner');
    expect(roles.get('admin@acme.example')).toBe('admin');
    expect(roles.get('billingmanager@acme.example')).toBe('billing-manager');
    expect(roles.get('user@acme.example')).toBe('user');
    for (const as of ['admin', 'billingManager', 'user', 'fullKey'] as const)
      expect(await got(200, listMembers, { as, query: { limit: '200' } })).toEqual({ items });
  });
  it('200: another organization’s members are not among them', async () => {
    const [mine, theirs] = [
      await members({ organizationId }, 'owner'),
      await members({ organizationId: foreignId }, 'stranger'),
    ];
    expect(theirs.items.map(({ email }: Json) => email)).toEqual(['stranger@other.example']);
    expect(JSON.stringify(mine)).not.toContain('stranger@other.example');
  });
  it('200: pages hold each member once', async () => {
    const all = (await members({ organizationId }, 'owner')).items;
    const paged: Json[] = [];
    let cursor: string | undefined;
    do {
      const page = await got(200, listMembers, { as: 'user', query: { limit: '2', ...(cursor && { cursor }) } });
      paged.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    expect(paged).toEqual(all);
  });
  it('400: another organization’s cursor', async () => {
    await addMember('second@other.example', 'user', foreignId);
    const theirs = { as: 'stranger', path: { organizationId: foreignId }, query: { limit: '1' } } as const;
    const { nextCursor: cursor } = await got(200, listMembers, theirs);
    expect(await got(400, listMembers, { as: 'owner', query: { cursor } })).toMatchObject({
      errors: [{ pointer: '/query/cursor' }],
    });
  });
});
