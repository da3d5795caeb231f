import { describe, expect, it } from 'vitest';
import { getOrganization } from '../../../shared/contracts/get-organization.ts';
import { listApiKeys } from '../../../shared/contracts/list-api-keys.ts';
import { listMembers } from '../../../shared/contracts/list-members.ts';
import { removeMember } from '../../../shared/contracts/remove-member.ts';
import { setMember } from '../../../shared/contracts/set-member.ts';
import { type As, type Json, openWorld, principalOf, stamp } from '../support/harness.ts';

const { got, addMember, userId, organizationId, foreignId, stored } = await openWorld();
const join = async (role: 'owner' | 'admin' | 'billing-manager' | 'user', into = organizationId) => {
  const bearer = await addMember(`${stamp()}@acme.example`, role, into);
  return { bearer, id: await userId({ bearer }) };
};
const set = (status: number, id: string, role: string, as: As = 'owner', path = {}): Promise<Json> =>
  got(status, setMember, { as, path: { userId: id, ...path }, body: { role } });
const listed = async (id: string) =>
  (await got(200, listMembers, { as: 'owner', query: { limit: '200' } })).items.find(
    (item: Json) => item.userId === id,
  );

describe('200', () => {
  it('the member has the new role, in the list and for the authorizer', async () => {
    const { bearer, id } = await join('user');
    const before = await listed(id);
    const member = await set(200, id, 'admin');
    expect(member).toEqual({ ...before, role: 'admin' });
    expect(await listed(id)).toEqual(member);
    expect(await principalOf(bearer)).toMatchObject({ memberships: { [organizationId]: 'admin' } });
  });
  it('the same role again changes nothing', async () => {
    const { id } = await join('user');
    const member = await set(200, id, 'admin');
    const before = await stored();
    expect(await set(200, id, 'admin')).toEqual(member);
    expect(await stored()).toEqual(before);
  });
  it.each(['admin', 'billing-manager', 'user'])('an admin gives the role %s', async (role) => {
    const { id } = await join('user');
    expect(await set(200, id, role, 'admin')).toMatchObject({ role });
  });
  it('an owner makes another owner, and takes it back', async () => {
    const { id } = await join('user');
    expect(await set(200, id, 'owner')).toMatchObject({ role: 'owner' });
    expect(await set(200, id, 'user')).toMatchObject({ role: 'user' });
  });
  it('handing over: the new owner stays, the former one may step down', async () => {
    const { bearer: first, id: firstId } = await join('owner', foreignId);
    const { bearer: next, id } = await join('user', foreignId);
    const path = { organizationId: foreignId };
    await got(204, removeMember, {
      as: { bearer: first },
      path: { ...path, userId: await userId('stranger') },
    });
    await set(200, id, 'owner', { bearer: first }, path);
    await set(200, firstId, 'user', { bearer: first }, path);
    await set(400, id, 'admin', { bearer: next }, path);
    await got(200, getOrganization, { as: { bearer: next }, path });
  });
  it('a member that ceases to be an owner manages no more', async () => {
    const { bearer, id } = await join('owner');
    await set(200, id, 'billing-manager');
    await set(403, await userId('otherUser'), 'admin', { bearer });
    expect((await got(200, listApiKeys, { as: { bearer } })).items).toEqual([]);
  });
});

describe('400', () => {
  it('the last owner can’t be demoted, not even by itself; the answer says what to do', async () => {
    const problem = await set(400, await userId('owner'), 'admin');
    expect(problem).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/body/role' }] });
    expect(problem.detail).toContain('make another member an owner first');
    expect(await listed(await userId('owner'))).toMatchObject({ role: 'owner' });
  });
  it('the last owner may get its own role again', async () => {
    expect(await set(200, await userId('owner'), 'owner')).toMatchObject({ role: 'owner' });
  });
  it.each<[object, string]>([
    [{}, '/body/role'],
    [{ role: 'vendor' }, '/body/role'],
    [{ role: ['owner'] }, '/body/role'],
    [{ role: 'user', email: 'x@example.com' }, '/body/email'],
  ])('a body of %j', async (body, pointer) => {
    const path = { userId: await userId('user') };
    expect(await got(400, setMember, { as: 'owner', path, body })).toMatchObject({ errors: [{ pointer }] });
  });
});

describe('403', () => {
  it('an admin makes no owner, not of itself either', async () => {
    for (const id of [await userId('user'), await userId('admin')])
      expect(await set(403, id, 'owner', 'admin')).toMatchObject({ code: 'forbidden' });
  });
  it('an admin doesn’t change an owner', async () => {
    const { id } = await join('owner');
    for (const role of ['owner', 'user']) await set(403, id, role, 'admin');
    await set(200, id, 'user');
  });
});

describe('404', () => {
  it('a user who is no member: unknown, of another organization, or removed', async () => {
    const { id: removed } = await join('user');
    await got(204, removeMember, { as: 'owner', path: { userId: removed } });
    for (const id of ['usr_none', await userId('stranger'), removed]) await set(404, id, 'user');
  });
});
