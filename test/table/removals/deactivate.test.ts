import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSession } from '../../../shared/table/items/sessions.ts';
import { deactivateSession } from '../../../shared/table/removals/deactivate.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { createDatabase, createPool, type Database, type TestPool } from '../support/database.ts';
import { meter } from '../support/requests/metering.ts';
import { activate, clockAt, fastClock, holders, release, seatOf, userId } from '../support/sessions.ts';

let database: Database;
let table: Table;
const metered = meter();
beforeAll(async () => {
  database = await createDatabase();
  table = database.client({ request: metered.request });
});

const now = Date.now();
/** Activates session `a` so many ms after `now`. */
const activateAfter = (pool: TestPool, ms: number) => activate(table, pool, 'a', clockAt(now + ms));
const force = (pool: TestPool, by = table) =>
  deactivateSession(by, pool, { sessionId: 'a', userId: 'usr_admin', mayForce: true }, now);

/** A client whose process dies after its first request. */
const dying = () =>
  database.client({
    request: async (_, send) => {
      await send();
      throw new Error('injected');
    },
  });

describe('an admin', () => {
  it('ends another member’s session in 2 requests: its record, then its seat', async () => {
    const pool = await createPool(table, { leaseSeconds: 3600 });
    await activateAfter(pool, -1000);
    const { result, bill } = await metered.of(() => force(pool));
    expect(result).toBe('ended');
    expect(bill).toEqual({ requests: 2, roundTrips: 2, write: 2, read: 0 });
    expect(await readSession(table, pool, 'a')).toMatchObject({ status: 'ended', endedReason: 'license-removed' });
    expect(await holders(table, pool)).toEqual([]);
  });

  it('gives its own session back as released, in 2 requests by its fence', async () => {
    const pool = await createPool(table, { leaseSeconds: 3600 });
    const { fence } = seatOf(await activateAfter(pool, -1000));
    const own = { sessionId: 'a', userId, mayForce: true };
    const { result, bill } = await metered.of(() => deactivateSession(table, pool, { ...own, fence }, now));
    expect([result, bill.requests]).toEqual(['ended', 2]);
    seatOf(await activateAfter(pool, -500));
    expect(await deactivateSession(table, pool, own, now)).toBe('ended');
    expect(await readSession(table, pool, 'a')).toMatchObject({ endedReason: 'released' });
    expect(await holders(table, pool)).toEqual([]);
  });

  it('finishes by a repetition what stopped after the record', async () => {
    const pool = await createPool(table, { leaseSeconds: 3600 });
    await activateAfter(pool, -1000);
    await expect(force(pool, dying())).rejects.toThrow('injected');
    expect(await holders(table, pool)).toEqual(['a']);
    expect(await force(pool)).toBe('ended');
    expect(await readSession(table, pool, 'a')).toMatchObject({ endedReason: 'license-removed' });
    expect(await holders(table, pool)).toEqual([]);
  });

  it('ends a session whose clock runs ahead', async () => {
    const pool = await createPool(table, { leaseSeconds: 3600 });
    await activateAfter(pool, 60_000);
    expect(await force(pool)).toBe('ended');
    expect(await readSession(table, pool, 'a')).toMatchObject({ endedReason: 'license-removed' });
    expect(await holders(table, pool, now + 60_000)).toEqual([]);
  });

  it('ends no later activation by a write that arrives late', async () => {
    const pool = await createPool(table, { leaseSeconds: 3600 });
    await activateAfter(pool, -1000);
    await release(table, pool, 'a', now - 500);
    const sent: Record<string, unknown>[] = [];
    const copied = database.client({
      request: ({ input }, send) => {
        if (input.UpdateExpression) sent.push({ ...input });
        return send();
      },
    });
    expect(await force(pool, copied)).toBe('ended');
    const anew = seatOf(await activateAfter(pool, 1000));
    expect(sent.length).toBeGreaterThan(0);
    for (const input of sent) await table.client.send(new UpdateCommand(input as never)).catch(() => {});
    expect(await readSession(table, pool, 'a')).toMatchObject({ status: 'active', fence: anew.fence });
    expect(await holders(table, pool, now + 1000)).toEqual(['a']);
  });
});

describe('a member', () => {
  const giveBack = (pool: TestPool, fence: number) =>
    deactivateSession(table, pool, { sessionId: 'a', userId, mayForce: false, fence }, now);

  it('keeps an activation that is later than the one that it gives back', async () => {
    const pool = await createPool(table, { leaseSeconds: 3600 });
    const { fence } = seatOf(await activateAfter(pool, -1000));
    await release(table, pool, 'a', now - 500);
    const anew = seatOf(await activateAfter(pool, 0));
    expect(await giveBack(pool, fence)).toBe('ended');
    expect(await readSession(table, pool, 'a')).toMatchObject({ status: 'active', fence: anew.fence });
    expect(await holders(table, pool)).toEqual(['a']);
  });

  it('whose DELETE died half way has a license again at once', async () => {
    const pool = await createPool(table, { leaseSeconds: 3600 });
    const { fence } = seatOf(await activateAfter(pool, 0));
    const own = { sessionId: 'a', userId, mayForce: false, fence };
    await expect(deactivateSession(dying(), pool, own, now)).rejects.toThrow('injected');
    expect(await readSession(table, pool, 'a')).toMatchObject({ status: 'ended' });
    expect(await holders(table, pool)).toEqual(['a']);
    // By now a claim of a request that has just begun might stand there.
    const { hold } = seatOf(await activate(table, pool, 'a', fastClock(now)));
    expect(hold.claimedAt - now).toBeLessThan(1000);
  });

  it('gives an activation back that has ended for a reason, which stays', async () => {
    const pool = await createPool(table, { leaseSeconds: 3600 });
    const { fence } = seatOf(await activateAfter(pool, -1000));
    await force(pool);
    expect(await giveBack(pool, fence)).toBe('ended');
    expect(await readSession(table, pool, 'a')).toMatchObject({ endedReason: 'license-removed' });
  });
});
