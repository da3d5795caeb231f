import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { grantLicense } from '../../../shared/contracts/grant-license.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { invite } from '../../../shared/contracts/invite.ts';
import { issueOfflineLicense } from '../../../shared/contracts/issue-offline-license.ts';
import { removeLicense } from '../../../shared/contracts/remove-license.ts';
import { removeMachine } from '../../../shared/contracts/remove-machine.ts';
import { removeMember } from '../../../shared/contracts/remove-member.ts';
import { revokeApiKey } from '../../../shared/contracts/revoke-api-key.ts';
import { setMember } from '../../../shared/contracts/set-member.ts';
import { transferActivation } from '../../../shared/contracts/transfer-activation.ts';
import { transferLicense } from '../../../shared/contracts/transfer-license.ts';
import { type Actor, briefActor } from '../../../shared/domain/accounts/actor.ts';
import { keys } from '../../../shared/table/store/keys.ts';
import { type As, openWorld, stamp } from '../support/harness.ts';

// Every write has its actor, for the table's stream.
const { got, subscribe, userId, activated, stored, addMember, organizationId, credential } = await openWorld();

const user = async (as: As): Promise<Actor> => `user#${await userId(as)}`;
const apiKey = async (name: string): Promise<Actor> => {
  const [, keyId] = credential(name).split('_');
  return `api-key#${keyId}#${await userId('user')}`;
};

/** Returns the actors of the items that some work wrote, by the kind of item. A seat or slot has it in brief. */
const written = async (work: () => Promise<unknown>): Promise<Record<string, string[]>> => {
  const before = new Set(await stored());
  await work();
  const items = (await stored()).filter((item) => !before.has(item)).map((item) => JSON.parse(item));
  const actors: Record<string, string[]> = {};
  for (const { pk, sk, actor } of items) {
    const kind = `${pk.split('#')[0]}/${sk.split('#')[0]}`;
    actors[kind] = [...new Set([...(actors[kind] ?? []), String(actor)])];
  }
  return actors;
};

describe('every write names its actor', () => {
  it.each(['user', 'apiKey', 'fullKey'] as const)('activating, heartbeats and releasing by %s', async (as) => {
    await subscribe();
    // Signs in, as the service notes the use of the key then.
    await userId(as);
    const actor = as === 'user' ? await user('user') : await apiKey(as);
    const sessionId = stamp();
    let told: any;
    const seat = { 'POOL/SEAT': [briefActor(actor)] };
    const seatAndRecord = { ...seat, 'SESSION/RECORD': [actor] };
    expect(
      await written(async () => {
        told = await activated(sessionId, as);
      }),
    ).toEqual(seatAndRecord);
    const body = { seat: told.seat, fence: told.fence };
    expect(await written(() => got(200, heartbeat, { as, path: { sessionId }, body }))).toEqual(seat);
    expect(await written(() => got(204, deactivate, { as, path: { sessionId } }))).toEqual(seatAndRecord);
  });

  it('ending somebody else’s session, in the name of the admin', async () => {
    await subscribe({ quota: 2, machineQuota: 1 });
    await activated('a');
    const admin = await user('admin');
    const moved = await written(() =>
      got(200, transferActivation, { as: 'admin', path: { sessionId: 'a' }, body: { machineId: 'other' } }),
    );
    expect(Object.keys(moved)).toEqual(
      expect.arrayContaining(['POOL/SEAT', 'POOL/SLOT', 'POOL/MACHINE', 'SESSION/RECORD']),
    );
    expect(new Set(Object.values(moved).flat())).toEqual(new Set([briefActor(admin), admin]));
    const removed = await written(() => got(204, removeMachine, { as: 'admin', path: { machineId: 'other' } }));
    expect(Object.keys(removed)).toEqual(expect.arrayContaining(['POOL/SEAT', 'POOL/MACHINE', 'SESSION/RECORD']));
    expect(new Set(Object.values(removed).flat())).toEqual(new Set([briefActor(admin), admin]));
  });

  it('granting, transferring and removing licenses, and the ends that follow', async () => {
    await subscribe({ licenseType: 'per-user', offline: { allowed: true } });
    const [one, other] = [await userId('user'), await userId('otherUser')];
    const actor = await user('admin');
    const admin = new Set([actor]);
    const by = async (work: () => Promise<unknown>) => {
      const { 'POOL/SEAT': seats = [], 'POOL/SLOT': slots = [], ...others } = await written(work);
      for (const one of [...seats, ...slots]) expect(one).toBe(briefActor(actor));
      return new Set(Object.values(others).flat());
    };
    expect(await by(() => got(201, grantLicense, { as: 'admin', path: { userId: one } }))).toEqual(admin);
    await got(201, activate, { as: 'user', body: { machineId: 'm', sessionId: stamp() } });
    expect(
      await by(() => got(200, transferLicense, { as: 'admin', path: { userId: one }, body: { toUserId: other } })),
    ).toEqual(admin);
    await got(201, activate, { as: 'otherUser', body: { machineId: 'm', sessionId: stamp() } });
    expect(await by(() => got(204, removeLicense, { as: 'admin', path: { userId: other } }))).toEqual(admin);
    expect(await by(() => got(201, issueOfflineLicense, { as: 'admin', body: { machineId: 'lab' } }))).toEqual(admin);
  });

  it('changing members and their keys, and the vendor’s changes', async () => {
    const owner = new Set([await user('owner')]);
    const by = async (work: () => Promise<unknown>) => new Set(Object.values(await written(work)).flat());
    const bearer = await addMember(`${stamp()}@acme.example`, 'user');
    const path = { userId: await userId({ bearer }) };
    expect(
      await by(() => got(200, invite, { as: 'owner', body: { emails: ['new@acme.example'], role: 'user' } })),
    ).toEqual(owner);
    expect(await by(() => got(200, setMember, { as: 'owner', path, body: { role: 'admin' } }))).toEqual(owner);
    let keyId = '';
    expect(
      await by(async () => {
        keyId = (await got(201, createApiKey, { as: 'owner', body: { name: 'k' } })).id;
      }),
    ).toEqual(owner);
    expect(await by(() => got(204, revokeApiKey, { as: 'owner', path: { keyId } }))).toEqual(owner);
    expect(await by(() => got(204, removeMember, { as: 'owner', path }))).toEqual(owner);
    expect(await by(() => subscribe())).toEqual(new Set(['vendor#sub-of-vendor']));
  });

  it('no item is stored without an actor', async () => {
    const items = (await stored()).map((item) => JSON.parse(item));
    expect(items.length).toBeGreaterThan(50);
    const owners = keys.organization(organizationId).pk;
    expect(items.some(({ pk }) => pk === owners)).toBe(true);
    expect(items.filter(({ actor }) => typeof actor !== 'string')).toEqual([]);
  });
});
