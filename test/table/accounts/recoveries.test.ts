import { afterAll, describe, expect, it } from 'vitest';
import { LostAuthority } from '../../../shared/domain/accounts/authority.ts';
import type { Recovery } from '../../../shared/domain/accounts/recovery.ts';
import { dayMs } from '../../../shared/domain/dates.ts';
import { createApiKey, readOpenKeys } from '../../../shared/table/accounts/api-keys.ts';
import { completeRecovery } from '../../../shared/table/accounts/complete-recovery.ts';
import { userOf } from '../../../shared/table/accounts/identities.ts';
import { readOpenInvitations } from '../../../shared/table/accounts/invitations.ts';
import {
  cancelRecovery,
  consentToRecovery,
  readRecovery,
  startRecovery,
} from '../../../shared/table/accounts/recoveries.ts';
import { setRole } from '../../../shared/table/accounts/set-role.ts';
import { activateFloating } from '../../../shared/table/activations/activate-floating.ts';
import {
  addMember,
  listMembers,
  readEverMember,
  readMember,
  readMemberships,
  readOwners,
  readRole,
} from '../../../shared/table/items/members.ts';
import { readSession } from '../../../shared/table/items/sessions.ts';
import { grantLicense } from '../../../shared/table/licensed-users/grant-license.ts';
import { removeMember, settleMember } from '../../../shared/table/removals/remove-member.ts';
import { asActor, type Table } from '../../../shared/table/store/table.ts';
import { rightLingersMs } from '../../../shared/table/stream/due-checks.ts';
import { type Around, createPool, type TestPool } from '../support/database.ts';
import { inviteOne } from '../support/invite-one.ts';
import { createLicensedPool, licensedUsers } from '../support/licensed-pool.ts';
import { beforeWrite } from '../support/requests/at-write.ts';
import { losingAnswers } from '../support/requests/lost-answers.ts';
import { atEachPlace, deathsOf, dying } from '../support/requests/places.ts';
import { holders } from '../support/sessions.ts';
import { openChangeFeed } from '../support/stream/change-feed.ts';

const feed = await openChangeFeed();
const { table, database } = feed;
afterAll(() => feed.close());

let people = 0;
/** A member who signed in once and can no longer; the subject of its new sign-in; another member. */
const lockedOut = async (role: 'owner' | 'user' = 'owner', into?: TestPool) => {
  const pool = into ?? (await createPool(table, { leaseSeconds: 3600 }));
  const { organizationId } = pool;
  const email = `locked${++people}@acme.example`;
  const { userId } = await addMember(table, { organizationId, email, role, now: Date.now() });
  await userOf(table, { subject: `old-${people}`, email });
  const helper = await addMember(table, {
    organizationId,
    email: `helper${people}@acme.example`,
    role: 'user',
    now: Date.now(),
  });
  const started = await startRecovery(asActor(table, 'vendor#sub'), { organizationId, userId }, Date.now());
  const recovery = (started as { recovery: Recovery }).recovery;
  return { pool, organizationId, email, userId, recovery, fresh: `new-${people}`, helper: helper.userId };
};
type LockedOut = Awaited<ReturnType<typeof lockedOut>>;
const ready = async (role?: 'owner' | 'user', into?: TestPool) => {
  const person = await lockedOut(role, into);
  const consented = await consentToRecovery(table, person.recovery, person.helper, Date.now());
  expect(consented.outcome).toBe('consented');
  return person;
};
const complete = (
  { recovery, email, fresh }: LockedOut,
  by: Table = table,
  { subject = fresh, now = Date.now() } = {},
) => completeRecovery(by, recovery, { subject, email, name: 'Ida' }, now);
const membersWith = async ({ organizationId, email }: LockedOut) =>
  (await listMembers(table, organizationId, { limit: 200 })).items.filter((member) => member.email === email);
/** The owners by their set and by their memberships, which agree. */
const ownersOf = async ({ organizationId }: LockedOut) => {
  const { items: members } = await listMembers(table, organizationId, { limit: 200 });
  const owners = members.filter(({ role }) => role === 'owner').map(({ userId }) => userId);
  expect([...(await readOwners(table, organizationId))].sort()).toEqual(owners.sort());
  return owners;
};
/** Does something once, just before the first write of a client. */
const beforeFirst = (work: () => Promise<unknown>) => beforeWrite(database, work);
/** The old membership stands, and the new sign-in is nobody. */
const untouched = async (person: LockedOut) => {
  expect(await readMember(table, person.organizationId, person.userId)).toMatchObject({ email: person.email });
  expect(await userOf(table, { subject: person.fresh, email: person.email })).toBeUndefined();
  expect(await ownersOf(person)).toContain(person.userId);
};

describe('a recovery that others change while it is completed', () => {
  it('is not completed, if it was cancelled in between', async () => {
    const person = await ready();
    const by = beforeFirst(() => cancelRecovery(table, person.recovery, Date.now()));
    expect(await complete(person, by)).toEqual({ outcome: 'missing' });
    await untouched(person);
  });
  it('is not cancelled, if it was completed in between', async () => {
    const person = await ready();
    const by = beforeFirst(() => complete(person));
    expect(await cancelRecovery(by, person.recovery, Date.now())).toBe('completed');
    expect(await membersWith(person)).toHaveLength(1);
  });
  it('is either cancelled or completed, at once', async () => {
    for (let round = 0; round < 5; round++) {
      const person = await ready();
      const [completed, cancelled] = await Promise.all([
        complete(person),
        cancelRecovery(table, person.recovery, Date.now()),
      ]);
      const { completedAt, cancelledAt } = (await readRecovery(table, person.recovery)) as Recovery;
      expect(completed.outcome === 'member').toBe(completedAt !== undefined);
      expect(cancelled === 'cancelled').toBe(cancelledAt !== undefined);
      expect(completedAt === undefined).toBe(cancelledAt !== undefined);
      if (cancelledAt !== undefined) await untouched(person);
    }
  });
  it('is not completed, if the member was removed, or has another role, in between', async () => {
    const [removed, demoted] = [await ready(), await ready()];
    const { organizationId } = removed;
    const remove = () => removeMember(table, { organizationId, userId: removed.userId, by: 'owner', now: Date.now() });
    expect(await complete(removed, beforeFirst(remove))).toEqual({ outcome: 'missing' });
    expect(await membersWith(removed)).toEqual([]);
    expect(await readRole(table, organizationId, removed.userId)).toBeUndefined();
    const demote = () =>
      setRole(table, { organizationId: demoted.organizationId, userId: demoted.userId, role: 'user', by: 'owner' });
    expect(await complete(demoted, beforeFirst(demote))).toEqual({ outcome: 'missing' });
    expect(await membersWith(demoted)).toMatchObject([{ userId: demoted.userId, role: 'user' }]);
  });
  it('is not completed by a consent whose member was removed in between; by time it is', async () => {
    const person = await ready();
    const { organizationId, helper: userId } = person;
    const remove = () => removeMember(table, { organizationId, userId, by: 'owner', now: Date.now() });
    expect(await complete(person, beforeFirst(remove))).toEqual({ outcome: 'missing' });
    await untouched(person);
    expect(await complete(person, table, { now: Date.now() + 3 * dayMs })).toMatchObject({ outcome: 'member' });
  });
  it('is not completed by the consent that another one replaced in between', async () => {
    const person = await ready();
    const { organizationId, helper } = person;
    const { userId } = await addMember(table, {
      ...person,
      email: `o${++people}@a.example`,
      role: 'user',
      now: Date.now(),
    });
    // The one who consents in between leaves again: its consent counts no longer, nor does the one before.
    const consentAndLeave = async () => {
      await consentToRecovery(table, person.recovery, userId, Date.now());
      await removeMember(table, { organizationId, userId, by: 'owner', now: Date.now() });
    };
    expect(await complete(person, beforeFirst(consentAndLeave))).toEqual({ outcome: 'missing' });
    await untouched(person);
    await consentToRecovery(table, person.recovery, helper, Date.now());
    expect(await complete(person)).toMatchObject({ outcome: 'member' });
  });
  it('swaps the owners also where another owner comes in between', async () => {
    const person = await ready();
    const { organizationId, helper } = person;
    const promote = () => setRole(table, { organizationId, userId: helper, role: 'owner', by: 'owner' });
    const before = await ownersOf(person);
    const completed = await complete(person, beforeFirst(promote));
    const { member } = completed as { member: { userId: string } };
    const others = before.filter((owner) => owner !== person.userId);
    expect((await ownersOf(person)).sort()).toEqual([...others, helper, member.userId].sort());
  });
});

describe('a recovery whose completion meets another request between any two of its own', () => {
  it('is cancelled or completed, never both', async () => {
    await atEachPlace(database, {
      prepare: () => ready(),
      work: (by, person) => complete(person, by),
      other: (by, { recovery }) => cancelRecovery(by, recovery, Date.now()),
      check: async (person, { result, other, place }) => {
        expect(result.outcome, `${place}: ${other}`).toBe(other === 'cancelled' ? 'missing' : 'member');
        expect(await membersWith(person)).toHaveLength(1);
        await ownersOf(person);
      },
    });
  });
  it.each(['userId', 'helper'] as const)('comes before the removal of %s is answered, or never', async (who) => {
    await atEachPlace(database, {
      prepare: () => ready(),
      work: (by, person) => complete(person, by),
      other: async (by, person) => {
        const { organizationId, userId } = person;
        await removeMember(by, { organizationId, userId: person[who], by: 'owner', now: Date.now() });
        return (await readEverMember(by, organizationId, userId))?.recoveredAs;
      },
      check: async (person, { result, other: recoveredAs, place }) => {
        const isLast = place === 'after the last request';
        expect(result.outcome, place).toBe(recoveredAs === undefined ? 'missing' : 'member');
        expect((await membersWith(person)).length).toBe(recoveredAs === undefined && who === 'userId' ? 0 : 1);
        if (!isLast) expect(await ownersOf(person)).not.toHaveLength(0);
      },
    });
  });
  it('and died anywhere: the person’s repetition finishes it, or the schedule; nobody else gets it', async () => {
    for (const [index, death] of (await deathsOf(database, async (by) => complete(await ready(), by))).entries()) {
      const finish = ['repetition', 'schedule', 'another'][index % 3];
      const person = await ready();
      await complete(person, dying(database, death)).catch(() => {});
      const { organizationId, userId } = person;
      if (finish === 'schedule') await settleMember(table, { organizationId, userId }, Date.now());
      if (finish === 'another')
        expect(await complete(person, table, { subject: `${person.fresh}-x` })).toEqual({ outcome: 'missing' });
      if (finish !== 'repetition') expect(await membersWith(person)).toMatchObject([{ role: 'owner' }]);
      const { member } = (await complete(person)) as { member: { userId: string } };
      expect(await membersWith(person)).toMatchObject([{ userId: member.userId }]);
      expect(await userOf(table, { subject: person.fresh, email: person.email })).toBe(member.userId);
      expect(await readMemberships(table, member.userId)).toEqual({ [organizationId]: 'owner' });
      expect(await ownersOf(person)).toContain(member.userId);
      expect(await cancelRecovery(table, person.recovery, Date.now())).toBe('completed');
    }
  });
});

describe('a recovery that is completed more than once', () => {
  it('by two sign-ins with the address at once: one of them has the membership', async () => {
    for (let round = 0; round < 5; round++) {
      const person = await ready();
      const completed = await Promise.all(
        ['a', 'b', 'c'].map((part) => complete(person, table, { subject: `${person.fresh}-${part}` })),
      );
      const got = completed.filter(({ outcome }) => outcome === 'member');
      expect(got).toHaveLength(1);
      expect(await membersWith(person)).toMatchObject([(got[0] as { member: object }).member]);
      expect(await ownersOf(person)).not.toContain(person.userId);
    }
  });
  it.each(['SUBJECT#', 'MEMBER#'])(
    'by the same sign-in at once, before a read of %s: the same answer',
    async (item) => {
      const person = await ready();
      let first: unknown;
      const request: Around = async ({ name, input }, send) => {
        const { pk = '', sk = '' } = input.Key ?? {};
        const isIt = name === 'GetItem' && [pk, sk].some((part) => JSON.stringify(part).includes(item));
        if (isIt && !first) first = await complete(person);
        return send();
      };
      expect(await complete(person, database.client({ request }))).toMatchObject(first as object);
      expect(first).toMatchObject({ outcome: 'member' });
    },
  );
  it('because its answer was lost: one membership, and the same answer', async () => {
    const person = await ready();
    const completed = await complete(person, losingAnswers(database));
    expect(completed).toMatchObject({ outcome: 'member', member: { email: person.email, role: 'owner' } });
    expect(await membersWith(person)).toHaveLength(1);
    expect(await complete(person)).toMatchObject(completed);
  });
});

describe('a start, a consent and a cancellation whose answer was lost', () => {
  it('are done once, and answered as done', async () => {
    const { organizationId, recovery, helper } = await lockedOut();
    const { userId } = await addMember(table, {
      organizationId,
      email: `p${++people}@a.example`,
      role: 'user',
      now: Date.now(),
    });
    const started = await startRecovery(losingAnswers(database), { organizationId, userId }, Date.now());
    expect(started.outcome).toBe('started');
    const consented = await consentToRecovery(losingAnswers(database), recovery, helper, Date.now());
    expect(consented.outcome).toBe('consented');
    expect(await cancelRecovery(losingAnswers(database), recovery, Date.now())).toBe('cancelled');
  });
});

it('a consent of a member who was removed a moment before is refused, though the gateway still knows it', async () => {
  const { organizationId, recovery, helper: userId } = await lockedOut();
  const remembered = { ...table, authority: { organizationId, userId, role: 'user' as const } };
  await removeMember(table, { organizationId, userId, by: 'owner', now: Date.now() });
  await expect(consentToRecovery(remembered, recovery, userId, Date.now())).rejects.toThrow(LostAuthority);
  expect(await readRecovery(table, recovery)).not.toHaveProperty('consentedBy');
});

it('a minute after a completion the schedule ends what the old user had there, and nothing of anybody else', async () => {
  const person = await ready();
  const { pool, organizationId, userId, helper } = person;
  const key = async (of: string, createdBy: string) => {
    const request = { organizationId, userId: of, name: 'CI', scope: 'full', expiresAt: null } as const;
    const made = await createApiKey(table, request, { createdBy, now: Date.now() });
    return 'apiKey' in made ? made.apiKey.id : '';
  };
  await key(userId, userId);
  await key(helper, userId);
  const kept = await key(helper, helper);
  const request = { organizationId, email: `n${++people}@a.example`, role: 'user', invitedBy: userId } as const;
  await inviteOne(table, { ...request, expiresAt: Date.now() + 600_000 }, Date.now());
  const start = (sessionId: string, of: string) =>
    activateFloating(table, pool, { sessionId, userId: of, machineId: 'm' });
  await start('theirs', userId);
  await start('other', helper);
  const licensed = await createLicensedPool(table, 2, 0);
  const second = await ready('user', licensed);
  await grantLicense(table, licensed, second.userId);

  for (const each of [person, second]) expect(await complete(each)).toMatchObject({ outcome: 'member' });
  await feed.caughtUp();
  await feed.settle(Date.now() + rightLingersMs);
  expect((await readOpenKeys(table, organizationId)).map(({ id }) => id)).toEqual([kept]);
  expect(await readOpenInvitations(table, organizationId, Date.now())).toEqual([]);
  expect((await readSession(table, pool, 'theirs'))?.endedReason).toBe('user-removed');
  expect(await holders(table, pool)).toEqual(['other']);
  expect(await licensedUsers(table, licensed)).toEqual([]);
});
