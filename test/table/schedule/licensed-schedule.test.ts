import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seatOfUse } from '../../../shared/domain/license.ts';
import { checkClaimAfterMs } from '../../../shared/table/engine/unrecorded-claims.ts';
import { readLicense } from '../../../shared/table/items/licenses.ts';
import { claimOf, readSession } from '../../../shared/table/items/sessions.ts';
import { grantLicense } from '../../../shared/table/licensed-users/grant-license.ts';
import { removeLicense } from '../../../shared/table/licensed-users/remove-license.ts';
import { transferLicense } from '../../../shared/table/licensed-users/transfer-license.ts';
import { deactivateSession } from '../../../shared/table/removals/deactivate.ts';
import { removeMachine } from '../../../shared/table/removals/remove-machine.ts';
import { settleClaim } from '../../../shared/table/schedule/settle-due.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import type { TestPool } from '../support/database.ts';
import { activateAs, createLicensedPool, licensedUsers } from '../support/licensed-pool.ts';
import { deathsOf, dying } from '../support/requests/places.ts';
import { clockAt, fastClock } from '../support/sessions.ts';
import { openChangeFeed } from '../support/stream/change-feed.ts';

let feed: Awaited<ReturnType<typeof openChangeFeed>>;
beforeAll(async () => {
  feed = await openChangeFeed();
});
afterAll(() => feed.close());

interface Case {
  pool: TestPool;
  one: string;
  other: string;
}
/** `one` has a license and is online. */
const prepared = async (): Promise<Case> => {
  const pool = await createLicensedPool(feed.table, 2, 2);
  const [one = '', other = ''] = pool.users;
  await grantLicense(feed.table, pool, one);
  await activateAs(feed.table, pool, one, 'running');
  return { pool, one, other };
};

const operations: Record<string, (by: Table, at: Case) => Promise<unknown>> = {
  'a grant': (by, { pool, other }) => grantLicense(by, pool, other, fastClock()),
  'a removal': (by, { pool, one }) => removeLicense(by, pool, one, Date.now()),
  'a transfer': (by, { pool, one, other }) => transferLicense(by, pool, { from: one, to: other }, fastClock()),
};

describe('what was interrupted', () => {
  it.each(Object.entries(operations))('%s is completed by the schedule, or leaves nothing', async (_, work) => {
    const cases: Case[] = [];
    for (const death of await deathsOf(feed.database, async (by) => work(by, await prepared()))) {
      const at = await prepared();
      await work(dying(feed.database, death), at).catch(() => {});
      cases.push(at);
    }
    await feed.caughtUp();
    // The first run may void a claim that the second closes.
    await feed.settle(Date.now() + checkClaimAfterMs + 60_000);
    await feed.caughtUp();
    await feed.settle(Date.now() + 2 * checkClaimAfterMs + 120_000);
    for (const { pool, one, other } of cases) {
      const users = await licensedUsers(feed.table, pool);
      for (const user of users) expect([one, other]).toContain(user);
      // Nobody’s license was lost, and nobody got one who was not to.
      if (work === operations['a grant']) expect(users).toContain(one);
      if (work === operations['a transfer']) expect(users).toHaveLength(1);
      if (work === operations['a removal']) expect(users).not.toContain(other);
    }
  });
});

const preparations: ((pool: TestPool, userId: string) => Promise<unknown>)[] = [
  // Nobody uses the license.
  async () => {},
  // The session was released before.
  async (pool, userId) => {
    await activateAs(feed.table, pool, userId, 's');
    await deactivateSession(feed.table, pool, { sessionId: 's', userId, mayForce: false }, Date.now());
  },
  // It displaces another session.
  (pool, userId) => activateAs(feed.table, pool, userId, 'other'),
];

/** A client that dies so many requests after its license is in use. */
const dyingInUse = (requests: number): Table => {
  let left = Infinity;
  return feed.database.client({
    request: async ({ input }, send) => {
      if (left-- === 0) throw new Error('injected');
      const output = await send();
      if ((input as { UpdateExpression?: string }).UpdateExpression?.includes('inUse = :use')) left = requests;
      return output;
    },
  });
};

it('an activation that died leaves a user’s license free in minutes, long before the lease ends', async () => {
  const cases: TestPool[] = [];
  for (const prepare of preparations)
    for (const requests of [0, 1, 2]) {
      const pool = await createLicensedPool(feed.table, 1, 1);
      const [user = ''] = pool.users;
      await pool.set({ licenseType: 'per-user', quota: 1, leaseSeconds: 86_400 });
      await grantLicense(feed.table, pool, user);
      await prepare(pool, user);
      await activateAs(dyingInUse(requests), pool, user, 's').catch(() => {});
      expect((await readLicense(feed.table, pool, user))?.inUse).toMatchObject({ sessionId: 's' });
      cases.push(pool);
    }
  await feed.caughtUp();
  await feed.settle(Date.now() + 300_000);
  for (const pool of cases) expect(await licensedUsers(feed.table, pool)).toEqual(pool.users);
});

it('an activation that died is taken over by its repetition, even while the schedule frees the license', async () => {
  const pool = await createLicensedPool(feed.table, 1, 1);
  const [user = ''] = pool.users;
  await grantLicense(feed.table, pool, user);
  // The record of an earlier activation: to void the use, the schedule only moves it on.
  await activateAs(feed.table, pool, user, 's');
  await deactivateSession(feed.table, pool, { sessionId: 's', userId: user, mayForce: false }, Date.now());
  await activateAs(dyingInUse(0), pool, user, 's').catch(() => {});
  const { number = 0, inUse } = (await readLicense(feed.table, pool, user)) ?? {};
  const claim = claimOf({ sessionId: 's', number, fence: inUse!.fence });
  let repeated: Awaited<ReturnType<typeof activateAs>> | undefined;
  const schedule = feed.database.client({
    request: async ({ input }, send) => {
      if (input.UpdateExpression?.includes('REMOVE inUse')) repeated = await activateAs(feed.table, pool, user, 's');
      return send();
    },
  });
  const { hold } = seatOfUse({ number, userId: user }, inUse!);
  await settleClaim(schedule, pool, claim, { now: Date.now() + checkClaimAfterMs, hold });
  expect(repeated?.outcome).toBe('renewed');
  expect((await readLicense(feed.table, pool, user))?.inUse).toMatchObject({ sessionId: 's', fence: inUse!.fence });
  expect(await readSession(feed.table, pool, 's')).toMatchObject({ status: 'active', fence: inUse!.fence });
});

it('an activation on a removed machine ends as removed, even if a repetition misses the machine first', async () => {
  const pool = await createLicensedPool(feed.table, 1, 1);
  const [user = ''] = pool.users;
  await grantLicense(feed.table, pool, user);
  const blockedUntil = Date.now() + 3_600_000;
  const remove = (by: Table) => removeMachine(by, pool, 'machine-of-s', { blockedUntil, now: Date.now() });
  /** Stops once the machine is off the registered ones. */
  const stopping = feed.database.client({
    request: async ({ input }, send) => {
      const output = await send();
      if (input.ExpressionAttributeValues?.[':reason'] === 'machine-removed') throw new Error('injected');
      return output;
    },
  });
  const record = Promise.withResolvers<void>();
  const claimed = Promise.withResolvers<void>();
  const slow = feed.database.client({
    request: async ({ input }, send) => {
      if (input.Item?.sessionId) {
        claimed.resolve();
        await record.promise;
      }
      return send();
    },
  });
  const first = activateAs(slow, pool, user, 's');
  await claimed.promise;
  const repetition = feed.database.client({
    request: async ({ input }, send) => {
      if (!input.UpdateExpression?.includes('touchId')) return send();
      await remove(stopping).catch(() => {});
      const output = await send().catch((error: unknown) => error);
      record.resolve();
      await first;
      if (output instanceof Error) throw output;
      return output;
    },
  });
  await activateAs(repetition, pool, user, 's');
  expect(await first).toMatchObject({ outcome: 'acquired' });
  await remove(feed.table);
  expect(await readSession(feed.table, pool, 's')).toMatchObject({ status: 'ended', endedReason: 'machine-removed' });
  expect(await readLicense(feed.table, pool, user)).not.toHaveProperty('inUse');
});

it('a release that stopped before the license was out of use is finished', async () => {
  const { pool, one } = await prepared();
  const release = { sessionId: 'running', userId: one, mayForce: false };
  await expect(
    deactivateSession(dying(feed.database, { nth: 1, when: 'after' }), pool, release, Date.now()),
  ).rejects.toThrow();
  expect(await readLicense(feed.table, pool, one)).toHaveProperty('inUse');
  await feed.caughtUp();
  expect(await readLicense(feed.table, pool, one)).not.toHaveProperty('inUse');
});

describe('what lapsed or expired', () => {
  it('a licensed user’s session is closed with the time of its lapse, and the license stays', async () => {
    const pool = await createLicensedPool(feed.table, 1, 1);
    const [user = ''] = pool.users;
    const start = Date.now();
    await grantLicense(feed.table, pool, user);
    const clock = clockAt(start);
    await activateAs(feed.table, pool, user, 'a', clock);
    await feed.caughtUp();
    await feed.settle(start + 3_600_000);
    expect(await readSession(feed.table, pool, 'a')).toMatchObject({
      status: 'ended',
      endedReason: 'lease-expired',
      endedAt: start + 60_000,
    });
    expect(await licensedUsers(feed.table, pool)).toEqual([user]);
  });
  it('an expired subscription’s sessions end at its expiry, long before their leases do', async () => {
    const pool = await createLicensedPool(feed.table, 3, 3);
    await pool.set({ licenseType: 'per-user', quota: 3, leaseSeconds: 86_400 });
    for (const user of pool.users) {
      await grantLicense(feed.table, pool, user);
      await activateAs(feed.table, pool, user, `of-${user}`);
    }
    // No session ends before it was last told that it lives.
    const expiresAt = Date.now() + 10_000;
    await pool.set({ licenseType: 'per-user', quota: 3, leaseSeconds: 86_400, expiresAt });
    await feed.caughtUp();
    await feed.settle(expiresAt + 20_000);
    for (const user of pool.users)
      expect(await readSession(feed.table, pool, `of-${user}`)).toMatchObject({
        status: 'ended',
        endedReason: 'subscription-expired',
        endedAt: expiresAt,
      });
    expect(await licensedUsers(feed.table, pool)).toEqual([...pool.users].sort());
  });
});
