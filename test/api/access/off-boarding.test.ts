import { describe, expect, it } from 'vitest';
import { acceptInvitation } from '../../../shared/contracts/accept-invitation.ts';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { invite } from '../../../shared/contracts/invite.ts';
import { listApiKeys } from '../../../shared/contracts/list-api-keys.ts';
import { listInvitations } from '../../../shared/contracts/list-invitations.ts';
import { removeMember } from '../../../shared/contracts/remove-member.ts';
import { revokeApiKey } from '../../../shared/contracts/revoke-api-key.ts';
import type { Role } from '../../../shared/contracts/schemas/organization.ts';
import { setMember } from '../../../shared/contracts/set-member.ts';
import { createApiKey as createByTable } from '../../../shared/table/accounts/api-keys.ts';
import { asActor } from '../../../shared/table/store/table.ts';
import { inviteOne } from '../../table/support/invite-one.ts';
import { type As, type Json, openWorld, principalOf, stamp } from '../support/harness.ts';
import { inviting, newPerson } from '../support/invitations.ts';

const world = await openWorld();
const { got, addMember, organizationId, table, userId } = world;
const invited = inviting(world);
const join = async (role: Role) => {
  const bearer = await addMember(`${stamp()}@acme.example`, role);
  return { bearer, id: await userId({ bearer }) };
};
const remove = (id: string) => got(204, removeMember, { as: 'owner', path: { userId: id } });
const setRole = (id: string, role: Role, as: As = 'owner') =>
  got(200, setMember, { as, path: { userId: id }, body: { role } });
const keyFor = async (as: As, id?: string): Promise<Json> =>
  got(201, createApiKey, { as, body: { name: 'CI', scope: 'full', ...(id && { userId: id }) } });
const accept = (status: number, token: string, as: As) => got(status, acceptInvitation, { as, path: { token } });
const openKeys = async () =>
  (await got(200, listApiKeys, { as: 'owner', query: { limit: '200' } })).items.map(({ id }: Json) => id);
const openInvitations = async () =>
  (await got(200, listInvitations, { as: 'owner', query: { limit: '200' } })).items.map(({ id }: Json) => id);

describe('removing a member', () => {
  it('revokes the keys that it made for others, and leaves their own', async () => {
    const admin = await join('admin');
    const other = await join('user');
    const [made, own] = [await keyFor(admin, other.id), await keyFor(other)];
    expect(made).toMatchObject({ userId: other.id, createdBy: admin.id });
    await remove(admin.id);
    expect(await principalOf(made.key)).toEqual({ type: 'nobody' });
    expect(await principalOf(own.key)).toMatchObject({ userId: other.id });
    expect(await openKeys()).not.toContain(made.id);
  });
  it('revokes its open invitations for good', async () => {
    const admin = await join('admin');
    const { email, as } = await newPerson();
    const invitation = await invited(email, 'user', admin);
    const again = await newPerson();
    const own = await invited(again.email, 'admin', admin);
    await remove(admin.id);
    expect(await openInvitations()).not.toContain(invitation.id);
    await accept(404, invitation.token, as);
    await accept(404, own.token, again.as);
  });
  it('stays in effect when it joins again', async () => {
    const admin = await join('admin');
    const other = await join('user');
    const [mine, made] = [await keyFor(admin), await keyFor(admin, other.id)];
    const { email, as } = await newPerson();
    const { token } = await invited(email, 'user', admin);
    await remove(admin.id);
    const { principal } = (await world.contextOf(admin)) as { principal: string };
    const { email: address } = JSON.parse(principal);
    expect(await addMember(address, 'owner')).toBeDefined();
    for (const { key } of [mine, made]) expect(await principalOf(key)).toEqual({ type: 'nobody' });
    await accept(404, token, as);
  });
  it('leaves its accepted invitations in effect', async () => {
    const admin = await join('admin');
    const { email, as } = await newPerson();
    const { token } = await invited(email, 'user', admin);
    await accept(200, token, as);
    await remove(admin.id);
    await accept(200, token, as);
  });
});

describe('demoting a member', () => {
  it('to a user: takes the keys that it made for others and its invitations, and leaves its own keys', async () => {
    const admin = await join('admin');
    const other = await join('user');
    const [mine, made] = [await keyFor(admin), await keyFor(admin, other.id)];
    const { email, as } = await newPerson();
    const { token, id } = await invited(email, 'user', admin);
    await setRole(admin.id, 'user');
    expect(await principalOf(mine.key)).toMatchObject({ userId: admin.id, role: 'user' });
    expect(await principalOf(made.key)).toEqual({ type: 'nobody' });
    expect(await openInvitations()).not.toContain(id);
    await accept(404, token, as);
  });
  it('from owner to admin: revokes the grants of owners alone, and leaves the rest', async () => {
    const demoted = await join('owner');
    const [owner, user] = [await join('owner'), await join('user')];
    const [forOwner, forUser] = [await keyFor(demoted, owner.id), await keyFor(demoted, user.id)];
    const [newOwner, newUser] = [await newPerson(), await newPerson()];
    const asOwner = await invited(newOwner.email, 'owner', demoted);
    const asUser = await invited(newUser.email, 'user', demoted);
    await setRole(demoted.id, 'admin');
    expect(await principalOf(forOwner.key)).toEqual({ type: 'nobody' });
    expect(await principalOf(forUser.key)).toMatchObject({ role: 'user' });
    await accept(404, asOwner.token, newOwner.as);
    await accept(200, asUser.token, newUser.as);
    // The key does not become an owner's with its member.
    await setRole(user.id, 'owner');
    expect(await principalOf(forUser.key)).toMatchObject({ role: 'admin' });
  });
});

describe('revoking a key', () => {
  it('revokes the invitations that were made with it', async () => {
    const admin = await join('admin');
    const { id, key } = await keyFor(admin);
    const [through, signedIn] = [await newPerson(), await newPerson()];
    const byKey = await invited(through.email, 'user', { bearer: key });
    const bySignIn = await invited(signedIn.email, 'user', admin);
    await got(204, revokeApiKey, { as: admin, path: { keyId: id } });
    expect(await openInvitations()).not.toContain(byKey.id);
    await accept(404, byKey.token, through.as);
    await accept(200, bySignIn.token, signedIn.as);
  });
  it('takes the keys that an older version let it make, and those that these made', async () => {
    const owner = await join('owner');
    const { id } = await keyFor(owner);
    const request = { organizationId, userId: owner.id, name: 'Old', scope: 'full', expiresAt: null } as const;
    const makeThrough = async (keyId: string) => {
      const through = asActor(table, `api-key#${keyId}#${owner.id}`);
      const made = await createByTable(through, request, { createdBy: owner.id, now: Date.now() });
      return made.outcome === 'created' ? { id: made.apiKey.id, key: made.key } : { id: '', key: '' };
    };
    const child = await makeThrough(id);
    const grandchild = await makeThrough(child.id);
    await got(204, revokeApiKey, { as: owner, path: { keyId: id } });
    for (const { key } of [child, grandchild]) expect(await principalOf(key)).toEqual({ type: 'nobody' });
  });
});

describe('the limits of an API key', () => {
  it('an owner’s key invites, makes, changes and removes no owner', async () => {
    const owner = await join('owner');
    const [second, user] = [await join('owner'), await join('user')];
    const as = { bearer: (await keyFor(owner)).key };
    const refused = [
      await got(403, invite, { as, body: { emails: [`${stamp()}@example.com`], role: 'owner' } }),
      await got(403, setMember, { as, path: { userId: user.id }, body: { role: 'owner' } }),
      await got(403, setMember, { as, path: { userId: second.id }, body: { role: 'user' } }),
      await got(403, removeMember, { as, path: { userId: second.id } }),
    ];
    for (const { detail } of refused) expect(detail).toContain('No API key');
    await invited(`${stamp()}@example.com`, 'admin', as);
    await setRole(user.id, 'admin', as);
  });
});

describe('an invitation whose inviter has lost that right, before the invitation is revoked', () => {
  /** Leaves a member like a removal that stopped right after the membership. */
  const leftBehind = async (role: Role, by: string, actor?: `api-key#${string}#${string}`) => {
    const { email, as } = await newPerson();
    const request = { organizationId, email, role, expiresAt: Date.now() + 60_000, invitedBy: by };
    const made = await inviteOne(actor ? asActor(table, actor) : table, request, Date.now());
    return { token: made.outcome === 'invited' ? made.token : '', as };
  };
  const memberships = async (as: As) => {
    const principal = JSON.parse((await world.contextOf(as))?.principal ?? '');
    return principal.memberships;
  };
  it('counts as revoked', async () => {
    const [admin, gone] = [await join('admin'), await join('admin')];
    await remove(gone.id);
    const { id: keyId } = await keyFor(admin);
    await got(204, revokeApiKey, { as: admin, path: { keyId } });
    const none = await leftBehind('user', 'usr_none');
    const { requestId: _, ...unknown } = await accept(404, none.token, none.as);
    for (const { token, as } of [
      await leftBehind('user', gone.id),
      await leftBehind('owner', admin.id),
      await leftBehind('user', admin.id, `api-key#${keyId}#${admin.id}`),
    ]) {
      const { requestId, ...problem } = await accept(404, token, as);
      expect(problem).toEqual(unknown);
      expect(await memberships(as)).toEqual({});
    }
  });
  it('is not for its former inviter either', async () => {
    const sub = stamp();
    const first = await newPerson({ sub });
    await addMember(first.email, 'admin');
    const second = await newPerson({ sub });
    const id = await userId(first.as);
    await remove(id);
    const request = { organizationId, email: second.email, role: 'user', expiresAt: Date.now() + 60_000 } as const;
    const own = await inviteOne(table, { ...request, invitedBy: id }, Date.now());
    await accept(404, own.outcome === 'invited' ? own.token : '', second.as);
  });
});
