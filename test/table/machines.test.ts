import { beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '../../shared/domain/record.ts';
import type { SubscriptionTerms } from '../../shared/domain/subscription.ts';
import type { Acquired } from '../../shared/table/claimant.ts';
import type { Table } from '../../shared/table/table.ts';
import { createDatabase, createPool, type Database } from './database.ts';
import { activateOn, agree, registered } from './machines.ts';
import { clockAt, heldSeats, release } from './sessions.ts';

let database: Database;
let table: Table;
beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
});

/** A floating pool in which the machine quota binds, unless it is changed. */
const poolOf = (terms: Partial<SubscriptionTerms>) => createPool(table, { quota: 10, machineQuota: 3, ...terms });

const got = (result: Acquired<Session>) => result.outcome === 'acquired' || result.outcome === 'renewed';
const names = (count: number, prefix: string) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

describe('the machine quota of a floating subscription', () => {
  it('refuses a machine too many while seats are free, and not another session of a machine in use', async () => {
    const pool = await poolOf({ quota: 5, machineQuota: 2 });
    expect(got(await activateOn(table, pool, 'm1', 'a'))).toBe(true);
    expect(got(await activateOn(table, pool, 'm2', 'b'))).toBe(true);
    expect(await activateOn(table, pool, 'm3', 'c')).toMatchObject({
      outcome: 'machines-exhausted',
      machineQuota: 2,
      registered: 2,
    });
    expect(got(await activateOn(table, pool, 'm1', 'd'))).toBe(true);
    expect(await heldSeats(table, pool)).toHaveLength(3);
  });

  it('is free for another machine in the instant in which one is used no more', async () => {
    const pool = await poolOf({ machineQuota: 1, leaseSeconds: 60 });
    const start = Date.now();
    await activateOn(table, pool, 'm1', 'a');
    expect((await activateOn(table, pool, 'm2', 'b')).outcome).toBe('machines-exhausted');
    await release(table, pool, 'a');
    expect((await activateOn(table, pool, 'm2', 'b')).outcome).toBe('acquired');
    // A lease that ended frees it as a release does.
    const later = clockAt(() => start + 120_000);
    expect((await activateOn(table, pool, 'm3', 'c', later)).outcome).toBe('acquired');
    expect(await registered(table, pool)).toEqual(['m3']);
  });

  it.each([
    { machines: 30, machineQuota: 4, sessions: 2 },
    { machines: 12, machineQuota: 1, sessions: 3 },
    { machines: 40, machineQuota: 20, sessions: 1 },
  ])('$machines machines × $sessions sessions at once on $machineQuota: never more', async (burst) => {
    const pool = await poolOf({ quota: 100, machineQuota: burst.machineQuota });
    const requests = names(burst.machines, 'm').flatMap((machineId) =>
      names(burst.sessions, `${machineId}-s`).map((sessionId) => ({ machineId, sessionId })),
    );
    const results = await Promise.all(
      requests.map(async (request) => ({
        ...request,
        result: await activateOn(table, pool, request.machineId, request.sessionId),
      })),
    );
    const machines = new Set(results.filter(({ result }) => got(result)).map(({ machineId }) => machineId));
    expect(machines.size).toBe(burst.machineQuota);
    for (const { machineId, result } of results)
      expect(result.outcome, machineId).toBe(machines.has(machineId) ? 'acquired' : 'machines-exhausted');
    await agree(table, pool, burst.machineQuota);
  });

  it('counts a machine once, however many first sessions of it come at once', async () => {
    const pool = await poolOf({ quota: 40, machineQuota: 1 });
    const results = await Promise.all(names(20, 's').map((id) => activateOn(table, pool, 'm1', id)));
    expect(results.map(({ outcome }) => outcome)).toEqual(Array(20).fill('acquired'));
    expect(await registered(table, pool)).toEqual(['m1']);
  });

  it('that begins to bind gives the machines in use their slots, also more than it allows', async () => {
    const pool = await poolOf({ machineQuota: 10 });
    for (const name of names(5, 'm')) await activateOn(table, pool, name, `${name}-s`);
    expect(await registered(table, pool)).toEqual([]);
    await pool.set({ quota: 10, machineQuota: 3 });
    expect(await activateOn(table, pool, 'new', 'n')).toMatchObject({ outcome: 'machines-exhausted', registered: 5 });
    expect(await registered(table, pool)).toEqual(names(5, 'm'));
    expect(got(await activateOn(table, pool, 'm4', 'another'))).toBe(true);
    for (const name of names(2, 'm')) await release(table, pool, `${name}-s`);
    expect((await activateOn(table, pool, 'new', 'n')).outcome).toBe('machines-exhausted');
    await release(table, pool, 'm2-s');
    expect((await activateOn(table, pool, 'new', 'n')).outcome).toBe('acquired');
    expect((await activateOn(table, pool, 'new2', 'n2')).outcome).toBe('machines-exhausted');
    await agree(table, pool, 3);
  });

  it('that binds, ceases to and binds again counts all that are in use', async () => {
    const pool = await poolOf({ machineQuota: 2 });
    await activateOn(table, pool, 'm1', 'a');
    await pool.set({ quota: 10, machineQuota: 10 });
    await release(table, pool, 'a');
    for (const name of ['m2', 'm3']) await activateOn(table, pool, name, name);
    await pool.set({ quota: 10, machineQuota: 2 });
    expect((await activateOn(table, pool, 'm4', 'd')).outcome).toBe('machines-exhausted');
    await release(table, pool, 'm2');
    expect((await activateOn(table, pool, 'm4', 'd')).outcome).toBe('acquired');
    await agree(table, pool, 2);
  });
});
