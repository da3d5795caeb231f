import { beforeAll, describe, expect, it } from 'vitest';
import { machineHolder, noExpiry } from '../../../shared/domain/seat.ts';
import type { Subscription } from '../../../shared/domain/subscription.ts';
import { activateLicensed, dryRunLicensed } from '../../../shared/table/activations/activate-licensed.ts';
import { readLicense } from '../../../shared/table/items/licenses.ts';
import { readMachine, slotOf, touchMachine } from '../../../shared/table/items/machines.ts';
import { addMember } from '../../../shared/table/items/members.ts';
import { claimSeat, prolongSeat } from '../../../shared/table/items/seats.ts';
import { readSubscription } from '../../../shared/table/items/subscriptions.ts';
import { grantLicense } from '../../../shared/table/licensed-users/grant-license.ts';
import { removeLicense } from '../../../shared/table/licensed-users/remove-license.ts';
import { registerMachine } from '../../../shared/table/machines/register-machine.ts';
import { unregisterMachinesOf } from '../../../shared/table/machines/remove-user-machines.ts';
import { deactivateSession } from '../../../shared/table/removals/deactivate.ts';
import { removeMachine, removeMachineLicense } from '../../../shared/table/removals/remove-machine.ts';
import { settleClaim } from '../../../shared/table/schedule/settle-due.ts';
import { type Key, keys, type Pool, slotsOf } from '../../../shared/table/store/keys.ts';
import { put, type Table } from '../../../shared/table/store/table.ts';
import { createDatabase, createPool, type Database, type TestPool } from '../support/database.ts';
import { createLicensedPool } from '../support/licensed-pool.ts';
import { registered, removeHalf } from '../support/machines.ts';
import { deathsOf, dying } from '../support/requests/places.ts';
import { clockAt } from '../support/sessions.ts';

// Where licenses belong to users a machine stays registered until it is removed.
let database: Database;
let table: Table;
beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
});

const poolOf = (machineQuota: number) => createPool(table, { licenseType: 'per-user', quota: 10, machineQuota });
const termsOf = async (pool: Pool) => (await readSubscription(table, pool)) as Subscription;
/** Registers a machine, by a clock that stands still, so that a slow machine costs the request no patience. */
const register = async (pool: TestPool, machineId: string, userId?: string, now = Date.now(), by = table) =>
  (await registerMachine(by, pool, await termsOf(pool), { machineId, userId }, clockAt(now))).outcome;

/** An offline license on a machine, as it stands on its seat. */
const bindOffline = async (pool: Pool, machineId: string, availableAt: number) => {
  const key: Key = keys.seat(pool, 500);
  const hold = { holder: 'offline#o', userId: 'usr_admin', machineId, claimedAt: Date.now(), leaseMs: 0, fence: 1 };
  await put(table, { Item: { ...key, ...hold, availableAt } });
};

describe('the machine quota of users', () => {
  it('many at once never register more machines than may be, and a machine counts once', async () => {
    const pool = await poolOf(3);
    const machines = Array.from({ length: 8 }, (_, index) => `m${index}`);
    const outcomes = await Promise.all(
      machines.flatMap((machine) => ['u1', 'u2'].map((user) => register(pool, machine, user))),
    );
    expect(await registered(table, pool)).toHaveLength(3);
    expect(outcomes.filter((outcome) => outcome === 'registered')).toHaveLength(6);
    expect(outcomes.filter((outcome) => outcome === 'machines-exhausted')).toHaveLength(10);
  });

  it('a machine that nobody uses stays registered, and whoever used it last is its user', async () => {
    const pool = await poolOf(1);
    expect(await register(pool, 'm1', 'u1')).toBe('registered');
    expect(await register(pool, 'm2', 'u2')).toBe('machines-exhausted');
    expect(await register(pool, 'm1', 'u2')).toBe('registered');
    expect(await readMachine(table, pool, 'm1')).toMatchObject({ userId: 'u2', status: 'active' });
  });

  it('one that only an offline license registered is free for another once that has expired', async () => {
    const pool = await poolOf(1);
    const start = Date.now();
    expect(await register(pool, 'm1')).toBe('registered');
    await bindOffline(pool, 'm1', start + 60_000);
    expect(await register(pool, 'm2', 'u1', start + 59_000)).toBe('machines-exhausted');
    expect(await register(pool, 'm2', 'u1', start + 60_000)).toBe('registered');
    expect(await registered(table, pool)).toEqual(['m2']);
  });

  it('one that dies anywhere on the way is registered by its repetition, once', async () => {
    const first = (by: Table, pool: TestPool) => register(pool, 'm1', 'u1', undefined, by);
    for (const death of await deathsOf(database, async (by) => first(by, await poolOf(1)))) {
      const pool = await poolOf(1);
      const died = await first(dying(database, death), pool).catch(() => 'died');
      const later = Date.now() + 16_000;
      expect(await register(pool, 'm1', 'u1', later), `${died} ${JSON.stringify(death)}`).toBe('registered');
      expect(await registered(table, pool)).toEqual(['m1']);
      expect(await register(pool, 'm2', 'u1', later)).toBe('machines-exhausted');
    }
  });

  it('a slot that was left by a request that died is free for another machine, without a schedule', async () => {
    const pool = await poolOf(1);
    let writes = 0;
    const dying = database.client({
      request: async ({ name }, send) => {
        // After the claim of the slot, before the record.
        if (name === 'PutItem' && ++writes === 1) throw new Error('injected');
        return send();
      },
    });
    await expect(register(pool, 'm1', 'u1', undefined, dying)).rejects.toThrow();
    expect(await registered(table, pool)).toEqual(['m1']);
    expect(await register(pool, 'm2', 'u2')).toBe('machines-exhausted');
    expect(await register(pool, 'm2', 'u2', Date.now() + 16_000)).toBe('registered');
    expect(await registered(table, pool)).toEqual(['m2']);
  });

  it('a slot that was left without a record stays, if its slow request records it before another takes it', async () => {
    const pool = await poolOf(1);
    const start = Date.now();
    let [reached, goOn] = [() => {}, () => {}];
    const atRecord = new Promise<void>((resolve) => (reached = resolve));
    const pause = new Promise<void>((resolve) => (goOn = resolve));
    const slow = database.client({
      request: async ({ name }, send) => {
        if (name === 'PutItem') {
          reached();
          await pause;
        }
        return send();
      },
    });
    const registering = register(pool, 'm1', 'u1', start, slow);
    await atRecord;
    const overtaken = database.client({
      request: async ({ name, input }, send) => {
        if (name === 'PutItem' && input.Item.machineId === 'm1') {
          goOn();
          expect(await registering).toBe('registered');
        }
        return send();
      },
    });
    expect(await register(pool, 'm2', 'u2', start + 16_000, overtaken)).toBe('machines-exhausted');
    expect(await registered(table, pool)).toEqual(['m1']);
  });

  it('a slot that was left beside the one of a machine in use is closed by the schedule', async () => {
    const pool = await createLicensedPool(table, 1, 1);
    const [userId = ''] = pool.users;
    await grantLicense(table, pool, userId);
    expect((await activateLicensed(table, pool, { sessionId: 'a', userId, machineId: 'm1' })).outcome).toBe('acquired');
    const holder = machineHolder('m1');
    const now = Date.now();
    const hold = { holder, userId, claimedAt: now - 20_000, availableAt: noExpiry, leaseMs: 0 };
    await claimSeat(table, slotsOf(pool), 30, hold, { claimId: 'left', fence: 1 });
    expect(await registered(table, pool)).toEqual(['m1', 'm1']);
    await settleClaim(table, slotsOf(pool), { number: 30, fence: 1, holder }, { now });
    expect(await registered(table, pool)).toEqual(['m1']);
    expect(await readMachine(table, pool, 'm1')).toMatchObject({ status: 'active' });
  });

  it('a smaller machine quota takes nobody’s machine away, and lets none in before there is room', async () => {
    const pool = await poolOf(3);
    for (const machine of ['m1', 'm2', 'm3']) await register(pool, machine, 'u1');
    await pool.set({ licenseType: 'per-user', quota: 10, machineQuota: 2 });
    expect(await register(pool, 'm3', 'u1')).toBe('registered');
    expect(await register(pool, 'm4', 'u1')).toBe('machines-exhausted');
    await removeMachine(table, pool, 'm1', { now: Date.now() });
    expect(await register(pool, 'm4', 'u1')).toBe('machines-exhausted');
    await removeMachine(table, pool, 'm2', { now: Date.now() });
    expect(await register(pool, 'm4', 'u1')).toBe('registered');
    await pool.set({ licenseType: 'per-user', quota: 10, machineQuota: 3 });
    expect(await register(pool, 'm5', 'u1')).toBe('registered');
    expect(await register(pool, 'm6', 'u1')).toBe('machines-exhausted');
  });
});

describe('a dry run for a user', () => {
  it('refuses a machine too many and a removed one, and no other', async () => {
    const pool = await createLicensedPool(table, 2, 1);
    const [userId = ''] = pool.users;
    await grantLicense(table, pool, userId);
    await pool.set({ licenseType: 'per-user', quota: 2, machineQuota: 2 });
    const foresee = (machineId: string) => dryRunLicensed(table, pool, { sessionId: 'foreseen', userId, machineId });
    await register(pool, 'm1', userId);
    expect((await foresee('m2')).outcome).toBe('accepted');
    await register(pool, 'm2', userId);
    expect(await foresee('m3')).toEqual({ outcome: 'machines-exhausted', machineQuota: 2, registered: 2 });
    const blockedUntil = Date.now() + 60_000;
    await removeMachine(table, pool, 'm1', { now: Date.now(), blockedUntil });
    expect(await foresee('m1')).toEqual({ outcome: 'blocked', until: blockedUntil });
    for (const name of ['m2', 'm3']) expect((await foresee(name)).outcome, name).toBe('accepted');
  });
});

describe('a removal of a machine that dies', () => {
  it('leaves the place to its users until they are gone, and then its end to the machine', async () => {
    const pool = await createLicensedPool(table, 2, 2);
    const [a = '', b = ''] = pool.users;
    for (const user of pool.users) await grantLicense(table, pool, user);
    await pool.set({ licenseType: 'per-user', quota: 2, machineQuota: 1 });
    const use = (userId: string, machineId: string) =>
      activateLicensed(table, pool, { sessionId: `of-${userId}`, userId, machineId });
    expect((await use(a, 'm1')).outcome).toBe('acquired');
    await removeHalf(database, pool, 'm1', Date.now());
    const ended = await readMachine(table, pool, 'm1');
    expect(ended).toMatchObject({ status: 'ended', endedReason: 'machine-removed' });
    expect((await use(b, 'm2')).outcome).toBe('machines-exhausted');
    await deactivateSession(table, pool, { sessionId: `of-${a}`, userId: a, mayForce: false }, Date.now());
    expect((await use(b, 'm2')).outcome).toBe('acquired');
    expect(await readMachine(table, pool, 'm1')).toEqual(ended);
  });
});

describe('touching a machine', () => {
  it('finds out that it was removed, and so does whoever removes it find out that it was touched', async () => {
    const pool = await poolOf(2);
    const now = Date.now();
    await register(pool, 'm1', 'u1');
    expect((await touchMachine(table, pool, { machineId: 'm1', userId: 'u1', now })).outcome).toBe('touched');
    let once = false;
    const overtaken = database.client({
      request: async ({ name }, send) => {
        // Between its look and its write the machine is used again: it looks again.
        if (name === 'UpdateItem' && !once) {
          once = true;
          await touchMachine(table, pool, { machineId: 'm1', userId: 'u2', now });
        }
        return send();
      },
    });
    expect((await removeMachine(overtaken, pool, 'm1', { now, blockedUntil: now + 60_000 })).outcome).toBe('removed');
    expect(await touchMachine(table, pool, { machineId: 'm1', userId: 'u1', now })).toMatchObject({ outcome: 'gone' });
    expect(await register(pool, 'm1', 'u1')).toBe('blocked');
    expect(await registered(table, pool)).toEqual([]);
    expect(await register(pool, 'm1', 'u1', now + 60_000)).toBe('registered');
  });
});

describe('an activation that is refused after it has registered its machine', () => {
  it('leaves no machine for nobody, also where the answer to the use of the machine was lost', async () => {
    const pool = await createLicensedPool(table, 1, 1);
    const [userId = ''] = pool.users;
    await grantLicense(table, pool, userId);
    let lost = false;
    const losing = database.client({
      attempt: async ({ name, input }, send) => {
        const output = await send();
        if (lost || name !== 'UpdateItem' || !input.UpdateExpression.includes('lastSeenAt = :now')) return output;
        lost = true;
        await removeMachineLicense(table, pool, 'm1', Date.now());
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET', name: 'TimeoutError' });
      },
    });
    const refused = await activateLicensed(losing, pool, { sessionId: 'a', userId, machineId: 'm1' });
    expect(refused).toMatchObject({ outcome: 'ended', reason: 'license-removed' });
    expect(lost).toBe(true);
    expect(await readMachine(table, pool, 'm1')).toMatchObject({ status: 'ended' });
    expect(await registered(table, pool)).toEqual([]);
  });
});

describe('a machine that is removed while its user’s license is taken for it', () => {
  it('is used by no repetition of that request either, unless it is registered anew', async () => {
    const pool = await createLicensedPool(table, 1, 1);
    const [userId = ''] = pool.users;
    await grantLicense(table, pool, userId);
    await register(pool, 'm1', userId);
    const activate = (by: Table) => activateLicensed(by, pool, { sessionId: 'a', userId, machineId: 'm1' });
    const blockedUntil = Date.now() + 60_000;
    let requests = 0;
    const dies = database.client({
      request: async (_, send) => {
        if (++requests === 1) return send();
        // It has read all that it needs. It takes the license, and dies.
        await removeMachine(table, pool, 'm1', { blockedUntil, now: Date.now() });
        await send();
        throw new Error('injected');
      },
    });
    await expect(activate(dies)).rejects.toThrow('injected');
    expect(await readLicense(table, pool, userId)).toMatchObject({ inUse: { machineId: 'm1' } });
    expect(await activate(table)).toMatchObject({ outcome: 'blocked', until: blockedUntil });
    expect((await readLicense(table, pool, userId))?.inUse).toBeUndefined();
  });
});

describe('the machines of a user whose license is taken away', () => {
  it('are removed, except those that another user uses now or that hold an offline license', async () => {
    const pool = await poolOf(10);
    const { userId: other } = await addMember(table, {
      organizationId: pool.organizationId,
      email: 'other@acme.example',
      role: 'user',
      now: Date.now(),
    });
    expect((await grantLicense(table, pool, other)).outcome).toBe('acquired');
    for (const machine of ['only', 'shared', 'offline']) await register(pool, machine, 'u1');
    await register(pool, 'others', other);
    expect((await activateLicensed(table, pool, { sessionId: 's', userId: other, machineId: 'shared' })).outcome).toBe(
      'acquired',
    );
    await register(pool, 'shared', 'u1');
    await bindOffline(pool, 'offline', Date.now() + 60_000);
    await unregisterMachinesOf(table, await termsOf(pool), 'u1', Date.now());
    expect(await registered(table, pool)).toEqual(['offline', 'others', 'shared']);
    expect(await readMachine(table, pool, 'shared')).toMatchObject({ userId: other, status: 'active' });
    expect(await readMachine(table, pool, 'offline')).toMatchObject({ userId: '', status: 'active' });
    // Repeating it changes nothing.
    await unregisterMachinesOf(table, await termsOf(pool), 'u1', Date.now());
    expect(await registered(table, pool)).toEqual(['offline', 'others', 'shared']);
  });

  it('are removed by the schedule, if an activation registered one after that, and died', async () => {
    const pool = await createLicensedPool(table, 1, 1);
    const [licensed = ''] = pool.users;
    await grantLicense(table, pool, licensed);
    // u1 has no license.
    await register(pool, 'of-u1', 'u1');
    await register(pool, 'of-licensed', licensed);
    for (const machineId of ['of-u1', 'of-licensed']) {
      const claim = slotOf((await readMachine(table, pool, machineId))!);
      expect(await settleClaim(table, slotsOf(pool), claim, { now: Date.now() })).toBeUndefined();
    }
    expect(await registered(table, pool)).toEqual(['of-licensed']);
  });

  it('are removed with the seat of an offline license that stopped on the way there, which is not issued any more', async () => {
    const pool = await poolOf(10);
    const start = Date.now();
    await register(pool, 'm1', 'u1');
    await bindOffline(pool, 'm1', start + 60_000);
    await unregisterMachinesOf(table, await termsOf(pool), 'u1', start + 60_000);
    expect(await registered(table, pool)).toEqual([]);
    const stopped = { number: 500, fence: 1, holder: 'offline#o' } as const;
    expect((await prolongSeat(table, pool, stopped, start + 3_600_000)).outcome).toBe('lost');
  });

  it('stay if the user gets a license again before they are removed', async () => {
    const pool = await createLicensedPool(table, 1, 1);
    const [userId = ''] = pool.users;
    await grantLicense(table, pool, userId);
    await register(pool, 'm1', userId);
    let granted: Promise<{ outcome: string }> | undefined;
    const overtaken = database.client({
      request: async ({ name, input }, send) => {
        if (name === 'Query' && JSON.stringify(input).includes('MACHINE#'))
          granted ??= grantLicense(table, pool, userId);
        await granted;
        return send();
      },
    });
    expect(await removeLicense(overtaken, pool, userId, Date.now())).toBe('removed');
    expect(await granted).toMatchObject({ outcome: 'acquired' });
    expect(await registered(table, pool)).toEqual(['m1']);
  });

  it('stay while others use them again and again', async () => {
    const pool = await poolOf(10);
    await register(pool, 'm1', 'u1');
    let uses = 0;
    const overtaken = database.client({
      request: async ({ name }, send) => {
        if (name === 'UpdateItem' && ++uses <= 20) await register(pool, 'm1');
        return send();
      },
    });
    await unregisterMachinesOf(overtaken, await termsOf(pool), 'u1', Date.now());
    expect(await registered(table, pool)).toEqual(['m1']);
  });

  it('become those of the user who uses them now, though an offline license is bound to one in that moment', async () => {
    const pool = await createLicensedPool(table, 1, 1);
    const [userId = ''] = pool.users;
    await grantLicense(table, pool, userId);
    expect((await activateLicensed(table, pool, { sessionId: 's', userId, machineId: 'm1' })).outcome).toBe('acquired');
    await register(pool, 'm1', 'u1');
    let bound = false;
    const overtaken = database.client({
      request: async ({ name }, send) => {
        if (name === 'UpdateItem' && !bound) {
          bound = true;
          await register(pool, 'm1');
        }
        return send();
      },
    });
    await unregisterMachinesOf(overtaken, await termsOf(pool), 'u1', Date.now());
    expect(await readMachine(table, pool, 'm1')).toMatchObject({ status: 'active', userId });
  });

  it.each([
    ['keep their places while others are on them', true],
    ['leave their places to others', false],
  ])('%s, and their ends, if a removal of them died', async (_, isShared) => {
    const pool = await createLicensedPool(table, 1, 1);
    const [userId = ''] = pool.users;
    await grantLicense(table, pool, userId);
    if (isShared) await activateLicensed(table, pool, { sessionId: 's', userId, machineId: 'm1' });
    await register(pool, 'm1', 'u1');
    await removeHalf(database, pool, 'm1', Date.now());
    const ended = await readMachine(table, pool, 'm1');
    await unregisterMachinesOf(table, await termsOf(pool), 'u1', Date.now());
    expect(await readMachine(table, pool, 'm1')).toEqual(ended);
    expect(await registered(table, pool)).toEqual(isShared ? ['m1'] : []);
  });
});
