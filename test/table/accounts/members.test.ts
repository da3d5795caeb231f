import { TransactionConflictException } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ApiKey } from '../../../shared/domain/accounts/api-key.ts';
import { LostAuthority } from '../../../shared/domain/accounts/authority.ts';
import type { Invitation } from '../../../shared/domain/accounts/invitation.ts';
import { acceptInvitation } from '../../../shared/table/accounts/accept-invitation.ts';
import {
  createApiKey,
  listApiKeys,
  readOpenKeys,
  revokeApiKey,
  verifyApiKey,
} from '../../../shared/table/accounts/api-keys.ts';
import { changeMember } from '../../../shared/table/accounts/change-member.ts';
import { userOf } from '../../../shared/table/accounts/identities.ts';
import { readOpenInvitations, revokeInvitation } from '../../../shared/table/accounts/invitations.ts';
import {
  createOrganization,
  listOrganizationsOf,
  startCreation,
} from '../../../shared/table/accounts/organizations.ts';
import { setRole } from '../../../shared/table/accounts/set-role.ts';
import { withdrawGrantsOfKey } from '../../../shared/table/accounts/withdraw-grants.ts';
import { activateFloating } from '../../../shared/table/activations/activate-floating.ts';
import { transferSession } from '../../../shared/table/activations/transfer-session.ts';
import { shortHoldMs } from '../../../shared/table/engine/claimant.ts';
import {
  addMember,
  listMembers,
  mailboxOf,
  readEverMember,
  readMember,
  readMemberships,
  readOwners,
  readRole,
} from '../../../shared/table/items/members.ts';
import { raiseRevision } from '../../../shared/table/items/memberships.ts';
import { readSession } from '../../../shared/table/items/sessions.ts';
import { readSubscription, setSubscription } from '../../../shared/table/items/subscriptions.ts';
import { grantLicense } from '../../../shared/table/licensed-users/grant-license.ts';
import { removeLicense } from '../../../shared/table/licensed-users/remove-license.ts';
import { issueOfflineLicense, listOfflineLicenses } from '../../../shared/table/offline/offline-licenses.ts';
import { rotateSecret } from '../../../shared/table/outbox/webhook-secrets.ts';
import { createWebhook, listWebhooks } from '../../../shared/table/outbox/webhooks.ts';
import { removeMember, settleMember } from '../../../shared/table/removals/remove-member.ts';
import { checkAuthority } from '../../../shared/table/store/authority.ts';
import { keys, ranges } from '../../../shared/table/store/keys.ts';
import { currentSecret } from '../../../shared/table/store/purpose-secrets.ts';
import { Contended } from '../../../shared/table/store/retry.ts';
import { getItem, put, readAll, type Table } from '../../../shared/table/store/table.ts';
import { type Around, createDatabase, createPool, type Database, type TestPool } from '../support/database.ts';
import { inviteOne } from '../support/invite-one.ts';
import { activateAs, createLicensedPool, licensedUsers } from '../support/licensed-pool.ts';
import { beforeWrite, dyingAfterWrite } from '../support/requests/at-write.ts';
import { losingAnswers } from '../support/requests/lost-answers.ts';
import { atEachPlace, deathsOf, dying } from '../support/requests/places.ts';
import { activateMany, fastClock, heldSeats, holders, seatOf } from '../support/sessions.ts';

let database: Database;
let table: Table;
beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
});

const now = () => Date.now();
const owners = async ({ organizationId }: TestPool) =>
  (await listMembers(table, organizationId, { limit: 200 })).items
    .filter(({ role }) => role === 'owner')
    .map((owner) => owner.userId);
let people = 0;
const join = async ({ organizationId }: TestPool, role: 'owner' | 'admin' | 'user' = 'user') =>
  (await addMember(table, { organizationId, email: `person${++people}@acme.example`, role, now: now() })).userId;
const remove = (pool: TestPool, who: string, by = table) =>
  removeMember(by, { organizationId: pool.organizationId, userId: who, by: 'owner', now: now() });
const demote = async (pool: TestPool, who: string, by = table) =>
  (await setRole(by, { organizationId: pool.organizationId, userId: who, role: 'user', by: 'owner' })).outcome;

it('a repeated creation makes one organization, wherever the first try stopped', async () => {
  const key = 'a-new-customer-of-today';
  const create = async (table: Table, ownerEmail: string) => {
    const request = { name: 'Acme', ownerEmail, now: now() };
    const started = await startCreation(table, request, key + ownerEmail);
    if (!started) throw new Error('another request');
    return createOrganization(table, { ...request, ...started });
  };
  for (let nth = 1, stopped = true; stopped; nth++) {
    const ownerEmail = `owner${nth}@new.example`;
    stopped = await create(dyingAfterWrite(database, nth), ownerEmail).then(
      () => false,
      () => true,
    );
    const { id } = await create(table, ownerEmail);
    const { userId } = await mailboxOf(table, ownerEmail);
    expect(await readMemberships(table, userId)).toEqual({ [id]: 'owner' });
    expect((await listOrganizationsOf(table, userId, { limit: 10 })).items).toMatchObject([{ id }]);
  }
});

describe('the last owner stays', () => {
  it.each([
    ['remove', remove, remove],
    ['demote', demote, demote],
    ['remove and demote', remove, demote],
  ] as const)('when two owners %s each other at once: at most one succeeds', async (_, one, other) => {
    for (let round = 0; round < 5; round++) {
      const pool = await createPool(table);
      const [first] = (await owners(pool)) as [string];
      const second = await join(pool, 'owner');
      const outcomes = await Promise.all([one(pool, second), other(pool, first)]);
      expect(outcomes.filter((outcome) => outcome === 'removed' || outcome === 'set').length).toBe(1);
      expect(outcomes).toContain('last-owner');
      expect(await owners(pool)).toHaveLength(1);
    }
  });
  it('also when one comes between the other’s look and its write', async () => {
    const pool = await createPool(table);
    const [first] = (await owners(pool)) as [string];
    const second = await join(pool, 'owner');
    const between = beforeWrite(database, async () => expect(await remove(pool, first)).toBe('removed'));
    expect(await demote(pool, second, between)).toBe('last-owner');
    expect(await owners(pool)).toEqual([second]);
  });
  const twoOwners = async () => {
    const pool = await createPool(table);
    const [first] = (await owners(pool)) as [string];
    return { pool, first, second: await join(pool, 'owner') };
  };
  /** The set of owners, and the list of a user's memberships, say what the members' items say. */
  const agree = async ({ pool, first, second }: Awaited<ReturnType<typeof twoOwners>>) => {
    const { organizationId } = pool;
    const left = await owners(pool);
    expect(left).not.toEqual([]);
    expect([...(await readOwners(table, organizationId))].sort()).toEqual(left.sort());
    for (const userId of [first, second])
      expect(await getItem(table, keys.membership(userId, organizationId))).toEqual(
        await readMember(table, organizationId, userId).then(
          (member) => member && expect.objectContaining({ role: member.role }),
        ),
      );
    return left;
  };
  it('also when one comes between any two requests of the other', async () => {
    await atEachPlace(database, {
      prepare: twoOwners,
      work: (by, { pool, second }) => demote(pool, second, by),
      other: (by, { pool, first }) => remove(pool, first, by),
      check: async (at, { result, other, place }) => {
        expect([result, other].sort(), place).toEqual(
          result === 'set' ? ['last-owner', 'set'] : ['last-owner', 'removed'],
        );
        expect(await agree(at), place).toHaveLength(1);
      },
    });
  });
  it('and an end that died anywhere leaves an owner who is counted again, by its repetition or the schedule', async () => {
    const deaths = await deathsOf(database, async (by) => {
      const { pool, second } = await twoOwners();
      await demote(pool, second, by);
    });
    for (const [index, death] of deaths.entries()) {
      const at = await twoOwners();
      await demote(at.pool, at.second, dying(database, death)).catch(() => {});
      if (index % 2 === 0) expect(await demote(at.pool, at.second)).toBe('set');
      else await settleMember(table, { organizationId: at.pool.organizationId, userId: at.second }, now());
      await agree(at);
    }
  });
  it('when all of five remove each other and themselves at once', async () => {
    const pool = await createPool(table);
    for (let count = 0; count < 4; count++) await join(pool, 'owner');
    const all = await owners(pool);
    await Promise.all([...all, ...all].map((owner) => remove(pool, owner)));
    await Promise.all((await owners(pool)).map((owner) => remove(pool, owner)));
    expect(await owners(pool)).toHaveLength(1);
  });
  it('and is no longer the last once another was made, however it was', async () => {
    for (const how of ['added', 'set', 'invited'] as const) {
      const pool = await createPool(table);
      const { organizationId } = pool;
      const [first] = (await owners(pool)) as [string];
      expect(await remove(pool, first)).toBe('last-owner');
      const by = { organizationId, role: 'owner', by: 'owner' } as const;
      if (how === 'added') await join(pool, 'owner');
      else if (how === 'set') await setRole(table, { ...by, userId: await join(pool) });
      else await accepted(pool, 'usr_invited', 'owner');
      expect(await remove(pool, first)).toBe('removed');
      const [last] = (await owners(pool)) as [string];
      expect(await demote(pool, last)).toBe('last-owner');
    }
  });
  it('an owner that was removed and joined again is one owner', async () => {
    const pool = await createPool(table);
    const [first] = (await owners(pool)) as [string];
    const email = `again${++people}@acme.example`;
    const again = { organizationId: pool.organizationId, email, role: 'owner', now: now() } as const;
    const { userId: second } = await addMember(table, again);
    expect(await remove(pool, second)).toBe('removed');
    expect(await remove(pool, first)).toBe('last-owner');
    await addMember(table, again);
    expect(await remove(pool, first)).toBe('removed');
    expect(await remove(pool, second)).toBe('last-owner');
  });
});

describe('a role', () => {
  it('that is set while another sets it: both of its items say the same', async () => {
    const pool = await createPool(table);
    const { organizationId } = pool;
    for (let round = 0; round < 5; round++) {
      const member = await join(pool);
      const roles = ['admin', 'owner', 'billing-manager', 'user'] as const;
      await Promise.all(roles.map((role) => setRole(table, { organizationId, userId: member, role, by: 'owner' })));
      const role = await readRole(table, organizationId, member);
      expect(await readMember(table, organizationId, member)).toMatchObject({ role });
      expect((await owners(pool)).includes(member)).toBe(role === 'owner');
    }
  });
  it('is not set to a member that is removed meanwhile', async () => {
    const pool = await createPool(table);
    const member = await join(pool);
    const between = beforeWrite(database, () => remove(pool, member));
    const request = { organizationId: pool.organizationId, userId: member, role: 'owner', by: 'owner' } as const;
    expect(await setRole(between, request)).toEqual({ outcome: 'missing' });
    expect(await readRole(table, pool.organizationId, member)).toBeUndefined();
  });
  it('an admin does not change a member that was made an owner meanwhile', async () => {
    const pool = await createPool(table);
    const { organizationId } = pool;
    const member = await join(pool);
    const request = { organizationId, userId: member, role: 'owner', by: 'owner' } as const;
    const between = () => beforeWrite(database, () => setRole(table, request));
    expect(await setRole(between(), { ...request, role: 'admin', by: 'admin' })).toEqual({ outcome: 'forbidden' });
    const other = await join(pool);
    const promoted = beforeWrite(database, () => setRole(table, { ...request, userId: other }));
    expect(await removeMember(promoted, { organizationId, userId: other, by: 'admin', now: now() })).toBe('forbidden');
    expect(await owners(pool)).toEqual(expect.arrayContaining([member, other]));
  });
  it('that others keep from being set is tried again, and then refused for now', async () => {
    const pool = await createPool(table);
    const { organizationId } = pool;
    const member = await join(pool);
    const contended = (times: number) => {
      let left = times;
      const request: Around = async ({ name, input }, send) => {
        if (name === 'UpdateItem' && input.UpdateExpression.includes('#role = :role') && left-- > 0)
          await raiseRevision(table, organizationId, member);
        return send();
      };
      return database.client({ request });
    };
    const request = { organizationId, userId: member, role: 'admin', by: 'owner' } as const;
    expect(await setRole(contended(3), request)).toMatchObject({ outcome: 'set' });
    expect(await setRole(contended(1000), { ...request, role: 'user' })).toEqual({ outcome: 'contended' });
    expect(await readRole(table, organizationId, member)).toBe('admin');
    // An owner whose end is refused for now is in the set again.
    await setRole(table, { ...request, role: 'owner' });
    expect(await setRole(contended(1000), { ...request, role: 'user' })).toEqual({ outcome: 'contended' });
    expect([...(await readOwners(table, organizationId))]).toContain(member);
  });
  it.each<[string, (by: Table, pool: TestPool, giver: string, keyId: string) => Promise<unknown>]>([
    ['is removed', (by, pool, giver) => remove(pool, giver, by)],
    ['is demoted', (by, pool, giver) => demote(pool, giver, by)],
    [
      'has its API key revoked',
      async (by, { organizationId }, giver, keyId) => {
        await revokeApiKey(by, organizationId, keyId, { userId: giver, now: now() });
        await withdrawGrantsOfKey(by, organizationId, keyId, now());
      },
    ],
  ])('is given by nobody who %s before, whenever that is answered', async (how, ends) => {
    await atEachPlace(database, {
      prepare: async () => {
        const pool = await createPool(table);
        const { organizationId } = pool;
        const [giver, member] = [await join(pool, 'admin'), await join(pool)];
        const asked = { organizationId, userId: giver, name: 'CI', scope: 'full', expiresAt: null } as const;
        const made = await createApiKey(table, asked, { createdBy: giver, now: now() });
        return { pool, giver, member, keyId: made.outcome === 'created' ? made.apiKey.id : '' };
      },
      work: ({ client, ...by }, { pool: { organizationId }, giver, member, keyId }) => {
        const key = how === 'has its API key revoked' ? { key: { id: keyId } } : {};
        const authority = { organizationId, userId: giver, role: 'admin', ...key } as const;
        const request = { organizationId, userId: member, role: 'admin', by: 'admin' } as const;
        return setRole({ ...by, client, authority }, request).then(
          ({ outcome }) => outcome,
          (error: Error) => error.name,
        );
      },
      // At its answer the member has the role, or never gets it.
      other: async (by, { pool, giver, member, keyId }) => {
        await ends(by, pool, giver, keyId);
        return readRole(by, pool.organizationId, member);
      },
      check: async ({ pool: { organizationId }, member }, { result, other: atAnswer, place }) => {
        expect(result, place).toBe(atAnswer === 'admin' ? 'set' : 'LostAuthority');
        expect(await readRole(table, organizationId, member), place).toBe(atAnswer);
        expect(await readAll(table, ranges.appointments(organizationId))).toEqual([]);
      },
    });
  });
});

it('a single write that meets a transaction of the former release is tried again', async () => {
  const pool = await createPool(table);
  const { id } = await invitedTo(pool);
  let thrown = false;
  const request: Around = async ({ name }, send) => {
    if (name !== 'UpdateItem' || thrown) return send();
    thrown = true;
    throw new TransactionConflictException({ message: 'injected', $metadata: {} });
  };
  expect(await revokeInvitation(database.client({ request }), pool.organizationId, id, now())).toBe('revoked');
});

describe('a first sign-in', () => {
  const newPerson = () => ({ subject: `sub-${++people}`, email: `person${people}@acme.example`, name: 'Ida' });
  it('with several requests at once is one user', async () => {
    const person = newPerson();
    const users = await Promise.all([1, 2, 3, 4].map(() => userOf(table, person)));
    expect(users[0]).toBeDefined();
    expect(new Set(users).size).toBe(1);
  });
  it('by two sign-ins with the same address at once lets one of them in', async () => {
    const person = newPerson();
    const subjects = ['a', 'b', 'c'].map((part) => `${person.subject}-${part}`);
    const users = await Promise.all(subjects.map((subject) => userOf(table, { ...person, subject })));
    expect(users.filter((user) => user !== undefined)).toHaveLength(1);
    expect(await Promise.all(subjects.map((subject) => userOf(table, { ...person, subject })))).toEqual(users);
  });
  it('that stopped after any of its writes is finished by the next one, with the person’s name', async () => {
    for (const nth of [1, 2, 3]) {
      const person = newPerson();
      const { organizationId } = await createPool(table);
      const { userId } = await addMember(table, { organizationId, email: person.email, role: 'user', now: now() });
      let writes = 0;
      const request: Around = async ({ name }, send) => {
        const output = await send();
        if (/^(Put|Update)/.test(name) && ++writes === nth) throw new Error('injected');
        return output;
      };
      await expect(userOf(database.client({ request }), person)).rejects.toThrow('injected');
      expect(await userOf(table, person)).toBe(userId);
      expect(await readMember(table, organizationId, userId)).toMatchObject({ name: 'Ida' });
    }
  });
  it('by two of its addresses at once is one user, and the other address stays open to another sign-in', async () => {
    const [one, other, next] = [newPerson(), newPerson(), newPerson()];
    let first: string | undefined;
    const request: Around = async ({ name, input }, send) => {
      if (name === 'PutItem' && String(input.Item.pk).startsWith('SUBJECT#')) first ??= await userOf(table, one);
      return send();
    };
    const second = await userOf(database.client({ request }), { ...other, subject: one.subject });
    expect(second).toBe(first);
    const { userId } = await addMember(table, { ...other, organizationId: 'org_x', role: 'user', now: now() });
    expect(userId).not.toBe(first);
    expect(await userOf(table, { ...next, email: other.email })).toBe(userId);
  });
});

const onAuthority = (by: Table, { organizationId }: TestPool, who: string): Table => ({
  ...by,
  actor: `user#${who}`,
  authority: { organizationId, userId: who, role: 'admin' },
});

describe('a right that ends between the look at it and the write', () => {
  // Else the first run makes more requests than the others.
  beforeAll(async () => {
    for (const purpose of ['webhooks', 'invitations'] as const) await currentSecret(table, purpose);
  });
  it.each<[string, (by: Table, pool: TestPool, who: string) => Promise<unknown>]>([
    [
      'no API key is made',
      (by, { organizationId }, who) => {
        const request = { organizationId, userId: who, name: 'CI', scope: 'full', expiresAt: null } as const;
        return createApiKey(by, request, { createdBy: who, now: now() });
      },
    ],
    [
      'nobody is invited',
      (by, { organizationId }, who) => {
        const request = {
          organizationId,
          email: 'x@acme.example',
          role: 'user',
          expiresAt: now() + 3_600_000,
        } as const;
        return inviteOne(by, { ...request, invitedBy: who }, now());
      },
    ],
    [
      'no webhook is made',
      (by, { organizationId }, who) =>
        createWebhook(
          by,
          { organizationId, url: 'https://hooks.example.com/', events: ['*'] },
          { createdBy: who, now: now() },
        ),
    ],
    [
      'no offline license is issued, and its seat is free again',
      async (by, pool) => {
        const request = { machineId: 'm', description: null, usedBy: null, askedExpiry: null };
        return issueOfflineLicense(by, pool, request, { issuedBy: 'usr_a' });
      },
    ],
  ])('%s', async (grants, grant) => {
    await atEachPlace(database, {
      prepare: async () => {
        const pool = await createPool(table, { offline: { allowed: true, maxDays: null, reserveOnline: 0 } });
        return { pool, who: await join(pool, 'admin') };
      },
      work: (by, { pool, who }) =>
        grant(onAuthority(by, pool, who), pool, who).then(
          () => 'granted',
          (error: Error) => error.name,
        ),
      other: (by, { pool, who }) => remove(pool, who, by),
      check: async ({ pool }, { result, place }) => {
        const { organizationId } = pool;
        // A license that is completed is issued: its file is written afterwards.
        const isIssued = result === 'granted' && grants.includes('offline license');
        const isGranted = place === 'after the last request' || isIssued;
        expect(result, place).toBe(isGranted ? 'granted' : 'LostAuthority');
        // The removal ends the keys and invitations of before. Webhooks and offline licenses of before stay.
        expect(await readOpenKeys(table, organizationId), place).toEqual([]);
        expect(await readOpenInvitations(table, organizationId, now()), place).toEqual([]);
        if (isGranted) return;
        expect((await listWebhooks(table, organizationId, { limit: 10 })).items, place).toEqual([]);
        expect((await listOfflineLicenses(table, pool, { limit: 10 })).items, place).toEqual([]);
        expect(await heldSeats(table, pool, now() + shortHoldMs), place).toEqual([]);
      },
    });
  });
});

it.each<[string, (pool: TestPool, who: string, keyId: string) => Promise<unknown>]>([
  ['demotion of its maker', (pool, who) => demote(pool, who)],
  [
    'revocation of the key that makes it',
    async ({ organizationId }, _, keyId) => {
      await revokeApiKey(table, organizationId, keyId, { now: now() });
      await withdrawGrantsOfKey(table, organizationId, keyId, now());
    },
  ],
])('a webhook is not completed after the %s', async (_, lose) => {
  const pool = await createPool(table);
  const { organizationId } = pool;
  const who = await join(pool, 'admin');
  const asked = { organizationId, userId: who, name: 'CI', scope: 'full', expiresAt: null } as const;
  const made = await createApiKey(table, asked, { createdBy: who, now: now() });
  const keyId = made.outcome === 'created' ? made.apiKey.id : '';
  const by = database.client({
    request: async ({ name, input }, send) => {
      if (name === 'UpdateItem' && input.Key.sk.startsWith('WEBHOOK#')) await lose(pool, who, keyId);
      return send();
    },
  });
  const byKey: Table = { ...onAuthority(by, pool, who), actor: `api-key#${keyId}#${who}` };
  const authority = { organizationId, userId: who, role: 'admin', key: { id: keyId } } as const;
  const request = { organizationId, url: 'https://hooks.example.com/', events: ['*'] };
  const created = createWebhook({ ...byKey, authority }, request, { createdBy: who, now: now() });
  await expect(created).rejects.toThrow(LostAuthority);
  expect((await listWebhooks(table, organizationId, { limit: 10 })).items).toEqual([]);
});

it('an offline license that is pending when its right ends is dropped, and its seat is free', async () => {
  const pool = await createPool(table, { offline: { allowed: true, maxDays: null, reserveOnline: 0 } });
  const who = await join(pool, 'admin');
  const by = database.client({
    request: async ({ name, input }, send) => {
      const output = await send();
      if (name === 'PutItem' && input.Item.sk.startsWith('OFFLINE#')) await remove(pool, who);
      return output;
    },
  });
  const request = { machineId: 'm', description: null, usedBy: null, askedExpiry: null };
  const issued = issueOfflineLicense(onAuthority(by, pool, who), pool, request, { issuedBy: who });
  await expect(issued).rejects.toThrow(LostAuthority);
  expect((await listOfflineLicenses(table, pool, { limit: 10 })).items).toEqual([]);
  expect(await heldSeats(table, pool)).toEqual([]);
});

it('an offline license that its repetition has issued stays, though the right of the first request ends', async () => {
  const pool = await createPool(table, { offline: { allowed: true, maxDays: null, reserveOnline: 0 } });
  const who = await join(pool, 'admin');
  const request = { machineId: 'm', description: null, usedBy: null, askedExpiry: null };
  const repeat = () => issueOfflineLicense(table, pool, request, { issuedBy: who, idempotencyKey: 'press' });
  const by = database.client({
    request: async ({ name, input }, send) => {
      const output = await send();
      if (name !== 'PutItem' || !input.Item.sk.startsWith('OFFLINE#')) return output;
      expect((await repeat()).outcome).toBe('issued');
      await remove(pool, who);
      return output;
    },
  });
  const issued = issueOfflineLicense(onAuthority(by, pool, who), pool, request, {
    issuedBy: who,
    idempotencyKey: 'press',
  });
  await expect(issued).rejects.toThrow(LostAuthority);
  expect(await heldSeats(table, pool)).toHaveLength(1);
  expect((await listOfflineLicenses(table, pool, { limit: 10 })).items).toHaveLength(1);
});

it('a webhook’s new secret is told to nobody whose right ended before the answer', async () => {
  const pool = await createPool(table);
  const { organizationId } = pool;
  const request = { organizationId, url: 'https://hooks.example.com/', events: ['*'] };
  const made = await createWebhook(table, request, { createdBy: '', now: now() });
  if (made.outcome !== 'created') throw new Error(made.outcome);
  const who = await join(pool, 'admin');
  const between = beforeWrite(database, () => remove(pool, who));
  const rotated = rotateSecret(onAuthority(between, pool, who), made.webhook, { formerSecretUntil: now() });
  await expect(rotated).rejects.toThrow(LostAuthority);
});

const invitedTo = async ({ organizationId }: TestPool, role: 'owner' | 'user' = 'user') => {
  const email = `invited${++people}@acme.example`;
  const request = { organizationId, email, role, expiresAt: now() + 3_600_000 };
  const invited = await inviteOne(table, request, now());
  if (invited.outcome !== 'invited') throw new Error('is a member');
  return { email, id: invited.invitation.id, token: invited.token, again: () => inviteOne(table, request, now()) };
};
const accepted = async (pool: TestPool, who: string, role: 'owner' | 'user' = 'user') => {
  const { email, token } = await invitedTo(pool, role);
  return acceptInvitation(table, token, { subject: `sub-of-${who}`, userId: who, email }, now());
};

describe('an invitation', () => {
  it('that two users with its address accept at once makes one of them a member', async () => {
    for (let round = 0; round < 5; round++) {
      const pool = await createPool(table);
      const { email, token } = await invitedTo(pool);
      const users = ['usr_one', 'usr_two'];
      const results = await Promise.all(
        [...users, ...users].map((who) =>
          acceptInvitation(table, token, { subject: `sub-of-${who}`, userId: who, email }, now()),
        ),
      );
      const members = results.flatMap((result) => (result.outcome === 'member' ? [result.member.userId] : []));
      expect(members).toHaveLength(2);
      expect(new Set(members).size).toBe(1);
      const { items: listed } = await listMembers(table, pool.organizationId, { limit: 200 });
      expect(listed.map((member) => member.userId).filter((who) => users.includes(who))).toEqual([members[0]]);
    }
  });
  it('that is revoked, or replaced, between look and use is not accepted', async () => {
    const pool = await createPool(table);
    const { email, id, token, again } = await invitedTo(pool);
    const person = { subject: 'sub-1', userId: 'usr_late', email };
    const replacing = beforeWrite(database, again, 2);
    expect(await acceptInvitation(replacing, token, person, now())).toEqual({ outcome: 'missing' });
    const next = await again();
    if (next.outcome !== 'invited') throw new Error('is a member');
    const revoking = beforeWrite(database, () => revokeInvitation(table, pool.organizationId, id, now()), 2);
    expect(await acceptInvitation(revoking, next.token, person, now())).toEqual({ outcome: 'missing' });
    expect(await readMember(table, pool.organizationId, person.userId)).toBeUndefined();
  });
  it('that is accepted while its answer is lost is the same membership when repeated', async () => {
    const pool = await createPool(table);
    const { email, token } = await invitedTo(pool);
    const person = { subject: 'sub-1', userId: 'usr_patient', email };
    const first = await acceptInvitation(losingAnswers(database), token, person, now());
    expect(first).toMatchObject({ outcome: 'member', member: { userId: 'usr_patient' } });
    expect(await acceptInvitation(table, token, person, now())).toEqual(first);
  });
  /** An invitation by an admin, and the person whom it invites. */
  const byAdmin = async (role: 'owner' | 'user' = 'user') => {
    const pool = await createPool(table);
    const inviter = await join(pool, role === 'user' ? 'admin' : 'owner');
    const email = `invited${++people}@acme.example`;
    const request = { ...{ organizationId: pool.organizationId, email, role }, expiresAt: now() + 3_600_000 };
    const invited = await inviteOne(table, { ...request, invitedBy: inviter }, now());
    if (invited.outcome !== 'invited') throw new Error('is a member');
    const person = { subject: `sub-${email}`, userId: `usr_${people}`, email, name: 'Ida' };
    return { pool, organizationId: pool.organizationId, inviter, token: invited.token, person };
  };
  type Invited = Awaited<ReturnType<typeof byAdmin>>;
  const accept = (by: Table, { token, person }: Invited) => acceptInvitation(by, token, person, now());
  it('whose acceptance died anywhere is finished by its repetition, or by the schedule', async () => {
    for (const [index, death] of (await deathsOf(database, async (by) => accept(by, await byAdmin()))).entries()) {
      const at = await byAdmin('owner');
      const { organizationId, person } = at;
      await accept(dying(database, death), at).catch(() => {});
      if (index % 2 === 0) {
        await settleMember(table, { organizationId, userId: person.userId }, now());
        const { acceptedBy } = (await readAll(table, ranges.invitations(organizationId)))[0] as Invitation;
        const found = await readMember(table, organizationId, person.userId);
        expect(found?.role).toBe(acceptedBy === undefined ? undefined : 'owner');
      }
      const member = { userId: person.userId, name: 'Ida', role: 'owner' };
      expect(await accept(table, at)).toMatchObject({ outcome: 'member', member });
      expect(await readMemberships(table, person.userId)).toEqual({ [organizationId]: 'owner' });
      expect([...(await readOwners(table, organizationId))]).toContain(person.userId);
    }
  });
  it('that was accepted is neither replaced nor revoked before its membership is there', async () => {
    const pool = await createPool(table);
    const { organizationId } = pool;
    const { email, id, token, again } = await invitedTo(pool);
    const person = { subject: 'sub-1', userId: 'usr_slow', email };
    await expect(acceptInvitation(dyingAfterWrite(database, 2), token, person, now())).rejects.toThrow('injected');
    await expect(again()).rejects.toThrow(Contended);
    await expect(revokeInvitation(table, organizationId, id, now())).rejects.toThrow(Contended);
    await settleMember(table, { organizationId, userId: person.userId }, now());
    expect(await revokeInvitation(table, organizationId, id, now())).toBe('revoked');
    expect(await readMember(table, organizationId, person.userId)).toMatchObject({ role: 'user' });
  });
  it('makes a member before its inviter’s removal is answered, or never', async () => {
    await atEachPlace(database, {
      prepare: byAdmin,
      work: accept,
      // The removal is refused for now while the membership is under way.
      other: async (by, { pool, inviter, organizationId, person }) => {
        const answer = await remove(pool, inviter, by).catch((error: Error) => error.name);
        return answer === 'removed' ? ((await readMember(by, organizationId, person.userId)) ?? 'none') : answer;
      },
      check: async ({ organizationId, person }, { result, other, place }) => {
        expect(result.outcome, place).toBe(other === 'none' ? 'missing' : 'member');
        const member = result.outcome === 'member' ? result.member : undefined;
        expect(await readMember(table, organizationId, person.userId), place).toEqual(
          member && expect.objectContaining(member),
        );
      },
    });
  });
  it('of a person who was removed since makes no member, however late a write of its acceptance comes', async () => {
    await atEachPlace(database, {
      prepare: byAdmin,
      work: accept,
      other: async (by, at) => {
        expect(await accept(by, at)).toMatchObject({ outcome: 'member' });
        expect(await remove(at.pool, at.person.userId, by)).toBe('removed');
      },
      check: async ({ person }, { place }) => expect(await readMemberships(table, person.userId), place).toEqual({}),
    });
  });
  it('of a person who joins otherwise meanwhile leaves it the role that it has', async () => {
    const pool = await createPool(table);
    const { email, token } = await invitedTo(pool, 'owner');
    let id = '';
    const joining = beforeWrite(database, async () => {
      id = (await addMember(table, { organizationId: pool.organizationId, email, role: 'user', now: now() })).userId;
    });
    // Its user id is known from its first sign-in.
    const { userId: known } = await addMember(table, { organizationId: 'org_x', email, role: 'user', now: now() });
    expect(await acceptInvitation(joining, token, { subject: 'sub-1', userId: known, email }, now())).toMatchObject({
      outcome: 'member',
      member: { userId: known, role: 'user' },
    });
    expect(id).toBe(known);
    expect(await owners(pool)).not.toContain(known);
  });
});

/** Adds a subscription of another product, with the terms of the pool's but for these. */
const addProduct = async (pool: TestPool, changes: Partial<Parameters<typeof setSubscription>[2]> = {}) => {
  const {
    organizationId,
    product: _,
    createdAt: __,
    claimable: ___,
    version: ____,
    ...terms
  } = (await readSubscription(table, pool))!;
  const other = { organizationId, product: 'OTHER' };
  await setSubscription(table, other, { ...terms, ...changes }, now());
  return other;
};

/** A member that uses what there is to use: two keys, sessions in two pools, one of them without a record. */
const busyMember = async () => {
  const pool = await createPool(table, { quota: 6, leaseSeconds: 3600 });
  const { organizationId } = pool;
  const other = await addProduct(pool);
  const member = await join(pool);
  const request = { organizationId, userId: member, name: 'CI', scope: 'full', expiresAt: null } as const;
  const keys = await Promise.all([1, 2].map(() => createApiKey(table, request, { createdBy: member, now: now() })));
  const session = (sessionId: string) => ({ sessionId, userId: member, machineId: 'm' });
  for (const each of [pool, other]) {
    seatOf(await activateFloating(table, each, session('one')));
    seatOf(await activateFloating(table, each, session('two')));
    await expect(activateFloating(dyingBeforeRecord(), each, session('dead'))).rejects.toThrow('injected');
  }
  await activateMany(table, pool, 2);
  return { pool, other, member, keys: keys.flatMap((made) => (made.outcome === 'created' ? [made.key] : [])) };
};
const dyingBeforeRecord = (kind = 'SESSION#') =>
  database.client({
    request: async ({ name, input }, send) => {
      if (name === 'PutItem' && JSON.stringify(input).includes(kind)) throw new Error('injected');
      return send();
    },
  });

const isGone = async ({ pool, other, member, keys }: Awaited<ReturnType<typeof busyMember>>) => {
  const { organizationId } = pool;
  expect(await readMember(table, organizationId, member)).toBeUndefined();
  expect(await readRole(table, organizationId, member)).toBeUndefined();
  expect(await readEverMember(table, organizationId, member)).toMatchObject({ removedAt: expect.any(Number) });
  for (const key of keys) expect(await verifyApiKey(table, key, now())).toMatchObject({ outcome: 'revoked' });
  expect((await listApiKeys(table, organizationId, { limit: 10, userId: member })).items).toEqual([]);
  for (const each of [pool, other]) {
    for (const sessionId of ['one', 'two', 'dead'])
      expect(await readSession(table, each, sessionId)).toMatchObject({ status: 'ended', endedReason: 'user-removed' });
  }
  // Others' sessions are nobody's business.
  expect(await holders(table, pool)).toEqual(['s0', 's1']);
  expect(await holders(table, other)).toEqual([]);
};

describe('removing a member', () => {
  it('ends what it uses in every product, and revokes its keys', async () => {
    const busy = await busyMember();
    expect(await remove(busy.pool, busy.member)).toBe('removed');
    await isGone(busy);
  });
  it('closes the organization to it, also where a late write lists the organization among its own again', async () => {
    const { organizationId, ...pool } = await createPool(table);
    const member = await join({ organizationId, ...pool }, 'admin');
    expect(await readMemberships(table, member)).toEqual({ [organizationId]: 'admin' });
    await remove({ organizationId, ...pool }, member);
    await put(table, { Item: { ...keys.membership(member, organizationId), role: 'admin' } });
    expect(await readMemberships(table, member)).toEqual({});
    expect(await listOrganizationsOf(table, member, { limit: 10 })).toEqual({ items: [] });
    const authority = { organizationId, userId: member, role: 'admin' } as const;
    await expect(checkAuthority({ ...table, authority })).rejects.toThrow(LostAuthority);
  });
  it('that dies after any of its writes is finished by its repetition', async () => {
    let died = true;
    for (let nth = 1; died; nth += 1) {
      const busy = await busyMember();
      let writes = 0;
      const dying = database.client({
        request: async ({ name }, send) => {
          const output = await send();
          if (/^(Put|Update|Delete)/.test(name) && ++writes === nth) throw new Error('injected');
          return output;
        },
      });
      died = await remove(busy.pool, busy.member, dying).then(
        () => false,
        () => true,
      );
      expect(await remove(busy.pool, busy.member), `died after write ${nth}`).toBe('removed');
      await isGone(busy);
    }
  });
  it('at once with its repetition', async () => {
    const busy = await busyMember();
    const removals = await Promise.all([1, 2, 3].map(() => remove(busy.pool, busy.member)));
    expect(removals).toEqual(['removed', 'removed', 'removed']);
    await isGone(busy);
  });
  it('while it activates: once it is repeated, all that it was answered has ended', async () => {
    const pool = await createPool(table, { quota: 20 });
    const member = await join(pool);
    const sessions = Array.from({ length: 12 }, (_, index) => `s${index}`);
    const activations = sessions.map((sessionId) =>
      activateFloating(table, pool, { sessionId, userId: member, machineId: 'm' }, fastClock()),
    );
    const [results] = await Promise.all([Promise.all(activations), remove(pool, member)]);
    for (const { outcome } of results) expect(['acquired', 'ended']).toContain(outcome);
    // Some claimed after the removal had looked, as its credential allows for 30 seconds.
    expect(await remove(pool, member)).toBe('removed');
    expect(await heldSeats(table, pool)).toEqual([]);
    for (const sessionId of sessions)
      expect(await readSession(table, pool, sessionId)).toMatchObject({ endedReason: 'user-removed' });
  });
  it('of a claim that is made, but not recorded, when it is removed: its author is told that it is over', async () => {
    const pool = await createPool(table, { quota: 2 });
    const member = await join(pool);
    let met = false;
    const slow = database.client({
      request: async ({ name, input }, send) => {
        if (!met && name === 'PutItem' && JSON.stringify(input).includes('SESSION#')) {
          met = true;
          expect(await remove(pool, member)).toBe('removed');
        }
        return send();
      },
    });
    const request = { sessionId: 'a', userId: member, machineId: 'm' };
    expect(await activateFloating(slow, pool, request, fastClock())).toMatchObject({
      outcome: 'ended',
      reason: 'user-removed',
    });
    expect(await heldSeats(table, pool)).toEqual([]);
  });
  it('whose session is moved to another machine meanwhile ends it there', async () => {
    const pool = await createPool(table, { quota: 2 });
    const who = await join(pool);
    await activateFloating(table, pool, { sessionId: 'a', userId: who, machineId: 'm1' });
    let moved = false;
    const request: Around = async ({ name, input }, send) => {
      const result = await send();
      // The session's seat was listed.
      if (name === 'Query' && String(input.ExpressionAttributeValues[':from']).startsWith('SEAT#') && !moved) {
        moved = true;
        const transferred = await transferSession(table, pool, { sessionId: 'a', machineId: 'm2' });
        expect(transferred.outcome).toBe('transferred');
      }
      return result;
    };
    expect(await remove(pool, who, database.client({ request }))).toBe('removed');
    expect(moved).toBe(true);
    expect(await holders(table, pool)).toEqual([]);
    expect(await readSession(table, pool, 'a')).toMatchObject({ status: 'ended', endedReason: 'user-removed' });
  });

  it('takes its license away, and ends what runs on it', async () => {
    const pool = await createLicensedPool(table, 2, 2);
    const [member, other] = pool.users as [string, string];
    for (const user of pool.users) expect(await grantLicense(table, pool, user)).toMatchObject({ outcome: 'acquired' });
    await activateAs(table, pool, member, 'a');
    expect(await remove(pool, member)).toBe('removed');
    expect(await licensedUsers(table, pool)).toEqual([other]);
    expect(await readSession(table, pool, 'a')).toMatchObject({ status: 'ended', endedReason: 'user-removed' });
  });
  it('that had a license before, and is granted one by a request that died, leaves no seat held', async () => {
    const pool = await createLicensedPool(table, 1, 1);
    const [member] = pool.users as [string];
    await grantLicense(table, pool, member);
    await removeLicense(table, pool, member, now());
    const start = now();
    await expect(grantLicense(dyingBeforeRecord('LICENSE#'), pool, member)).rejects.toThrow('injected');
    expect(await holders(table, pool, start)).toEqual([member]);
    expect(await remove(pool, member)).toBe('removed');
    expect(await holders(table, pool, start)).toEqual([]);
  });
  it.each(['before it is verified', 'before it is recorded', 'before it is made long', 'at once'])(
    'while it is granted a license, %s: it has none in the end',
    async (when) => {
      const pool = await createLicensedPool(table, 1, 1);
      const [member] = pool.users as [string];
      let claimed = false;
      let removal: Promise<unknown> | undefined;
      const granting = database.client({
        request: async ({ name, input }, send) => {
          const isNext =
            when === 'at once' ||
            (claimed && when === 'before it is verified') ||
            (name === 'PutItem' && when === 'before it is recorded') ||
            (claimed && name === 'UpdateItem' && when === 'before it is made long');
          if (isNext && !removal) {
            removal = remove(pool, member);
            if (when !== 'at once') await removal;
          }
          if (name === 'UpdateItem' && JSON.stringify(input).includes('SEAT#')) claimed = true;
          return send();
        },
      });
      await grantLicense(granting, pool, member, fastClock());
      expect(await removal).toBe('removed');
      expect(await licensedUsers(table, pool)).toEqual([]);
      expect(await grantLicense(table, pool, member)).toMatchObject({ outcome: 'missing' });
    },
  );
  it.each(
    ['removal', 'check of the removal'].flatMap((ending) =>
      ['KEYS#', 'SEAT#', 'LICENSE#'].map((kind) => [ending, kind] as const),
    ),
  )('that joins again during the %s, before a read of %s, leaves it all that it begins then', async (ending, kind) => {
    const pool = await createPool(table, { quota: 4 });
    const { organizationId } = pool;
    const licensed = await addProduct(pool, { licenseType: 'per-user' });
    const joins = { organizationId, email: `person${++people}@acme.example`, role: 'user', now: now() } as const;
    const { userId } = await addMember(table, joins);
    const key = { organizationId, userId, name: 'CI', scope: 'full', expiresAt: null } as const;
    const begin = async (sessionId: string) => {
      await activateFloating(table, pool, { sessionId, userId, machineId: 'm' });
      return createApiKey(table, key, { createdBy: userId, now: now() });
    };
    await begin('former');
    const member = (await readMember(table, organizationId, userId))!;
    const removedAt = now();
    if (ending !== 'removal') await changeMember(table, organizationId, member, { removedAt }, removedAt);
    let since: Awaited<ReturnType<typeof begin>> | undefined;
    const meanwhile = database.client({
      request: async ({ name, input }, send) => {
        const isRead = name === 'GetItem' || name === 'Query';
        const isPlace = isRead && JSON.stringify(input).includes(kind);
        if (isPlace && !since && !(await readMember(table, organizationId, userId))) {
          await addMember(table, { ...joins, now: now() });
          since = await begin('new');
          await grantLicense(table, licensed, userId);
        }
        return send();
      },
    });
    if (ending === 'removal') expect(await remove(pool, userId, meanwhile)).toBe('removed');
    else await settleMember(meanwhile, { organizationId, userId, removedAt }, now());
    expect(await holders(table, pool)).toEqual(['new']);
    expect(await licensedUsers(table, licensed)).toEqual([userId]);
    const { items: left } = await listApiKeys(table, organizationId, { limit: 10, userId });
    expect(left.map(({ id }) => id)).toEqual([since?.outcome === 'created' && since.apiKey.id]);
  });
  it('leaves it no key that is made at the same time', async () => {
    const pool = await createPool(table);
    const { organizationId } = pool;
    for (let round = 0; round < 5; round++) {
      const member = await join(pool);
      const request: Pick<ApiKey, 'organizationId' | 'userId' | 'name' | 'scope' | 'expiresAt'> = {
        organizationId,
        userId: member,
        name: 'CI',
        scope: 'full',
        expiresAt: null,
      };
      const make = () => createApiKey(table, request, { createdBy: member, now: now() });
      await Promise.all([make(), remove(pool, member), make(), make()]);
      expect(await make()).toEqual({ outcome: 'no-member' });
      expect((await listApiKeys(table, organizationId, { limit: 10, userId: member })).items).toEqual([]);
    }
  });
});
