import { describe, expect, it } from 'vitest';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { getActivation } from '../../../shared/contracts/get-activation.ts';
import { getOrganization } from '../../../shared/contracts/get-organization.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { listActivations } from '../../../shared/contracts/list-activations.ts';
import { listApiKeys } from '../../../shared/contracts/list-api-keys.ts';
import { listMembers } from '../../../shared/contracts/list-members.ts';
import { removeMember } from '../../../shared/contracts/remove-member.ts';
import { setMember } from '../../../shared/contracts/set-member.ts';
import { type As, type Json, openWorld, principalOf, stamp } from '../support/harness.ts';

const world = await openWorld();
const { got, addMember, subscribe, activated, organizationId, foreignId } = world;
const join = async (role: 'owner' | 'admin' | 'user', into = organizationId) => {
  const email = `${stamp()}@acme.example`;
  const bearer = await addMember(email, role, into);
  return { email, bearer, id: await world.userId({ bearer }) };
};
const remove = (status: number, userId: string, as: As = 'owner', path = {}): Promise<Json> =>
  got(status, removeMember, { as, path: { userId, ...path } });
const members = async (): Promise<Json[]> =>
  (await got(200, listMembers, { as: 'owner', query: { limit: '200' } })).items;

describe('204', () => {
  it('it is no member any more: in no list, and for none of its credentials', async () => {
    const { bearer, id } = await join('user');
    const { key } = await got(201, createApiKey, { as: { bearer }, body: { name: 'CI' } });
    await remove(204, id);
    expect((await members()).map(({ userId }) => userId)).not.toContain(id);
    expect(await principalOf(bearer)).toMatchObject({ userId: id, memberships: {} });
    await got(404, getOrganization, { as: { bearer } });
    expect(await principalOf(key)).toEqual({ type: 'nobody' });
  });
  it('its activations of every product end as user-removed, and nobody else’s', async () => {
    const { bearer, id } = await join('user');
    const as = { bearer };
    const pools = [];
    for (const sessionId of ['one', 'two']) {
      pools.push((await subscribe()).path);
      await activated(`${sessionId}-theirs`, 'user');
      await activated(sessionId, as);
      await activated(`${sessionId}-more`, as);
    }
    await remove(204, id);
    for (const [index, path] of pools.entries()) {
      const sessionId = ['one', 'two'][index] as string;
      expect((await got(200, listActivations, { as: 'owner', path })).items).toMatchObject([
        { sessionId: `${sessionId}-theirs` },
      ]);
      for (const ended of [sessionId, `${sessionId}-more`])
        expect(await got(200, getActivation, { as: 'owner', path: { ...path, sessionId: ended } })).toMatchObject({
          status: 'ended',
          endedReason: 'user-removed',
        });
    }
  });
  it('its holder learns the reason, as long as the gateway still knows its credential', async () => {
    const { bearer, id } = await join('user');
    await subscribe();
    const { seat, fence } = await activated('a', { bearer });
    await remove(204, id);
    // The answer that the gateway caches for 30 seconds.
    const principal = {
      type: 'user',
      subject: 's',
      userId: id,
      vendor: false,
      memberships: { [organizationId]: 'user' },
    };
    const remembered = { principal: JSON.stringify(principal) };
    const beat = await world.callWith(remembered, heartbeat, { path: { sessionId: 'a' }, body: { seat, fence } });
    expect(beat).toMatchObject({ status: 410, body: { endedReason: 'user-removed' } });
    const created = await world.callWith(remembered, createApiKey, { body: { name: 'CI' } });
    expect(created.status).toBe(404);
  });
  it('its API keys are revoked for good: they are listed no more, and don’t come back with it', async () => {
    const { email, bearer, id } = await join('admin');
    const keys = await Promise.all(
      [1, 2, 3].map(() => got(201, createApiKey, { as: { bearer }, body: { name: 'CI', scope: 'full' } })),
    );
    await remove(204, id);
    await addMember(email, 'admin');
    for (const { key } of keys) expect(await principalOf(key)).toEqual({ type: 'nobody' });
    const { items } = await got(200, listApiKeys, { as: 'owner', query: { limit: '200' } });
    expect(items.filter((key: Json) => key.userId === id)).toEqual([]);
    const again = await got(201, createApiKey, { as: { bearer }, body: { name: 'CI' } });
    expect(await principalOf(again.key)).toMatchObject({ userId: id });
  });
  it('repeated: 204, and nothing changes', async () => {
    const { id } = await join('user');
    await remove(204, id);
    await world.contextOf('admin');
    const before = await world.stored();
    await remove(204, id);
    await remove(204, id, 'admin');
    expect(await world.stored()).toEqual(before);
  });
  it('it comes back as the same user, joined anew', async () => {
    const { email, bearer, id } = await join('owner');
    await remove(204, id);
    await addMember(email, 'user');
    expect((await members()).find(({ userId }) => userId === id)).toMatchObject({ email, role: 'user' });
    expect(await principalOf(bearer)).toMatchObject({ userId: id, memberships: { [organizationId]: 'user' } });
  });
  it('its name stays for the history', async () => {
    const { email, id } = await join('user');
    await remove(204, id);
    expect((await world.stored()).filter((item) => item.includes(id) && item.includes(email)).join()).toContain(
      '"removedAt"',
    );
  });
  it('its membership in another organization stays', async () => {
    const { email, bearer, id } = await join('user');
    await addMember(email, 'user', foreignId);
    await remove(204, id);
    expect(await principalOf(bearer)).toMatchObject({ memberships: { [foreignId]: 'user' } });
  });
  it('an owner removes an owner, and itself, as long as another one stays', async () => {
    const [one, two] = [await join('owner'), await join('owner')];
    await remove(204, two.id, { bearer: one.bearer });
    await remove(204, one.id, { bearer: one.bearer });
  });
  it('a removed owner counts no more', async () => {
    const [owner, next] = [await join('owner', foreignId), await join('user', foreignId)];
    const [as, path] = [{ bearer: owner.bearer }, { organizationId: foreignId }];
    await remove(204, await world.userId('stranger'), as, path);
    await remove(400, owner.id, as, path);
    await got(200, setMember, { as, path: { ...path, userId: next.id }, body: { role: 'owner' } });
    await remove(204, owner.id, as, path);
  });
});

describe('400', () => {
  it('the last owner can’t be removed; the answer says what to do', async () => {
    const problem = await remove(400, await world.userId('owner'));
    expect(problem).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/path/userId' }] });
    expect(problem.detail).toContain('make another member an owner first');
    await got(200, getOrganization, { as: { bearer: world.credential('owner') } });
  });
});

describe('403', () => {
  it('an admin doesn’t remove an owner', async () => {
    const { id } = await join('owner');
    await remove(403, id, 'admin');
    await remove(204, id);
  });
});

describe('404', () => {
  it('a user who never was a member', async () => {
    for (const id of ['usr_none', await world.userId('stranger')]) await remove(404, id);
  });
});
