import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { License } from '../../../shared/domain/license.ts';
import type { Subscription } from '../../../shared/domain/subscription.ts';
import { activateLicensed } from '../../../shared/table/activations/activate-licensed.ts';
import { transferSession } from '../../../shared/table/activations/transfer-session.ts';
import { readLicense } from '../../../shared/table/items/licenses.ts';
import { readMachine } from '../../../shared/table/items/machines.ts';
import { readSession } from '../../../shared/table/items/sessions.ts';
import { readSubscription } from '../../../shared/table/items/subscriptions.ts';
import { grantLicense } from '../../../shared/table/licensed-users/grant-license.ts';
import { removeLicense } from '../../../shared/table/licensed-users/remove-license.ts';
import { transferLicense } from '../../../shared/table/licensed-users/transfer-license.ts';
import { registerMachine } from '../../../shared/table/machines/register-machine.ts';
import { removeMachine, removeMachineLicense } from '../../../shared/table/removals/remove-machine.ts';
import { endMachineHolds } from '../../../shared/table/session-ends/end-on-machine.ts';
import type { Pool } from '../../../shared/table/store/keys.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { createPool } from '../support/database.ts';
import { createLicensedPool } from '../support/licensed-pool.ts';
import { activateOn, registered, removeHalf } from '../support/machines.ts';
import { deathsOf, dying } from '../support/requests/places.ts';
import { clockAt } from '../support/sessions.ts';
import { openChangeFeed } from '../support/stream/change-feed.ts';

// A removal of a machine ends its record first, then what runs on it. One that dies between the two left that running.
let feed: Awaited<ReturnType<typeof openChangeFeed>>;
let table: Table;
beforeAll(async () => {
  feed = await openChangeFeed();
  table = feed.table;
});
afterAll(() => feed.close());

const at = (now: number) => clockAt(now);
const lookAt = 60_000;

/** A pool for one machine, on which a session `a` runs. */
const kinds = {
  floating: async (start: number) => {
    const pool = await createPool(table, { quota: 5, machineQuota: 1, leaseSeconds: 3600 });
    const use = (sessionId: string, machineId: string, now: number, by = table) =>
      activateOn(by, pool, machineId, sessionId, at(now));
    expect((await use('a', 'm1', start)).outcome).toBe('acquired');
    return { pool, use };
  },
  'per user': async (start: number) => {
    const pool = await createLicensedPool(table, 3, 3);
    await pool.set({ licenseType: 'per-user', quota: 3, machineQuota: 1, leaseSeconds: 3600 });
    const users = Object.fromEntries(pool.users.map((user, index) => ['abc'[index], user]));
    for (const user of pool.users) await grantLicense(table, pool, user);
    const use = (sessionId: string, machineId: string, now: number, by = table) =>
      activateLicensed(by, pool, { sessionId, userId: users[sessionId] as string, machineId }, at(now));
    expect((await use('a', 'm1', start)).outcome).toBe('acquired');
    return { pool, use };
  },
} as const;
const both = Object.entries(kinds);

/** A pool with one license, and two members. The first has the license. */
const licensedPool = async () => {
  const pool = await createLicensedPool(table, 1, 2);
  const users = pool.users as [string, string];
  await grantLicense(table, pool, users[0]);
  return { pool, users };
};

describe('a removal of a machine', () => {
  it('ends a claim of a crashed request there, also while the session claims anew', async () => {
    const start = Date.now();
    const { pool, use } = await kinds.floating(start);
    const first = (what: () => Promise<unknown>) =>
      feed.database.client({
        request: async ({ name, input }, send) => {
          if (name === 'PutItem' && String(input.Item.pk).startsWith('SESSION#')) await what();
          return send();
        },
      });
    const crash = first(() => Promise.reject(new Error('injected')));
    await expect(use('b', 'm1', start, crash)).rejects.toThrow('injected');
    const now = start + 61_000;
    let removed: Promise<unknown> | undefined;
    const overtaken = first(() => (removed ??= removeMachine(table, pool, 'm1', { now })));
    expect(await use('b', 'm1', now, overtaken)).toMatchObject({ outcome: 'ended', reason: 'machine-removed' });
    expect(await readSession(table, pool, 'b')).toMatchObject({ status: 'ended', endedReason: 'machine-removed' });
  });
});

describe('a removal of a machine that dies', () => {
  it.each(both)('leaves its place to no other machine while a session runs on it (%s)', async (_, prepared) => {
    const start = Date.now();
    const { pool, use } = await prepared(start);
    await removeHalf(feed.database, pool, 'm1', start + 1000);
    expect((await use('b', 'm2', start + 2000)).outcome).toBe('machines-exhausted');
    expect(await readSession(table, pool, 'a')).toMatchObject({ status: 'active' });
  });

  it.each(both)('is finished a minute later, and its place is free (%s)', async (_, prepared) => {
    const start = Date.now();
    const { pool, use } = await prepared(start);
    await removeHalf(feed.database, pool, 'm1', start + 1000);
    await feed.caughtUp();
    await feed.settle(start + 1000 + lookAt);
    expect(await readSession(table, pool, 'a')).toMatchObject({ status: 'ended', endedReason: 'machine-removed' });
    expect((await use('b', 'm2', start + 62_000)).outcome).toBe('acquired');
  });

  it.each(both)('is finished first by a session that begins there anew, which goes on (%s)', async (_, prepared) => {
    const start = Date.now();
    const { pool, use } = await prepared(start);
    await removeHalf(feed.database, pool, 'm1', start + 1000);
    // At the moment at which the machine loses its place, another machine looks for one.
    let sought: string | undefined;
    const overtaken = feed.database.client({
      request: async ({ name, input }, send) => {
        const output = await send();
        if (!sought && name === 'UpdateItem' && input.ConditionExpression.includes(':holder') && isSlot(input.Key)) {
          sought = 'seeking';
          sought = (await use('c', 'm2', start + 2000)).outcome;
        }
        return output;
      },
    });
    const { outcome } = await use('b', 'm1', start + 2000, overtaken);
    expect([outcome, sought]).toEqual(['machines-exhausted', 'acquired']);
    expect(await readSession(table, pool, 'a')).toMatchObject({ status: 'ended', endedReason: 'machine-removed' });

    // Without another machine it gets the place, and no check ends it.
    const alone = await prepared(start);
    await removeHalf(feed.database, alone.pool, 'm1', start + 1000);
    expect((await alone.use('b', 'm1', start + 1000)).outcome).toBe('acquired');
    await feed.caughtUp();
    await feed.settle(start + 1000 + lookAt);
    expect(await readSession(table, alone.pool, 'a')).toMatchObject({ endedReason: 'machine-removed' });
    expect(await readSession(table, alone.pool, 'b')).toMatchObject({ status: 'active' });
    expect(await registered(table, alone.pool)).toEqual(['m1']);
  });

  it('ends no session that began anew, where the machine quota does not bind, whatever the clocks say', async () => {
    const start = Date.now();
    const pool = await createPool(table, { quota: 5, leaseSeconds: 3600 });
    await activateOn(table, pool, 'm1', 'old', at(start + 30_000));
    const dies = feed.database.client({
      request: async ({ name, input }, send) => {
        const output = await send();
        if (name === 'PutItem' && String(input.Item.sk).startsWith('MACHINE#')) throw new Error('injected');
        return output;
      },
    });
    await expect(removeMachine(dies, pool, 'm1', { now: start })).rejects.toThrow('injected');
    await activateOn(table, pool, 'm1', 'new', at(start - 29_000));
    await feed.caughtUp();
    await feed.settle(start + lookAt);
    expect(await readSession(table, pool, 'old')).toMatchObject({ status: 'ended', endedReason: 'machine-removed' });
    expect(await readSession(table, pool, 'new')).toMatchObject({ status: 'active' });
  });

  it.each([
    ['and another session runs', true],
    ['and nothing runs', false],
  ])('leaves no session on a blocked machine that began before the block was seen, %s', async (_, runs) => {
    const start = Date.now();
    const pool = await createPool(table, { quota: 5, leaseSeconds: 3600 });
    await activateOn(table, pool, 'm1', 'old', at(start));
    if (!runs) await removeMachine(table, pool, 'm1', { now: start });
    let began: string | undefined;
    const dies = feed.database.client({
      request: async ({ name, input }, send) => {
        if (!/^(Put|Update)Item$/.test(name) || !(input.Key ?? input.Item).sk.startsWith('MACHINE#')) return send();
        // The removal has listed the sessions.
        began = (await activateOn(table, pool, 'm1', 'between', at(start))).outcome;
        await send();
        throw new Error('injected');
      },
    });
    const removing = removeMachine(dies, pool, 'm1', { now: start, blockedUntil: start + 3_600_000 });
    await expect(removing).rejects.toThrow('injected');
    expect(began).toBe('acquired');
    await feed.caughtUp();
    await feed.settle(start + lookAt);
    const ended = { status: 'ended', endedReason: 'machine-removed' };
    expect(await readSession(table, pool, 'between')).toMatchObject(ended);
    expect(await readSession(table, pool, 'old')).toMatchObject(ended);
  });

  it('leaves no session on the machine that was about to move there', async () => {
    const start = Date.now();
    const pool = await createPool(table, { quota: 5, machineQuota: 2, leaseSeconds: 3600 });
    for (const machine of ['m1', 'm2']) await activateOn(table, pool, machine, `on-${machine}`, at(start));
    let removed = false;
    const transferring = feed.database.client({
      request: async ({ name, input }, send) => {
        // The activation has found the machine registered.
        if (!removed && name === 'UpdateItem' && input.UpdateExpression.includes('machineId = :to')) {
          removed = true;
          await removeHalf(feed.database, pool, 'm1', start);
        }
        return send();
      },
    });
    await transferSession(transferring, pool, { sessionId: 'on-m2', machineId: 'm1' }, at(start)).catch(() => {});
    expect(removed).toBe(true);
    await feed.caughtUp();
    await feed.settle(start + lookAt);
    const session = await readSession(table, pool, 'on-m2');
    const machine = await readMachine(table, pool, 'm1');
    // Ended with the machine, or there after it: then the machine is registered anew.
    expect(session).toMatchObject(
      machine?.status === 'active' ? { status: 'active', machineId: 'm1' } : { status: 'ended' },
    );
  });

  it('keeps its place also when the license of the user is taken away who used the machine last', async () => {
    const start = Date.now();
    const { pool, use } = await kinds['per user'](start);
    expect((await use('b', 'm1', start + 500)).outcome).toBe('acquired');
    await removeHalf(feed.database, pool, 'm1', start + 1000);
    await removeLicense(table, pool, (await readMachine(table, pool, 'm1'))?.userId ?? '', start + 1500);
    expect(await readSession(table, pool, 'a')).toMatchObject({ status: 'active' });
    expect((await use('c', 'm2', start + 2000)).outcome).toBe('machines-exhausted');
  });

  it('ends no session of a member who got the user’s license since, and works on the same machine', async () => {
    const start = Date.now();
    const { pool, users } = await licensedPool();
    await activateLicensed(table, pool, { sessionId: 'a', userId: users[0], machineId: 'm1' }, at(start));
    await removeMachine(table, pool, 'm1', { now: start + 1000 });
    await transferLicense(table, pool, { from: users[0], to: users[1] }, at(start + 2000));
    const next = { sessionId: 'b', userId: users[1], machineId: 'm1' };
    expect((await activateLicensed(table, pool, next, at(start + 3000))).outcome).toBe('acquired');
    await feed.caughtUp();
    await feed.settle(start + 1000 + lookAt);
    expect(await readSession(table, pool, 'b')).toMatchObject({ status: 'active', userId: users[1] });
  });

  it('ends no session of another member, though an unanswered one of the same ID was on its list', async () => {
    const { pool, users } = await licensedPool();
    const now = Date.now();
    const terms = (await readSubscription(table, pool)) as Subscription;
    await registerMachine(table, pool, terms, { machineId: 'm1', userId: users[0] });
    let listed: License | undefined;
    const overtaken = feed.database.client({
      request: async ({ name, input }, send) => {
        if (!listed && name === 'UpdateItem' && input.Key.sk.startsWith('MACHINE#')) {
          // The activation has taken the license.
          listed = await readLicense(table, pool, users[0]);
          await removeHalf(feed.database, pool, 'm1', now);
        }
        const output = await send();
        if (String(input.UpdateExpression).includes('REMOVE inUse')) throw new Error('injected');
        return output;
      },
    });
    const request = { sessionId: 'a', machineId: 'm1' };
    await expect(activateLicensed(overtaken, pool, { ...request, userId: users[0] })).rejects.toThrow('injected');
    expect(listed?.inUse).toMatchObject({ sessionId: 'a' });
    await transferLicense(table, pool, { from: users[0], to: users[1] });
    expect((await activateLicensed(table, pool, { ...request, userId: users[1] })).outcome).toBe('acquired');
    const late = { sessions: [], uses: listed ? [listed] : [] };
    await endMachineHolds(table, pool, late, { reason: 'machine-removed', now });
    expect(await readSession(table, pool, 'a')).toMatchObject({ status: 'active', userId: users[1] });
  });

  it.each(both)('anywhere leaves nothing that a minute later is half done (%s)', async (_, prepared) => {
    const start = Date.now();
    const cases: Awaited<ReturnType<typeof prepared>>[] = [];
    const remove = (by: Table, pool: Pool) => removeMachine(by, pool, 'm1', { now: start });
    for (const death of await deathsOf(feed.database, async (by) => remove(by, (await prepared(start)).pool))) {
      const one = await prepared(start);
      await remove(dying(feed.database, death), one.pool).catch(() => {});
      cases.push(one);
    }
    await feed.caughtUp();
    await feed.settle(start + lookAt);
    for (const { pool, use } of cases) {
      const session = await readSession(table, pool, 'a');
      const machine = await readMachine(table, pool, 'm1');
      expect(session?.status).toBe(machine?.status);
      const { outcome } = await use('b', 'm2', start + lookAt);
      expect(outcome).toBe(machine?.status === 'active' ? 'machines-exhausted' : 'acquired');
    }
  });
});

describe('taking the license from a machine', () => {
  const prepared = async (start: number) => {
    const { pool, users } = await licensedPool();
    const request = { sessionId: 'a', userId: users[0], machineId: 'm1' };
    const activated = await activateLicensed(table, pool, request, at(start));
    expect(activated).toMatchObject({ outcome: 'acquired' });
    return { pool, request };
  };

  it('ends a session for that reason, also if its lease had ended and it comes back at that moment', async () => {
    const start = Date.now();
    const { pool, request } = await prepared(start);
    const now = start + 120_000;
    let came: string | undefined;
    const overtaken = feed.database.client({
      request: async ({ name, input }, send) => {
        const output = await send();
        if (!came && name === 'Query' && JSON.stringify(input).includes('LICENSE#'))
          came = (await activateLicensed(table, pool, request, at(now))).outcome;
        return output;
      },
    });
    expect(await removeMachineLicense(overtaken, pool, 'm1', now)).toEqual({ outcome: 'removed' });
    expect(came).toBe('renewed');
    const ended = { status: 'ended', endedReason: 'license-removed', endedAt: now };
    expect(await readSession(table, pool, 'a')).toMatchObject(ended);
    expect((await readLicense(table, pool, request.userId))?.inUse).toBeUndefined();
  });

  it('leaves a session whose lease had ended with that end, so that it may come back', async () => {
    const start = Date.now();
    const { pool, request } = await prepared(start);
    await removeMachineLicense(table, pool, 'm1', start + 120_000);
    const ended = { status: 'ended', endedReason: 'lease-expired', endedAt: start + 60_000 };
    expect(await readSession(table, pool, 'a')).toMatchObject(ended);
    expect(await activateLicensed(table, pool, request, at(start + 121_000))).toMatchObject({ outcome: 'acquired' });
  });
});

describe('two removals of one machine at once', () => {
  it('leave it blocked, if one of them blocks it', async () => {
    const pool = await createPool(table, { quota: 3, leaseSeconds: 3600 });
    const now = Date.now();
    await activateOn(table, pool, 'm1', 'a', at(now));
    const blockedUntil = now + 60_000;
    let removed: string | undefined;
    const blocking = feed.database.client({
      request: async ({ name }, send) => {
        if (!removed && name === 'PutItem') {
          removed = 'removing';
          removed = (await removeMachine(table, pool, 'm1', { now })).outcome;
        }
        return send();
      },
    });
    expect((await removeMachine(blocking, pool, 'm1', { now, blockedUntil })).outcome).toBe('removed');
    expect(removed).toBe('removed');
    expect(await readMachine(table, pool, 'm1')).toMatchObject({ blockedUntil });
  });
});

const isSlot = ({ sk }: { sk: string }) => sk.startsWith('SLOT#');
