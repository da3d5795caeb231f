import { describe, expect, it } from 'vitest';
import { acceptInvitation } from '../../../shared/contracts/accept-invitation.ts';
import { createOrganization } from '../../../shared/contracts/create-organization.ts';
import { getMe } from '../../../shared/contracts/get-me.ts';
import { invite } from '../../../shared/contracts/invite.ts';
import { listOrganizations } from '../../../shared/contracts/list-organizations.ts';
import { removeMember } from '../../../shared/contracts/remove-member.ts';
import { type As, type Json, mint, openWorld, stamp } from '../support/harness.ts';

const { organizationId, foreignId, call, got, addMember, userId } = await openWorld();
const list = (as: As, query: Record<string, string> = {}): Promise<Json> => got(200, listOrganizations, { as, query });
const create = (name: string, ownerEmail: string): Promise<Json> =>
  got(201, createOrganization, { as: 'vendor', body: { name, ownerEmail } });
/** Every page of a list. */
const all = async (as: As, limit: number) => {
  const items: Json[] = [];
  let query: Record<string, string> = { limit: String(limit) };
  for (;;) {
    const page = await list(as, query);
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    if (!page.nextCursor) return items;
    query = { limit: String(limit), cursor: page.nextCursor };
  }
};

describe('getMe 200', () => {
  const me = (as: As): Promise<Json> => got(200, getMe, { as });

  it('tells an API key its organization, role and scope', async () => {
    const user = await userId('user');
    const none = { email: null, vendor: false };
    expect(await me('apiKey')).toEqual({
      type: 'api-key',
      userId: user,
      ...none,
      keyId: expect.any(String),
      scope: 'activate',
      memberships: [{ organizationId, role: 'user' }],
    });
    expect(await me('fullKey')).toMatchObject({ userId: user, scope: 'full' });
  });
  it('tells a person its role in each organization, and a vendor that it is one', async () => {
    expect(await me('admin')).toMatchObject({
      type: 'user',
      email: 'admin@acme.example',
      vendor: false,
      keyId: null,
      scope: null,
      memberships: [{ organizationId, role: 'admin' }],
    });
    expect(await me('vendor')).toMatchObject({ vendor: true, memberships: [] });
    const as = { bearer: await mint({ sub: stamp() }) };
    expect(await me(as)).toMatchObject({ userId: null, email: null, memberships: [] });
  });
});

describe('listOrganizations 200', () => {
  it('shows a member its organizations, with its role in each, and no other', async () => {
    const ownerEmail = `${stamp()}@example.com`;
    const [one, two] = [await create('One', ownerEmail), await create('Two', ownerEmail)];
    await addMember(ownerEmail, 'billing-manager');
    const as = { bearer: await mint({ sub: stamp(), email: ownerEmail, email_verified: true }) };
    const { items } = await list(as);
    expect(items).toHaveLength(3);
    expect(items).toEqual(
      expect.arrayContaining([
        { ...one, role: 'owner' },
        { ...two, role: 'owner' },
        expect.objectContaining({ id: organizationId, name: 'Acme', role: 'billing-manager' }),
      ]),
    );
  });
  it('is empty for a person without a membership', async () => {
    const as = { bearer: await mint({ sub: stamp(), email: `${stamp()}@example.com`, email_verified: true }) };
    expect(await list(as)).toEqual({ items: [] });
  });
  it('shows an organization as soon as its invitation is accepted, despite the authorizer’s cache', async () => {
    const email = `${stamp()}@example.com`;
    const as = { bearer: await mint({ sub: stamp(), email, email_verified: true }) };
    const body = { emails: [email], role: 'user' };
    const { token } = (await got(200, invite, { as: 'owner', body })).items[0].invitation;
    await got(200, acceptInvitation, { as, path: { token } });
    expect((await list(as)).items).toMatchObject([{ id: organizationId, role: 'user' }]);
  });
  it('no longer shows an organization that removed the member', async () => {
    const as = { bearer: await addMember(`${stamp()}@example.com`, 'user') };
    expect((await list(as)).items).toHaveLength(1);
    await got(204, removeMember, { as: 'owner', path: { userId: await userId(as) } });
    expect(await list(as)).toEqual({ items: [] });
  });
  it('shows the vendor all of them, page by page, without a role', async () => {
    const created = [];
    for (let n = 0; n < 5; n++) created.push(await create(`Of five ${n}`, `${stamp()}@example.com`));
    const items = await all('vendor', 2);
    const ids = items.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining([organizationId, foreignId]));
    expect(items).toEqual(expect.arrayContaining(created.map((organization) => ({ ...organization, role: null }))));
  });
  it('shows a vendor who is also a member its role there', async () => {
    const email = `${stamp()}@example.com`;
    const { id } = await create('Its own', email);
    const claims = { sub: stamp(), email, email_verified: true, 'cognito:groups': ['vendor'] };
    const items = await all({ bearer: await mint(claims) }, 200);
    expect(items.find((organization) => organization.id === id)).toMatchObject({ role: 'owner' });
    expect(items.find((organization) => organization.id === foreignId)).toMatchObject({ role: null });
  });
});

describe('listOrganizations 400', () => {
  it('a cursor of somebody else’s list', async () => {
    const ownerEmail = `${stamp()}@example.com`;
    for (const name of ['One', 'Two']) await create(name, ownerEmail);
    const as = { bearer: await mint({ sub: stamp(), email: ownerEmail, email_verified: true }) };
    const { nextCursor: cursor } = await list(as, { limit: '1' });
    expect((await call(listOrganizations, { as: 'vendor', query: { cursor } })).status).toBe(400);
    expect((await list(as, { cursor })).items).toHaveLength(1);
  });
});
