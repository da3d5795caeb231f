import { beforeAll, describe, expect, it } from 'vitest';
import { seatClaim } from '../../../shared/domain/seat.ts';
import { activateLicensed } from '../../../shared/table/activations/activate-licensed.ts';
import { heartbeatLicensed } from '../../../shared/table/activations/heartbeat-licensed.ts';
import { readLicense } from '../../../shared/table/items/licenses.ts';
import { readMachine } from '../../../shared/table/items/machines.ts';
import { readSession } from '../../../shared/table/items/sessions.ts';
import { grantLicense } from '../../../shared/table/licensed-users/grant-license.ts';
import { listLicensed } from '../../../shared/table/licensed-users/list-licensed-users.ts';
import { removeLicense } from '../../../shared/table/licensed-users/remove-license.ts';
import { type Transferred, transferLicense } from '../../../shared/table/licensed-users/transfer-license.ts';
import { deactivateSession } from '../../../shared/table/removals/deactivate.ts';
import { removeMember } from '../../../shared/table/removals/remove-member.ts';
import { settleClaim } from '../../../shared/table/schedule/settle-due.ts';
import { keys, type Pool } from '../../../shared/table/store/keys.ts';
import { type Table, update } from '../../../shared/table/store/table.ts';
import { createDatabase, createPool, type Database, type TestPool } from '../support/database.ts';
import { activateAs, createLicensedPool, licensedUsers } from '../support/licensed-pool.ts';
import { deathsOf, dying } from '../support/requests/places.ts';
import { clockAt, fastClock, heldSeats } from '../support/sessions.ts';

let database: Database;
let table: Table;
/** Each group of tests has a database of its own: to see every session of a pool, its whole table is read. */
const withDatabase = () =>
  beforeAll(async () => {
    database = await createDatabase();
    table = database.client();
  });

/** What a test does: the ones of `users` are granted a license and online before it begins. */
interface Case {
  users: [string, string];
  pool: TestPool;
}
type Work = (by: Table, at: Case) => Promise<unknown>;

const grant: Work = (by, { pool, users: [, other] }) => grantLicense(by, pool, other, fastClock());
const remove: Work = (by, { pool, users: [one] }) => removeLicense(by, pool, one, Date.now());
const transfer: Work = (by, { pool, users: [from, to] }) => transferLicense(by, pool, { from, to }, fastClock());
const activate: Work = (by, { pool, users: [one] }) => activateAs(by, pool, one, 'newer', fastClock());

const prepared = async (): Promise<Case> => {
  const pool = await createLicensedPool(table, 2, 2);
  const users = pool.users as [string, string];
  // The older session lives on while a test looks at it a minute later.
  await pool.set({ leaseSeconds: 300 });
  await grantLicense(table, pool, users[0]);
  await activateAs(table, pool, users[0], 'older');
  return { pool, users };
};

interface Operation {
  work: Work;
  requests: number;
  licensed: (at: Case) => string[];
  /** Why the older session ends, if not because its user activates another one. */
  ends?: string;
}
const operations: Record<string, Operation> = {
  'a grant': { work: grant, requests: 7, licensed: ({ users }) => [...users].sort() },
  'a removal': { work: remove, requests: 10, licensed: () => [], ends: 'user-removed' },
  'a transfer': { work: transfer, requests: 22, licensed: ({ users: [, to] }) => [to], ends: 'license-transferred' },
  'an activation': { work: activate, requests: 10, licensed: ({ users: [one] }) => [one] },
};

describe.each(Object.entries(operations))('%s that dies', (_, { work, requests, licensed, ends }) => {
  withDatabase();
  it('costs as many requests as it is known to', async () => {
    const at = await prepared();
    let count = 0;
    const counting = database.client({
      request: (_, send) => {
        count++;
        return send();
      },
    });
    await work(counting, at);
    expect(count).toBe(requests);
  });
  const deaths = () => deathsOf(database, async (by) => work(by, await prepared()));
  it('anywhere is completed by its repetition', async () => {
    for (const death of await deaths()) {
      const at = await prepared();
      await expect(work(dying(database, death), at)).rejects.toThrow('injected');
      await work(table, at);
      expect(await licensedUsers(table, at.pool), JSON.stringify(death)).toEqual(licensed(at));
    }
  });
  it('anywhere is in nobody’s way, and breaks no quota', async () => {
    for (const death of await deaths()) {
      const at = await prepared();
      await expect(work(dying(database, death), at)).rejects.toThrow('injected');
      const [one, other] = at.users;
      // A minute later a claim that was left is free; whoever comes meets what is left of the rest. The one who is to get
      // the license comes first: a transfer that was begun goes on then.
      const later = fastClock(Date.now() + 61_000);
      for (const user of [other, one]) {
        expect(['acquired', 'renewed']).toContain((await grantLicense(table, at.pool, user, later)).outcome);
        expect(['acquired', 'renewed']).toContain(
          (await activateAs(table, at.pool, user, `of-${user}`, later)).outcome,
        );
      }
      expect(await licensedUsers(table, at.pool)).toEqual([one, other].sort());
      const older = await readSession(table, at.pool, 'older');
      expect(older?.status).toBe('ended');
      expect(['logged-in-elsewhere', ends]).toContain(older?.endedReason);
    }
  });
});

describe('a transfer', () => {
  withDatabase();
  const outcome = async (pool: Pool, from = '', to = '') => (await transferLicense(table, pool, { from, to })).outcome;

  it('needs a subscription of its kind that is in force, and a giver with a license', async () => {
    const pool = await createLicensedPool(table, 2, 3);
    const [from, to, former] = pool.users as [string, string, string];
    for (const user of [from, former]) await grantLicense(table, pool, user);
    expect(await outcome({ ...pool, product: 'NONE' }, from, to)).toBe('missing');
    await removeLicense(table, pool, former, Date.now());
    for (const without of [to, former]) expect(await outcome(pool, without, to)).toBe('not-licensed');
    await pool.set({ suspended: true });
    expect(await outcome(pool, from, to)).toBe('suspended');
    await pool.set({ expiresAt: Date.now() - 1 });
    expect(await outcome(pool, from, to)).toBe('expired');
    await pool.set({});
    expect(await outcome(pool, from, to)).toBe('transferred');
    const floating = await createPool(table, {}, { members: 2 });
    expect(await outcome(floating, ...floating.users)).toBe('floating');
  });

  it('is told as made when it is repeated, and only then', async () => {
    const pool = await createLicensedPool(table, 4, 4);
    const [one, other, next, fourth] = pool.users as [string, string, string, string];
    for (const user of [one, other]) await grantLicense(table, pool, user);
    expect(await outcome(pool, one, next)).toBe('transferred');
    expect(await outcome(pool, other, fourth)).toBe('transferred');
    expect(await outcome(pool, one, next)).toBe('transferred');
    expect(await outcome(pool, one, fourth)).toBe('licensed-already');
    expect(await outcome(pool, 'usr_nobody', fourth)).toBe('licensed-already');
    await grantLicense(table, pool, other);
    expect(await outcome(pool, one, other)).toBe('licensed-already');
    expect(await outcome(pool, other, fourth)).toBe('licensed-already');
  });

  it('is not told as made once its giver had another license since', async () => {
    const pool = await createLicensedPool(table, 2, 2);
    const [from, to] = pool.users as [string, string];
    await grantLicense(table, pool, from);
    expect(await outcome(pool, from, to)).toBe('transferred');
    await grantLicense(table, pool, from);
    await removeLicense(table, pool, from, Date.now());
    expect(await outcome(pool, from, to)).toBe('licensed-already');
  });

  it.each([
    ['removed', 'not-licensed', [] as const],
    ['removed and granted to the recipient', 'licensed-already', ['recipient'] as const],
  ])('whose giver’s license is %s just before the seat moves is not made', async (how, answer, left) => {
    const pool = await createLicensedPool(table, 1, 2);
    const [from, to] = pool.users as [string, string];
    await grantLicense(table, pool, from);
    let isOver = false;
    const by = database.client({
      request: async ({ name, input }, send) => {
        if (!isOver && name === 'UpdateItem' && String(input.Key.sk).startsWith('SEAT#')) {
          isOver = true;
          await removeLicense(table, pool, from, Date.now());
          if (how !== 'removed') await grantLicense(table, pool, to);
        }
        return send();
      },
    });
    expect((await transferLicense(by, pool, { from, to })).outcome).toBe(answer);
    expect(await licensedUsers(table, pool)).toEqual(left.map(() => to));
  });

  it('keeps what is known of the recipient’s last use, as a new grant does', async () => {
    const pool = await createLicensedPool(table, 2, 2);
    const [from, to] = pool.users as [string, string];
    await grantLicense(table, pool, from);
    await grantLicense(table, pool, to);
    await activateAs(table, pool, to, 'a');
    const lastMachineId = 'machine-of-a';
    await removeLicense(table, pool, to, Date.now());
    expect(await outcome(pool, from, to)).toBe('transferred');
    expect(await readLicense(table, pool, to)).toMatchObject({ lastMachineId, status: 'active' });
    await removeLicense(table, pool, to, Date.now());
    await grantLicense(table, pool, to);
    expect(await readLicense(table, pool, to)).toMatchObject({ lastMachineId, status: 'active' });
  });

  it('that died anywhere does not outlast the removal of the recipient’s license', async () => {
    for (const death of await deathsOf(database, async (by) => transfer(by, await prepared()))) {
      const at = await prepared();
      const [from, to] = at.users;
      await expect(transfer(dying(database, death), at)).rejects.toThrow('injected');
      expect(['removed', 'missing']).toContain(await removeLicense(table, at.pool, to, Date.now()));
      // The giver has its seat, or no license.
      for (const user of await licensedUsers(table, at.pool)) expect(user, JSON.stringify(death)).toBe(from);
      await removeLicense(table, at.pool, from, Date.now());
      expect(await licensedUsers(table, at.pool), JSON.stringify(death)).toEqual([]);
    }
  });
});

describe('the list of licensed users', () => {
  withDatabase();
  it('has the members with a license, in pages, also those alone who have not used it since a time', async () => {
    const pool = await createLicensedPool(table, 4, 4);
    const [one, other, removed, former] = pool.users as [string, string, string, string];
    for (const user of pool.users) await grantLicense(table, pool, user);
    await activateAs(table, pool, other, 'a');
    await removeLicense(table, pool, removed, Date.now());
    const { organizationId } = pool;
    await update(table, {
      Key: keys.member(organizationId, former),
      UpdateExpression: 'SET removedAt = :now',
      ExpressionAttributeValues: { ':now': Date.now() },
    });
    await update(table, {
      Key: keys.license(pool, one),
      UpdateExpression: 'SET licensedAt = :then',
      ExpressionAttributeValues: { ':then': 1000 },
    });
    const usersOf = async (options: Parameters<typeof listLicensed>[2]) =>
      (await listLicensed(table, pool, options)).items.map(({ license, member }) => [license.userId, member.userId]);
    const twice = (users: string[]) => users.toSorted().map((user) => [user, user]);
    expect(await usersOf({ limit: 9 })).toEqual(twice([one, other, former]));
    expect(await usersOf({ limit: 9, unusedSince: 2000 })).toEqual(twice([one]));
    const first = await listLicensed(table, pool, { limit: 1 });
    expect(first.items).toHaveLength(1);
    const rest = await listLicensed(table, pool, { limit: 9, after: first.next! });
    expect(rest.items).toHaveLength(2);
    expect(rest.next).toBeUndefined();
  });
});

describe('all at once', () => {
  withDatabase();
  it('grants, removals, transfers and activations of the same users leave nothing half done', async () => {
    for (let round = 0; round < 8; round++) {
      const pool = await createLicensedPool(table, 2, 4);
      const [a = '', b = '', c = '', d = ''] = pool.users;
      await Promise.all([grantLicense(table, pool, a), grantLicense(table, pool, b)]);
      await Promise.all([
        transferLicense(table, pool, { from: a, to: c }),
        transferLicense(table, pool, { from: b, to: c }),
        transferLicense(table, pool, { from: a, to: d }),
        removeLicense(table, pool, a, Date.now()),
        grantLicense(table, pool, c),
        grantLicense(table, pool, d),
        ...[a, b, c, d].flatMap((user) => [
          activateAs(table, pool, user, `x-${user}`),
          activateAs(table, pool, user, `y-${user}`),
          activateAs(table, pool, user, 'the-same-session'),
        ]),
      ]);
      expect((await licensedUsers(table, pool)).length).toBeLessThanOrEqual(2);
    }
  });
  it('a transfer that is asked for twice at once is made once, and both are told so', async () => {
    for (let round = 0; round < 10; round++) {
      const pool = await createLicensedPool(table, 2, 2);
      const [from = '', to = ''] = pool.users;
      await grantLicense(table, pool, from);
      const asked = () => transferLicense(table, pool, { from, to });
      const outcomes = (await Promise.all([asked(), asked()])).map(({ outcome }) => outcome);
      expect(outcomes).toEqual(['transferred', 'transferred']);
      expect(await licensedUsers(table, pool)).toEqual([to]);
    }
  });
  it.each(['is removed', 'is being removed by a request that dies'])(
    'a transfer to one who meanwhile %s is not made, and the license stays where it was',
    async (how) => {
      const pool = await createLicensedPool(table, 2, 2);
      const [from = '', to = ''] = pool.users;
      await grantLicense(table, pool, from);
      const { organizationId } = pool;
      let intent = false;
      let removed = false;
      const dyingAfterSeats = database.client({
        request: async ({ input }, send) => {
          const output = await send();
          if (String(input.Key?.sk).startsWith('SEAT#')) throw new Error('injected');
          return output;
        },
      });
      const remover = how === 'is removed' ? table : dyingAfterSeats;
      const late = database.client({
        request: async ({ name }, send) => {
          // The read of the member, once the intent is there.
          if (name === 'GetItem' && intent && !removed) {
            removed = true;
            await removeMember(remover, { organizationId, userId: to, by: 'owner', now: Date.now() }).catch(
              () => 'died',
            );
          }
          intent ||= name === 'PutItem';
          return send();
        },
      });
      expect(await transferLicense(late, pool, { from, to })).toEqual({ outcome: 'missing' });
      expect(removed).toBe(true);
      expect(await licensedUsers(table, pool)).toEqual([from]);
    },
  );
  it.each([
    ['before its seat moves', 'SEAT#', false],
    ['before it is complete', 'LICENSE#', false],
    ['before it is complete, by a removal that dies', 'LICENSE#', true],
  ])('a transfer whose license is taken away at once, %s, was made, and is told so', async (_, kind, dies) => {
    const pool = await createLicensedPool(table, 2, 2);
    const [from = '', to = ''] = pool.users;
    await grantLicense(table, pool, from);
    const recipient = keys.license(pool, to);
    // It dies before it frees the seat.
    const dyingOnceEnded = database.client({
      request: async ({ name, input }, send) => {
        const output = await send();
        if (name === 'UpdateItem' && input.Key.sk === recipient.sk && input.UpdateExpression.includes('endedReason'))
          throw new Error('injected');
        return output;
      },
    });
    let verified = false;
    let removed: string | undefined;
    const late = database.client({
      request: async ({ name, input }, send) => {
        const isNext = kind === 'SEAT#' || input.Key?.sk === recipient.sk;
        if (name === 'UpdateItem' && verified && isNext && !removed)
          removed = await removeLicense(dies ? dyingOnceEnded : table, pool, to, Date.now()).catch(() => 'died');
        verified ||= String(input.UpdateExpression).includes('verified');
        return send();
      },
    });
    expect((await transferLicense(late, pool, { from, to })).outcome).toBe('transferred');
    expect(removed).toBe(dies ? 'died' : 'removed');
    expect(await licensedUsers(table, pool)).toEqual([]);
  });
  it.each<[string, Transferred['outcome'], number, (pool: TestPool, to: string, third: string) => Promise<unknown>]>([
    ['drops it', 'transferred', 10 + 17, (pool, to) => activateAs(table, pool, to, 'early')],
    ['grants its recipient a license', 'licensed-already', 10 + 1, (pool, to) => grantLicense(table, pool, to)],
    [
      'hands its recipient another license',
      'licensed-already',
      10 + 1,
      (pool, to, third) => transferLicense(table, pool, { from: third, to }),
    ],
  ])(
    'a transfer, before whose verification another request %s, begins again, and does no more',
    async (_, outcome, requests, other) => {
      const pool = await createLicensedPool(table, 3, 3);
      const [from = '', to = '', third = ''] = pool.users;
      for (const user of [from, third]) await grantLicense(table, pool, user);
      let met = false;
      let count = 0;
      const late = database.client({
        request: async ({ input }, send) => {
          count++;
          if (!met && String(input.UpdateExpression).includes('verified')) {
            met = true;
            await other(pool, to, third);
          }
          return send();
        },
      });
      expect((await transferLicense(late, pool, { from, to }, fastClock())).outcome).toBe(outcome);
      expect(met).toBe(true);
      expect(count).toBe(requests);
      await licensedUsers(table, pool);
    },
  );
  /** A grant that waits before it puts its record, and the work that lets it go on to its end. */
  const halted = async (pool: Pool, userId: string) => {
    const reached = Promise.withResolvers<void>();
    const open = Promise.withResolvers<void>();
    const waits = database.client({
      request: async ({ name }, send) => {
        if (name === 'PutItem') {
          reached.resolve();
          await open.promise;
        }
        return send();
      },
    });
    const granted = grantLicense(waits, pool, userId, fastClock());
    await reached.promise;
    return () => {
      open.resolve();
      return granted;
    };
  };
  it('a grant to the recipient of a transfer, which read the license before, does not undo it', async () => {
    const pool = await createLicensedPool(table, 2, 2);
    const [from = '', to = ''] = pool.users;
    for (const user of [from, to]) await grantLicense(table, pool, user);
    await removeLicense(table, pool, to, Date.now());
    const grantOn = await halted(pool, to);
    let verified = false;
    let granted: string | undefined;
    const late = database.client({
      request: async ({ name, input }, send) => {
        if (verified && !granted && name === 'UpdateItem') granted = (await grantOn()).outcome;
        verified ||= String(input.UpdateExpression).includes('verified');
        return send();
      },
    });
    expect((await transferLicense(late, pool, { from, to })).outcome).toBe('transferred');
    expect(granted).toBe('renewed');
    expect(await licensedUsers(table, pool)).toEqual([to]);
  });
  it('a grant that is complete before the check of its claim voids it keeps its seat, and is checked again', async () => {
    const pool = await createLicensedPool(table, 1, 1);
    const [user = ''] = pool.users;
    const now = Date.now();
    const grantOn = await halted(pool, user);
    const [seat] = await heldSeats(table, pool, now);
    let granted: string | undefined;
    const late = database.client({
      request: async ({ name }, send) => {
        if (name === 'PutItem') granted = (await grantOn()).outcome;
        return send();
      },
    });
    expect(await settleClaim(late, pool, seatClaim(seat!), { now })).toBeGreaterThan(now);
    expect(granted).toBe('acquired');
    expect(await licensedUsers(table, pool)).toEqual([user]);
  });
  it.each(['before it uses its license', 'before it is recorded'])(
    'an activation that registered its machine and finds its session ID taken %s leaves none registered',
    async (when) => {
      const pool = await createLicensedPool(table, 2, 2);
      const [one = '', other = ''] = pool.users;
      await Promise.all([grantLicense(table, pool, one), grantLicense(table, pool, other)]);
      let registered = false;
      let begun = false;
      const late = database.client({
        request: async ({ name, input }, send) => {
          // Before the use is claimed, with the license changed meanwhile; or before the session is recorded.
          const isNext =
            when === 'before it is recorded'
              ? String(input.Item?.pk).startsWith('SESSION#')
              : String(input.UpdateExpression).includes('inUse = :use');
          if (registered && isNext && !begun) {
            begun = true;
            await activateLicensed(table, pool, { sessionId: 'same', userId: one, machineId: 'first' });
            if (when === 'before it uses its license') {
              const passing = { sessionId: 'passing', userId: other, machineId: 'first' };
              await activateLicensed(table, pool, passing);
              const by = { sessionId: 'passing', userId: other, mayForce: false };
              await deactivateSession(table, pool, by, Date.now());
            }
          }
          registered ||= name === 'PutItem' && String(input.Item?.sk).startsWith('MACHINE#');
          return send();
        },
      });
      const request = { sessionId: 'same', userId: other, machineId: 'second' };
      expect((await activateLicensed(late, pool, request, fastClock())).outcome).toBe('conflict');
      expect(begun).toBe(true);
      expect((await readMachine(table, pool, 'second'))?.status).toBe('ended');
      await licensedUsers(table, pool);
    },
  );
  it.each([
    ['a grant', (by: Table, pool: TestPool, _: string, to: string) => grantLicense(by, pool, to)],
    ['a transfer', (by: Table, pool: TestPool, from: string, to: string) => transferLicense(by, pool, { from, to })],
  ])('%s to a member who is removed after its first look gives the removed member no license', async (_, work) => {
    const pool = await createLicensedPool(table, 2, 2);
    const { organizationId } = pool;
    const [from = '', to = ''] = pool.users;
    await grantLicense(table, pool, from);
    let removed: string | undefined;
    const overtaken = database.client({
      request: async ({ name }, send) => {
        if (!removed && (name === 'UpdateItem' || name === 'PutItem'))
          removed = await removeMember(table, { organizationId, userId: to, by: 'owner', now: Date.now() });
        return send();
      },
    });
    expect((await work(overtaken, pool, from, to)).outcome).toBe('missing');
    expect(removed).toBe('removed');
    expect(await licensedUsers(table, pool)).toEqual([from]);
  });
  it('two users with one session ID: it is one user’s, and the other is told so', async () => {
    const pool = await createLicensedPool(table, 2, 2);
    const [a = '', b = ''] = pool.users;
    await Promise.all([grantLicense(table, pool, a), grantLicense(table, pool, b)]);
    const activated = await Promise.all([a, b].map((user) => activateAs(table, pool, user, 'same')));
    // On two machines: each is for the other a conflict.
    expect(activated.map(({ outcome }) => outcome).sort()).toEqual(['acquired', 'conflict']);
    await licensedUsers(table, pool);
  });
  it('two users with one session ID, of whom the first died before it was recorded: it stays the other’s', async () => {
    const pool = await createLicensedPool(table, 2, 2);
    const [a = '', b = ''] = pool.users;
    await Promise.all([grantLicense(table, pool, a), grantLicense(table, pool, b)]);
    const dies = database.client({
      request: ({ name, input }, send) => {
        if (name === 'PutItem' && String(input.Item?.pk).startsWith('SESSION#')) throw new Error('injected');
        return send();
      },
    });
    await expect(activateAs(dies, pool, a, 'same')).rejects.toThrow('injected');
    const theirs = await activateAs(table, pool, b, 'same');
    if (theirs.outcome !== 'acquired') throw new Error(theirs.outcome);
    expect((await activateAs(table, pool, a, 'same')).outcome).toBe('conflict');
    const { number: seat, fence } = theirs.seat;
    const beat = { sessionId: 'same', userId: b, seat, fence };
    expect((await heartbeatLicensed(table, pool, beat, Date.now())).outcome).toBe('extended');
    await licensedUsers(table, pool);
  });
  it('a displaced session ends as logged-in-elsewhere, also if another member asks for its ID first', async () => {
    const pool = await createLicensedPool(table, 2, 2);
    const [a = '', b = ''] = pool.users;
    await Promise.all([grantLicense(table, pool, a), grantLicense(table, pool, b)]);
    await activateAs(table, pool, a, 'same');
    const dies = database.client({
      request: ({ name, input }, send) => {
        if (name === 'PutItem' && String(input.Item?.pk).startsWith('SESSION#')) throw new Error('injected');
        return send();
      },
    });
    await expect(activateAs(dies, pool, a, 'newer')).rejects.toThrow('injected');
    expect((await activateAs(table, pool, b, 'same')).outcome).toBe('ended');
    expect(await readSession(table, pool, 'same')).toMatchObject({ userId: a, endedReason: 'logged-in-elsewhere' });
  });
  it('a heartbeat that arrives while a newer session takes over never revives the older one', async () => {
    const pool = await createLicensedPool(table, 1, 1);
    const [user = ''] = pool.users;
    await grantLicense(table, pool, user);
    for (let round = 0; round < 10; round++) {
      const older = await activateAs(table, pool, user, `older-${round}`);
      if (older.outcome !== 'acquired') throw new Error(older.outcome);
      const { number: seat, fence } = older.seat;
      const beat = () =>
        heartbeatLicensed(table, pool, { sessionId: `older-${round}`, userId: user, seat, fence }, Date.now());
      const [newer] = await Promise.all([activateAs(table, pool, user, `newer-${round}`), beat(), beat()]);
      expect(newer.outcome).toBe('acquired');
      expect(await beat()).toEqual({ outcome: 'ended', reason: 'logged-in-elsewhere' });
      expect((await readLicense(table, pool, user))?.inUse?.sessionId).toBe(`newer-${round}`);
    }
  });
  it('a release and a newer session: the released one has one reason', async () => {
    const pool = await createLicensedPool(table, 1, 1);
    const [user = ''] = pool.users;
    await grantLicense(table, pool, user);
    for (let round = 0; round < 10; round++) {
      await activateAs(table, pool, user, `older-${round}`);
      const by = { sessionId: `older-${round}`, userId: user, mayForce: false };
      await Promise.all([
        activateAs(table, pool, user, `newer-${round}`),
        deactivateSession(table, pool, by, Date.now()),
      ]);
      const ended = await readSession(table, pool, `older-${round}`);
      expect(ended?.status).toBe('ended');
      expect(['released', 'logged-in-elsewhere']).toContain(ended?.endedReason);
      expect((await readLicense(table, pool, user))?.inUse?.sessionId).toBe(`newer-${round}`);
    }
    await licensedUsers(table, pool);
  });
  it('a slow activation of a user who lost the license is not answered with another member’s session of the same ID', async () => {
    const pool = await createLicensedPool(table, 1, 2);
    await pool.set({ licenseType: 'per-user', quota: 1, leaseSeconds: 5 });
    const [one = '', other = ''] = pool.users;
    await grantLicense(table, pool, one);
    const later = clockAt(() => Date.now() + 6000);
    const dies = database.client({
      request: async ({ input }, send) => {
        const output = await send();
        if (String(input.UpdateExpression).includes('closedUse')) throw new Error('injected');
        return output;
      },
    });
    const isRecord = (input: { Item?: { pk: string } }) => input.Item?.pk === keys.session(pool, 's').pk;
    let overtaken = false;
    const slow = database.client({
      request: async ({ name, input }, send) => {
        if (!overtaken && name === 'PutItem' && isRecord(input)) {
          overtaken = true;
          // Its lease ends, so that its session on another machine closes the use; then the other user gets the license.
          const elsewhere = { sessionId: 's', userId: one, machineId: 'elsewhere' };
          await expect(activateLicensed(dies, pool, elsewhere, later)).rejects.toThrow('injected');
          await transferLicense(table, pool, { from: one, to: other }, later);
          expect((await activateAs(table, pool, other, 's', later)).outcome).toBe('acquired');
        }
        return send();
      },
    });
    expect((await activateAs(slow, pool, one, 's')).outcome).toBe('not-licensed');
    expect(overtaken).toBe(true);
    expect(await readSession(table, pool, 's')).toMatchObject({ status: 'active', userId: other });
  });
});

describe('a removal on condition that the license is unused', () => {
  withDatabase();
  const hour = 3_600_000;
  /** A user whose license was granted an hour ago, and who worked with it then if `session` is given. */
  const unusedFor = async (session?: string) => {
    const pool = await createLicensedPool(table, 1, 1);
    const [user = ''] = pool.users;
    await grantLicense(table, pool, user);
    if (session) await activateAs(table, pool, user, session);
    await update(table, {
      Key: keys.license(pool, user),
      UpdateExpression: `SET licensedAt = :then${session ? ', inUse.activeAt = :then' : ''}`,
      ExpressionAttributeValues: { ':then': Date.now() - hour },
    });
    return { pool, user };
  };
  const removeUnused = (by: Table, pool: TestPool, user: string, unusedSince = Date.now() - hour / 2) =>
    removeLicense(by, pool, user, Date.now(), { unusedSince });
  /** Does something between the read of the license and the write that ends it. */
  const overtaken = (deed: () => Promise<unknown>) => {
    let done = false;
    return database.client({
      request: async ({ name, input }, send) => {
        if (!done && name === 'UpdateItem' && String(input.UpdateExpression).includes('endedReason')) {
          done = true;
          await deed();
        }
        return send();
      },
    });
  };

  it('takes an unused license away, in use or not, and may be repeated', async () => {
    for (const session of [undefined, 'idle']) {
      const { pool, user } = await unusedFor(session);
      expect(await removeUnused(table, pool, user)).toBe('removed');
      expect(await licensedUsers(table, pool)).toEqual([]);
      expect(await removeUnused(table, pool, user)).toBe('removed');
    }
  });
  it('leaves a license that was granted or used since then', async () => {
    const { pool, user } = await unusedFor();
    expect(await removeUnused(table, pool, user, Date.now() - 2 * hour)).toBe('used');
    await activateAs(table, pool, user, 'back');
    expect(await removeUnused(table, pool, user)).toBe('used');
    expect(await licensedUsers(table, pool)).toEqual([user]);
  });
  it('tells of a license that is gone that it is removed, though its user worked with it', async () => {
    const { pool, user } = await unusedFor();
    await activateAs(table, pool, user, 'back');
    expect(await removeLicense(table, pool, user, Date.now())).toBe('removed');
    expect(await removeUnused(table, pool, user)).toBe('removed');
  });
  it('leaves a license that its user takes up between the read and the write', async () => {
    const { pool, user } = await unusedFor();
    const by = overtaken(() => activateAs(table, pool, user, 'back'));
    expect(await removeUnused(by, pool, user)).toBe('used');
    expect((await readLicense(table, pool, user))?.inUse?.sessionId).toBe('back');
    expect(await licensedUsers(table, pool)).toEqual([user]);
  });
  it('leaves a license whose user goes on to work between the read and the write', async () => {
    const { pool, user } = await unusedFor('idle');
    const { number: seat = 0, inUse } = (await readLicense(table, pool, user)) ?? {};
    const beat = { sessionId: 'idle', userId: user, seat, fence: inUse?.fence ?? 0 };
    const by = overtaken(() => heartbeatLicensed(table, pool, beat, Date.now()));
    expect(await removeUnused(by, pool, user)).toBe('used');
    expect(await readSession(table, pool, 'idle')).toMatchObject({ status: 'active' });
    expect(await licensedUsers(table, pool)).toEqual([user]);
  });
  it('leaves a license that was used and given back between the read and the write', async () => {
    const { pool, user } = await unusedFor();
    const by = overtaken(async () => {
      await activateAs(table, pool, user, 'short');
      await deactivateSession(table, pool, { sessionId: 'short', userId: user, mayForce: false }, Date.now());
    });
    expect(await removeUnused(by, pool, user)).toBe('used');
    expect(await licensedUsers(table, pool)).toEqual([user]);
  });
  it('takes the license away whose end was written, but whose answer was lost', async () => {
    const { pool, user } = await unusedFor();
    const by = database.client({
      request: async ({ input }, send) => {
        const output = await send();
        if (String(input.UpdateExpression).includes('endedReason')) throw new Error('injected');
        return output;
      },
    });
    await expect(removeUnused(by, pool, user)).rejects.toThrow('injected');
    expect(await removeUnused(table, pool, user)).toBe('removed');
    expect(await licensedUsers(table, pool)).toEqual([]);
  });
});

describe('a displaced session', () => {
  withDatabase();
  it('whose use was not recorded does not end another member’s session of the same ID', async () => {
    const pool = await createLicensedPool(table, 2, 2);
    const [one = '', other = ''] = pool.users;
    for (const user of [one, other]) await grantLicense(table, pool, user);
    for (const session of ['x', 'y']) await activateAs(table, pool, one, session);
    let used = false;
    const dies = database.client({
      request: async ({ name, input }, send) => {
        if (name === 'PutItem' && String(input.Item.pk).startsWith('SESSION#')) throw new Error('injected');
        // It has read that nobody has the session.
        if (name === 'UpdateItem' && String(input.UpdateExpression).includes('inUse') && !used) {
          used = true;
          expect((await activateAs(table, pool, other, 's')).outcome).toBe('acquired');
        }
        return send();
      },
    });
    await expect(activateAs(dies, pool, one, 's')).rejects.toThrow('injected');
    expect((await activateAs(table, pool, one, 'z')).outcome).toBe('acquired');
    expect(await readSession(table, pool, 's')).toMatchObject({ status: 'active', userId: other });
    expect((await activateAs(table, pool, other, 's')).outcome).toBe('renewed');
  });

  it('that was never recorded is refused when it is repeated, and ends no newer one, also before that has told its end', async () => {
    const pool = await createLicensedPool(table, 1, 1);
    const [user = ''] = pool.users;
    await grantLicense(table, pool, user);
    /** Dies before it records a session, but for `recorded`. */
    const dies = (recorded?: string) =>
      database.client({
        request: async ({ name, input }, send) => {
          if (name !== 'PutItem' || !String(input.Item?.pk).startsWith('SESSION#')) return send();
          if (input.Item.sessionId !== recorded) throw new Error('injected');
          return send();
        },
      });
    for (const earlier of ['released', undefined]) {
      const [first, second] = [`first-${earlier}`, `second-${earlier}`];
      if (earlier) {
        await activateAs(table, pool, user, first);
        await deactivateSession(table, pool, { sessionId: first, userId: user, mayForce: false }, Date.now());
      }
      await expect(activateAs(dies(), pool, user, first)).rejects.toThrow('injected');
      // It is recorded, and dies before it ends the first session.
      await expect(activateAs(dies(second), pool, user, second)).rejects.toThrow('injected');
      expect(await activateAs(table, pool, user, first)).toMatchObject({
        outcome: 'ended',
        reason: 'logged-in-elsewhere',
      });
      expect((await activateAs(table, pool, user, second)).outcome).toBe('renewed');
    }
    expect(await licensedUsers(table, pool)).toEqual([user]);
  });

  it('that another member has begun anew is that member’s, and its first user is told so at once', async () => {
    const pool = await createLicensedPool(table, 2, 2);
    const [one = '', other = ''] = pool.users;
    for (const user of [one, other]) await grantLicense(table, pool, user);
    const lapsed = await activateAs(table, pool, one, 'same');
    if (lapsed.outcome !== 'acquired') throw new Error(lapsed.outcome);
    const later = fastClock(lapsed.seat.hold.availableAt + 1);
    expect((await activateAs(table, pool, one, 'newer', later)).outcome).toBe('acquired');
    expect((await activateAs(table, pool, other, 'same', later)).outcome).toBe('acquired');
    expect(await activateAs(table, pool, one, 'same', later)).toMatchObject({ outcome: 'conflict', races: 0 });
    expect((await activateAs(table, pool, one, 'newer', later)).outcome).toBe('renewed');
  });

  it.each([
    ['removed', 'user-removed', remove],
    ['transferred', 'license-transferred', transfer],
  ])(
    'whose license is %s by a request that dies learns so, also once its user has a license on another seat',
    async (how, reason, work) => {
      const pool = await createLicensedPool(table, 1, 2);
      const at = { pool, users: pool.users as [string, string] };
      const [one, other] = at.users;
      await grantLicense(table, pool, one);
      const activated = await activateAs(table, pool, one, 's');
      if (activated.outcome !== 'acquired') throw new Error(activated.outcome);
      const dies = database.client({
        request: async ({ input }, send) => {
          const output = await send();
          if (String(input.UpdateExpression).includes('endedReason')) throw new Error('injected');
          return output;
        },
      });
      await expect(work(dies, at)).rejects.toThrow('injected');
      if (how === 'transferred') await pool.set({ quota: 2 });
      // The seat that the grant finds, and gives back, goes to the other user before it looks for one.
      let found = false;
      const overtaken = database.client({
        request: async ({ name, input }, send) => {
          const output = await send();
          if (how === 'removed' && !found && name === 'UpdateItem' && String(input.Key.sk).startsWith('SEAT#')) {
            found = true;
            await grantLicense(table, pool, other);
            await pool.set({ quota: 2 });
          }
          return output;
        },
      });
      const granted = await grantLicense(overtaken, pool, one);
      expect(granted).toMatchObject({ outcome: 'acquired', seat: { number: 2 } });
      expect(await activateAs(table, pool, one, 's')).toMatchObject({ outcome: 'ended', reason });
      const { number: seat, fence } = activated.seat;
      const beat = { sessionId: 's', userId: one, seat, fence };
      expect(await heartbeatLicensed(table, pool, beat, Date.now())).toEqual({ outcome: 'ended', reason });
      expect(await readSession(table, pool, 's')).toMatchObject({ status: 'ended', endedReason: reason });
      await grantLicense(table, pool, other);
      expect(await licensedUsers(table, pool)).toEqual([one, other].sort());
    },
  );

  it('learns logged-in-elsewhere, however often its record is written meanwhile', async () => {
    const pool = await createLicensedPool(table, 1, 1);
    const [user = ''] = pool.users;
    await grantLicense(table, pool, user);
    // The user's other sessions let the fences of the license grow; then the record of `x` is old, its new use unrecorded.
    expect((await activateAs(table, pool, user, 'x')).outcome).toBe('acquired');
    await deactivateSession(table, pool, { sessionId: 'x', userId: user, mayForce: false }, Date.now());
    const key = keys.session(pool, 'x');
    const isOfRecord = (name: string, input: { Item?: { pk: string } }) =>
      name === 'PutItem' && input.Item?.pk === key.pk;
    const dies = database.client({
      request: async ({ name, input }, send) => {
        if (isOfRecord(name, input)) throw new Error('injected');
        return send();
      },
    });
    await expect(activateAs(dies, pool, user, 'x')).rejects.toThrow('injected');
    const use = (await readLicense(table, pool, user))?.inUse;
    let writes = 0;
    const raced = database.client({
      request: async ({ name, input }, send) => {
        if (isOfRecord(name, input) && writes++ < 8)
          await update(table, {
            Key: key,
            UpdateExpression: 'SET revision = revision + :one',
            ExpressionAttributeValues: { ':one': 1 },
          });
        return send();
      },
    });
    expect((await activateAs(raced, pool, user, 'y')).outcome).toBe('acquired');
    expect(writes).toBe(9);
    const heartbeat = { sessionId: 'x', userId: user, seat: 1, fence: use?.fence ?? 0 };
    expect(await heartbeatLicensed(table, pool, heartbeat, Date.now())).toEqual({
      outcome: 'ended',
      reason: 'logged-in-elsewhere',
    });
  });
});
