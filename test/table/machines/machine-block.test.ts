import { beforeAll, describe, expect, it } from 'vitest';
import { readMachine } from '../../../shared/table/items/machines.ts';
import { issueOfflineLicense } from '../../../shared/table/offline/offline-licenses.ts';
import { removeMachine } from '../../../shared/table/removals/remove-machine.ts';
import type { Pool } from '../../../shared/table/store/keys.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { createDatabase, createPool, type Database } from '../support/database.ts';
import { activateOn } from '../support/machines.ts';
import { atEachPlace } from '../support/requests/places.ts';
import { fastClock, heldSeats } from '../support/sessions.ts';

let database: Database;
let table: Table;
beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
});

const start = Date.now();
const blockedUntil = start + 86_400_000;
const request = { machineId: 'm1', usedBy: null, description: null, askedExpiry: null };
const issue = async (by: Table, pool: Pool): Promise<string> =>
  (await issueOfflineLicense(by, pool, request, { issuedBy: 'usr_admin' }, fastClock(start))).outcome;
const block = async (by: Table, pool: Pool): Promise<string> =>
  (await removeMachine(by, pool, 'm1', { now: start, blockedUntil })).outcome;

describe('a machine that is blocked and an offline license that is issued for it at once', () => {
  it.each([
    ['a machine that was never removed', false],
    ['a machine that was removed before', true],
  ])('do not both succeed, in whichever order their requests come: %s', async (_, used) => {
    const seen = new Set<string>();
    for (const [work, other] of [
      [block, issue],
      [issue, block],
    ] as const)
      await atEachPlace(database, {
        prepare: async () => {
          const offline = { allowed: true, maxDays: null, reserveOnline: 0 };
          const pool = await createPool(table, { quota: 5, leaseSeconds: 3600, offline });
          if (used) {
            await activateOn(table, pool, 'm1', 'before', fastClock(start));
            await removeMachine(table, pool, 'm1', { now: start });
          }
          await activateOn(table, pool, 'm1', 'a', fastClock(start));
          return pool;
        },
        work,
        other,
        check: async (pool, { result, other: meanwhile, place }) => {
          const [blocking, issuing] = work === block ? [result, meanwhile] : [meanwhile, result];
          const answers = `${blocking} ${issuing}`;
          seen.add(answers);
          expect(['removed blocked', 'offline issued'], place).toContain(answers);
          const isNow = (await readMachine(table, pool, 'm1'))?.blockedUntil === blockedUntil;
          expect(isNow).toBe(blocking === 'removed');
          const held = (await heldSeats(table, pool, start)).map(({ hold }) => hold.holder.split('#')[0]);
          expect(held.toSorted()).toEqual(isNow ? [] : ['offline', 'session']);
        },
      });
    expect([...seen].toSorted()).toEqual(['offline issued', 'removed blocked']);
  });

  it('do not both succeed, if the removal has seen no license, and the issue no block: the license is refused', async () => {
    const offline = { allowed: true, maxDays: null, reserveOnline: 0 };
    const pool = await createPool(table, { quota: 5, offline });
    await activateOn(table, pool, 'm1', 'a', fastClock(start));
    const [reached, removed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const isOfMachine = ({ Key, Item }: any) => (Key ?? Item)?.sk === 'MACHINE#m1';
    const issuing = database.client({
      request: async ({ name, input }, send) => {
        if (name !== 'GetItem' && isOfMachine(input)) {
          reached.resolve();
          await removed.promise;
        }
        return send();
      },
    });
    let answer: Promise<string> | undefined;
    const blocking = database.client({
      request: async ({ name, input }, send) => {
        if (name !== 'GetItem' && isOfMachine(input)) {
          answer ??= issue(issuing, pool);
          await reached.promise;
        }
        return send();
      },
    });
    expect(await block(blocking, pool)).toBe('removed');
    removed.resolve();
    expect(await answer).toBe('blocked');
    expect(await heldSeats(table, pool, start)).toEqual([]);
  });
});
