import { beforeAll, describe, expect, it } from 'vitest';
import { activateLicensed } from '../../../shared/table/activations/activate-licensed.ts';
import { transferSession } from '../../../shared/table/activations/transfer-session.ts';
import { shortHoldMs } from '../../../shared/table/engine/claimant.ts';
import { readLicense } from '../../../shared/table/items/licenses.ts';
import { grantLicense } from '../../../shared/table/licensed-users/grant-license.ts';
import { transferLicense } from '../../../shared/table/licensed-users/transfer-license.ts';
import { issueOfflineLicense, listOfflineLicenses } from '../../../shared/table/offline/offline-licenses.ts';
import { deactivateSession } from '../../../shared/table/removals/deactivate.ts';
import type { Pool } from '../../../shared/table/store/keys.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { createDatabase, createPool, type Database } from '../support/database.ts';
import { activateAs, createLicensedPool } from '../support/licensed-pool.ts';
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
const offline = { allowed: true, maxDays: null, reserveOnline: 0 };

/** A transfer that can be made, and a machine that must hold no offline license when it is. */
interface Case {
  pool: Pool;
  machineId: string;
  transfer: (by: Table, now: number) => Promise<{ outcome: string }>;
  isMade: (by?: Table) => Promise<boolean>;
}

const ofSession = (machineId: string, machineQuota: number) => async (): Promise<Case> => {
  const pool = await createPool(table, { quota: 4, machineQuota, leaseSeconds: 3600, offline });
  await activateOn(table, pool, 'm1', 'a', fastClock(start));
  return {
    pool,
    machineId,
    transfer: (by, now) => transferSession(by, pool, { sessionId: 'a', machineId: 'm2' }, fastClock(now)),
    isMade: async (by = table) => {
      const seat = (await heldSeats(by, pool, start)).find(({ hold }) => hold.holder === 'session#a');
      return seat?.hold.machineId === 'm2';
    },
  };
};

const ofLicense = async (): Promise<Case> => {
  const pool = await createLicensedPool(table, 4, 2);
  await pool.set({ offline });
  const [from, to] = pool.users as [string, string];
  await grantLicense(table, pool, from);
  await activateAs(table, pool, from, 'a', fastClock(start));
  return {
    pool,
    machineId: 'machine-of-a',
    transfer: (by, now) => transferLicense(by, pool, { from, to }, fastClock(now)),
    isMade: async (by = table) => (await heldSeats(by, pool, start)).some(({ hold }) => hold.holder === `user#${to}`),
  };
};

const issue = (by: Table, { pool, machineId }: Case, now = start) => issueOffline(by, pool, machineId, now);
const issueOffline = (by: Table, pool: Pool, machineId: string, now = start) =>
  issueOfflineLicense(
    by,
    pool,
    { machineId, usedBy: null, description: null, askedExpiry: null },
    { issuedBy: 'usr_admin', idempotencyKey: 'once' },
    fastClock(now),
  );
const isIssued = async ({ pool }: Case) => (await listOfflineLicenses(table, pool, { limit: 1 })).items.length > 0;

const both = ['offline', 'transferred'];

describe.each([
  ['a session, and its machine', ofSession('m1', 100)],
  ['a session, and the other machine, where the machine quota binds', ofSession('m2', 2)],
  ['a user’s license, and the user’s machine', ofLicense],
])('a transfer of %s, for which an offline license is issued at once', (_, prepare) => {
  it('is never made once the license is issued', async () => {
    const seen = new Set<string>();
    await atEachPlace(database, {
      prepare,
      work: (by, at) => at.transfer(by, start),
      other: async (by, at) => {
        expect((await issue(by, at)).outcome).toBe('issued');
        return at.isMade(by);
      },
      check: async (at, { result, other: isMadeBefore, place }) => {
        expect(result.outcome, `issued ${place}`).toBe(isMadeBefore ? 'transferred' : 'offline');
        expect(await at.isMade(), `issued ${place}`).toBe(isMadeBefore);
        seen.add(result.outcome);
      },
    });
    expect([...seen].toSorted()).toEqual(both);
  });

  it('is refused or made first, wherever the issue stands', async () => {
    const seen = new Set<string>();
    await atEachPlace(database, {
      prepare,
      work: issue,
      other: (by, at) => at.transfer(by, start),
      check: async (at, { result, other: { outcome }, place }) => {
        expect(result.outcome).toBe('issued');
        expect(both, place).toContain(outcome);
        expect(await at.isMade(), place).toBe(outcome === 'transferred');
        seen.add(outcome);
      },
    });
    expect([...seen].toSorted()).toEqual(both);
  });

  it('is never made once the license is issued by the repetition of a request that died, its claim over', async () => {
    const seen = new Set<string>();
    const later = start + shortHoldMs + 1;
    await atEachPlace(database, {
      prepare: async () => {
        const at = await prepare();
        // Dies with its record written and not complete.
        await untilRecorded(at);
        expect(await isIssued(at)).toBe(false);
        return at;
      },
      work: (by, at) => at.transfer(by, later),
      other: async (by, at) => {
        expect((await issue(by, at, later)).outcome).toBe('issued');
        return at.isMade(by);
      },
      check: async (at, { result, other: isMadeBefore, place }) => {
        expect(result.outcome, `issued ${place}`).toBe(isMadeBefore ? 'transferred' : 'offline');
        expect(await at.isMade(), `issued ${place}`).toBe(isMadeBefore);
        seen.add(result.outcome);
      },
    });
    expect([...seen].toSorted()).toEqual(both);
  });
});

describe('a transfer of a user’s license, with an offline license on', () => {
  const until = expect.any(Number);
  /** The giver works on `machine`. If the third user works there too, the machine is that user’s in the end. */
  const working = async (alsoThird?: 'third') => {
    const pool = await createLicensedPool(table, 4, 3);
    await pool.set({ offline });
    const [from, to, third] = pool.users as [string, string, string];
    for (const user of [from, third]) await grantLicense(table, pool, user);
    const on = (userId: string, machineId: string) =>
      activateLicensed(table, pool, { sessionId: `of-${userId}`, userId, machineId }, fastClock(start));
    await on(from, 'machine');
    await on(third, alsoThird ? 'machine' : 'machine-of-third');
    const issueOn = async (machineId: string) =>
      expect(await issueOffline(table, pool, machineId)).toMatchObject({ outcome: 'issued' });
    const transfer = () => transferLicense(table, pool, { from, to }, fastClock(start));
    return { pool, from, to, issueOn, transfer };
  };

  it('a machine on which the user worked before is refused, and writes nothing', async () => {
    const { pool, from, to, issueOn, transfer } = await working();
    await deactivateSession(table, pool, { sessionId: `of-${from}`, userId: from, mayForce: false }, start);
    await issueOn('machine');
    expect(await transfer()).toEqual({ outcome: 'offline', machineId: 'machine', until });
    expect(await readLicense(table, pool, to)).toBeUndefined();
  });

  it('a machine on which the user works, and another user works since, is refused', async () => {
    const { issueOn, transfer } = await working('third');
    await issueOn('machine');
    expect(await transfer()).toEqual({ outcome: 'offline', machineId: 'machine', until });
  });

  it('another user’s machine is made', async () => {
    const { issueOn, transfer } = await working();
    await issueOn('machine-of-third');
    expect((await transfer()).outcome).toBe('transferred');
  });
});

/** Issues a license, and dies as soon as its record is put: it is pending. */
const untilRecorded = async (at: Case): Promise<void> => {
  const by = database.client({
    request: async ({ name, input }, send) => {
      const output = await send();
      if (name === 'PutItem' && String(input.Item?.sk).startsWith('OFFLINE#')) throw new Error('injected');
      return output;
    },
  });
  await expect(issue(by, at)).rejects.toThrow('injected');
};
