import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { transferSession } from '../../../shared/table/activations/transfer-session.ts';
import { readSession } from '../../../shared/table/items/sessions.ts';
import { removeMachine } from '../../../shared/table/removals/remove-machine.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { explored } from '../../depth.ts';
import { createDatabase, createPool, type Database } from '../support/database.ts';
import { activateOn, agree, inUse, registered } from '../support/machines.ts';
import { lastStepOf, type Operation, runInOrder, stepsOf, traceOf } from '../support/requests/request-orders.ts';
import { fastClock, heldSeats, release, seatOf } from '../support/sessions.ts';

// As in interleavings.test.ts: every run is one order of the requests of two or three operations.
let database: Database;
let table: Table;
beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
});

const runs = explored(20);

const activating =
  (machineId: string, sessionId: string, start: number): Operation =>
  async (client, pool) => ({
    outcome: (await activateOn(client, pool, machineId, sessionId, fastClock(start))).outcome,
  });

const transferring =
  (machineId: string, start: number): Operation =>
  async (client, pool) => ({
    outcome: (await transferSession(client, pool, { sessionId: 'a', machineId }, fastClock(start))).outcome,
  });

describe('every order of requests, where the machine quota binds', () => {
  it('of first sessions of two machines and a third of one of them: never one too many, none refused falsely', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (s) => {
        const pool = await createPool(table, { quota: 5, machineQuota: 1 });
        const start = Date.now();
        const traces = await runInOrder(database, s, pool, [
          { who: 'm1', work: activating('m1', 'a', start) },
          { who: 'm2', work: activating('m2', 'b', start) },
          { who: 'm1', work: activating('m1', 'c', start) },
        ]);
        await agree(table, pool, 1);
        const [machine] = await inUse(table, pool);
        for (const { who, outcome } of traces)
          expect(outcome, who).toBe(who === machine ? 'acquired' : 'machines-exhausted');
        expect(await registered(table, pool)).toEqual([machine]);
      }),
      runs,
    );
  });

  it('of the last release on a machine, another session there and a newcomer: one machine is in use', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (s) => {
        const pool = await createPool(table, { quota: 5, machineQuota: 1 });
        const start = Date.now();
        seatOf(await activateOn(table, pool, 'm1', 'a', fastClock(start)));
        const traces = await runInOrder(database, s, pool, [
          { who: 'release', work: async (client) => ({ outcome: await release(client, pool, 'a', start) }) },
          { who: 'm1', work: activating('m1', 'b', start) },
          { who: 'm2', work: activating('m2', 'c', start) },
        ]);
        await agree(table, pool, 1);
        const outcomes = traces.map(({ who, outcome }) => `${who} ${outcome}`);
        expect(outcomes.filter((outcome) => outcome.endsWith('acquired')).length, outcomes.join()).toBe(1);
      }),
      runs,
    );
  });

  it('of a machine quota that begins to bind and two newcomers: whoever is verified after it is counted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (s) => {
        const pool = await createPool(table, { quota: 5, machineQuota: 5 });
        const start = Date.now();
        seatOf(await activateOn(table, pool, 'm1', 'a', fastClock(start)));
        const traces = await runInOrder(database, s, pool, [
          { who: 'm2', work: activating('m2', 'b', start) },
          { who: 'm3', work: activating('m3', 'c', start) },
          {
            who: 'bind',
            work: async (client) => ({ outcome: (await pool.set({ quota: 5, machineQuota: 2 }, client)).outcome }),
          },
        ]);
        const bound = lastStepOf(traceOf(traces, 'bind'), 'PutItem');
        const machines = await inUse(table, pool);
        for (const trace of traces) {
          if (trace.outcome !== 'acquired' || trace.served.length <= 5) continue;
          const [, verified] = stepsOf(trace, 'BatchGetItem');
          if (verified === undefined) throw new Error(`${trace.who} was acquired without a verification`);
          if (verified > bound) expect(machines.length, trace.who).toBeLessThanOrEqual(2);
        }
        // From now on every machine in use counts, and no more come in.
        expect(['acquired', 'machines-exhausted']).toContain((await activateOn(table, pool, 'm4', 'd')).outcome);
        expect((await inUse(table, pool)).length).toBeLessThanOrEqual(Math.max(machines.length, 2));
        expect((await registered(table, pool)).sort()).toEqual(expect.arrayContaining(await inUse(table, pool)));
      }),
      runs,
    );
  });

  it('of a removal, an activation on the machine and one on another: one way or the other, never half', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.constantFrom(1, 5), fc.boolean(), async (s, machineQuota, blocked) => {
        const pool = await createPool(table, { quota: 5, machineQuota });
        const start = Date.now();
        seatOf(await activateOn(table, pool, 'm1', 'a', fastClock(start)));
        const blockedUntil = blocked ? start + 3_600_000 : undefined;
        const traces = await runInOrder(database, s, pool, [
          {
            who: 'remove',
            work: async (client) => removeMachine(client, pool, 'm1', { now: start, blockedUntil }),
          },
          { who: 'm1', work: activating('m1', 'b', start) },
          { who: 'm2', work: activating('m2', 'c', start) },
        ]);
        await agree(table, pool, machineQuota);
        const outcome = (who: string) => traceOf(traces, who).outcome;
        expect(outcome('remove')).toBe('removed');
        expect(await readSession(table, pool, 'a')).toMatchObject({
          status: 'ended',
          endedReason: 'machine-removed',
        });
        const b = await readSession(table, pool, 'b');
        const held = (await heldSeats(table, pool, start)).map(({ hold }) => hold.holder);
        // It lives, with its seat; or it has none, and the reason is told.
        expect(held.includes('session#b')).toBe(b?.status === 'active');
        if (b?.status === 'active') expect(blocked).toBe(false);
        if (b?.status === 'ended') expect(b.endedReason).toBe('machine-removed');
      }),
      runs,
    );
  });

  it('of a transfer, a release and an activation on either machine: the session stands once or not at all', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.constantFrom(1, 2, 5),
        fc.constantFrom('m1', 'm2', 'm3'),
        fc.boolean(),
        async (s, machineQuota, other, releasing) => {
          const pool = await createPool(table, { quota: 5, machineQuota });
          const start = Date.now();
          seatOf(await activateOn(table, pool, 'm1', 'a', fastClock(start)));
          await runInOrder(database, s, pool, [
            { who: 'transfer', work: transferring('m2', start) },
            { who: other, work: activating(other, 'b', start) },
            releasing
              ? { who: 'release', work: async (client) => ({ outcome: await release(client, pool, 'a', start) }) }
              : { who: 'm2', work: activating('m2', 'a', start) },
          ]);
          await agree(table, pool, machineQuota);
          const session = await readSession(table, pool, 'a');
          const held = (await heldSeats(table, pool, start)).filter(({ hold }) => hold.holder === 'session#a');
          if (session?.status === 'active') {
            expect(held).toHaveLength(1);
            expect(held[0]).toMatchObject({ fence: session.fence, hold: { machineId: session.machineId } });
          } else expect(held).toEqual([]);
          if (releasing) expect(session?.status).toBe('ended');
        },
      ),
      runs,
    );
  });

  it('of two transfers, one of which dies: the session stands once, and the slots with it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.constantFrom(1, 2, 5),
        fc.integer({ min: 2, max: 18 }),
        async (s, machineQuota, crashAt) => {
          const pool = await createPool(table, { quota: 5, machineQuota });
          const start = Date.now();
          seatOf(await activateOn(table, pool, 'm1', 'a', fastClock(start)));
          await runInOrder(database, s, pool, [
            { who: 'm2', work: transferring('m2', start), crashAt },
            { who: 'm3', work: transferring('m3', start) },
          ]);
          await agree(table, pool, machineQuota);
          const later = fastClock(start + 5_000);
          const result = await transferSession(table, pool, { sessionId: 'a', machineId: 'm4' }, later);
          expect(result.outcome).toBe('transferred');
          await agree(table, pool, machineQuota);
          const held = await heldSeats(table, pool, start);
          expect(held.map(({ hold }) => hold.machineId)).toEqual(['m4']);
          expect(await registered(table, pool)).toEqual(machineQuota === 5 ? [] : expect.arrayContaining(['m4']));
        },
      ),
      runs,
    );
  });
});
