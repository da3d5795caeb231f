import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { dayMs as day } from '../../../shared/domain/dates.ts';
import { type HeldSeat, holderId, machineHolder, seatClaim } from '../../../shared/domain/seat.ts';
import { everySeat } from '../../../shared/domain/seat-view.ts';
import type { SubscriptionTerms } from '../../../shared/domain/subscription.ts';
import { type Activated, dryRunFloating } from '../../../shared/table/activations/activate-floating.ts';
import { listOnline } from '../../../shared/table/activations/list-online.ts';
import { planDue } from '../../../shared/table/items/due-items.ts';
import { endRecord } from '../../../shared/table/items/holder-records.ts';
import { readMachine, slotOf } from '../../../shared/table/items/machines.ts';
import { readSeats } from '../../../shared/table/items/read-seats.ts';
import { readSubscription } from '../../../shared/table/items/subscriptions.ts';
import { settleMachine } from '../../../shared/table/machines/settle-machine.ts';
import { issueOfflineLicense } from '../../../shared/table/offline/offline-licenses.ts';
import { removeMachine } from '../../../shared/table/removals/remove-machine.ts';
import { settleAllDue, settleClaim } from '../../../shared/table/schedule/settle-due.ts';
import { keys, slotsOf } from '../../../shared/table/store/keys.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { createDatabase, createPool, type Database, fillSeats, putMany, type TestPool } from '../support/database.ts';
import { activateOn, agree, inUse, registered, removeHalf } from '../support/machines.ts';
import { meter } from '../support/requests/metering.ts';
import { deathsOf, dying } from '../support/requests/places.ts';
import { clockAt, fastClock, heartbeat, heldSeats, release, seatOf, slowClock, userId } from '../support/sessions.ts';
import { reactionsToRecord } from '../support/stream/follow.ts';

let database: Database;
let table: Table;
beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
});

/** A floating pool in which the machine quota binds, unless it is changed. */
const poolOf = (terms: Partial<SubscriptionTerms>) => createPool(table, { quota: 10, machineQuota: 3, ...terms });

const got = (result: Activated) => result.outcome === 'acquired' || result.outcome === 'renewed';
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
    await activateOn(table, pool, 'm1', 'a');
    expect((await activateOn(table, pool, 'm2', 'b')).outcome).toBe('machines-exhausted');
    await release(table, pool, 'a');
    expect((await activateOn(table, pool, 'm2', 'b')).outcome).toBe('acquired');
    // A lease that ended frees it as a release does.
    const later = clockAt(Date.now() + 60_000);
    expect((await activateOn(table, pool, 'm3', 'c', later)).outcome).toBe('acquired');
    expect(await registered(table, pool)).toEqual(['m3']);
  });

  it.each([
    { machines: 30, machineQuota: 4, sessions: 2 },
    { machines: 12, machineQuota: 1, sessions: 3 },
    { machines: 40, machineQuota: 20, sessions: 1 },
  ])('$machines machines × $sessions sessions at once on $machineQuota: never more', async (burst) => {
    const pool = await poolOf({ quota: 100, machineQuota: burst.machineQuota, leaseSeconds: 3600 });
    const requests = names(burst.machines, 'm').flatMap((machineId) =>
      names(burst.sessions, `${machineId}-s`).map((sessionId) => ({ machineId, sessionId })),
    );
    const clock = slowClock();
    const results = await Promise.all(
      requests.map(async (request) => ({
        ...request,
        result: await activateOn(table, pool, request.machineId, request.sessionId, clock),
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
    const clock = slowClock();
    const results = await Promise.all(names(20, 's').map((id) => activateOn(table, pool, 'm1', id, clock)));
    expect(results.map(({ outcome }) => outcome)).toEqual(Array(20).fill('acquired'));
    expect(await registered(table, pool)).toEqual(['m1']);
  });

  it('has a slot for each of two machines that come at once: they spread, also where a license is kept for online use', async () => {
    const pool = await poolOf({ machineQuota: 8, offline: { allowed: true, maxDays: null, reserveOnline: 1 } });
    const metered = meter();
    let other: Activated | undefined;
    const by = database.client({
      request: async (asked, send) => {
        if (asked.name === 'UpdateItem' && asked.input.Key.sk.startsWith('SLOT#'))
          other ??= await activateOn(table, pool, 'm2', 'b');
        return metered.request(asked, send);
      },
    });
    const { result, bill } = await metered.of(() => activateOn(by, pool, 'm1', 'a'));
    expect([result.outcome, other?.outcome]).toEqual(['acquired', 'acquired']);
    // The seat and the slot, and their records: no claim in vain.
    expect(bill.write).toBe(4);
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

  describe('that begins to bind', () => {
    const offline = { allowed: true, maxDays: null, reserveOnline: 0 };
    const begun = { quota: 10, machineQuota: 1, offline };
    const issueOn = (by: Table, pool: TestPool, machineId: string, idempotencyKey?: string) =>
      issueOfflineLicense(
        by,
        pool,
        { machineId, usedBy: null, description: null, askedExpiry: null },
        { issuedBy: 'usr_admin', idempotencyKey },
      );
    /** A client that does something just before it first puts such a record. */
    const beforeRecord = (record: 'SESSION#' | 'OFFLINE#', work: () => Promise<unknown>) => {
      let isDone = false;
      return database.client({
        request: async ({ name, input }, send) => {
          if (!isDone && name === 'PutItem' && JSON.stringify(input.Item).includes(record)) {
            isDone = true;
            await work();
          }
          return send();
        },
      });
    };
    const key = 'the-same-key-0001';
    /** Issues an offline license on m2, and dies before that is complete. Returns its claim. */
    const untilPending = async (pool: TestPool) => {
      const dying = database.client({
        request: async ({ input }, send) => {
          if (input.UpdateExpression?.includes('#status = :active')) throw new Error('injected');
          return send();
        },
      });
      await expect(issueOn(dying, pool, 'm2', key)).rejects.toThrow('injected');
      const [seat] = (await heldSeats(table, pool)) as [HeldSeat];
      return seatClaim(seat);
    };

    it('does not take an offline license that is only on its way for one that is there', async () => {
      const pool = await poolOf({ machineQuota: 10, offline });
      await activateOn(table, pool, 'm1', 'a');
      const dying = beforeRecord('OFFLINE#', () => Promise.reject(new Error('injected')));
      await expect(issueOn(dying, pool, 'm2')).rejects.toThrow('injected');
      await pool.set(begun);
      expect(got(await activateOn(table, pool, 'm1', 'b'))).toBe(true);
      expect(await registered(table, pool)).toEqual(['m1']);
      expect(await issueOn(table, pool, 'm2')).toMatchObject({ outcome: 'machines-exhausted' });
    });

    it.each<[string, 'SESSION#' | 'OFFLINE#', (pool: TestPool) => Promise<unknown>]>([
      [
        'a session that comes back',
        'SESSION#',
        async (pool) => {
          await activateOn(table, pool, 'm2', 'b');
          await release(table, pool, 'b');
        },
      ],
      [
        'an offline license whose first request died',
        'OFFLINE#',
        async (pool) => settleClaim(table, pool, await untilPending(pool), { now: Date.now() + 20_000 }),
      ],
    ])('lets in another machine before %s is on record, which is then refused', async (_, record, prepare) => {
      const pool = await poolOf({ machineQuota: 10, offline });
      await prepare(pool);
      const slow = beforeRecord(record, async () => {
        await pool.set(begun);
        expect((await activateOn(table, pool, 'm1', 'a')).outcome).toBe('acquired');
      });
      const late = record === 'SESSION#' ? activateOn(slow, pool, 'm2', 'b') : issueOn(slow, pool, 'm2', key);
      expect((await late).outcome).toBe('machines-exhausted');
      expect(await inUse(table, pool)).toEqual(['m1']);
    });

    it('counts the machine of an offline license', async () => {
      const pool = await poolOf({ machineQuota: 10, offline });
      await issueOn(table, pool, 'm2');
      await pool.set(begun);
      expect((await activateOn(table, pool, 'm1', 'a')).outcome).toBe('machines-exhausted');
      expect(await registered(table, pool)).toEqual(['m2']);
    });

    it('does not count the machine of an offline license that was dropped, though its seat is not free yet', async () => {
      const pool = await poolOf({ machineQuota: 10, offline });
      const { holder, ...claim } = await untilPending(pool);
      const end = { reason: 'lease-expired', at: Date.now(), pending: true } as const;
      await endRecord(table, keys.offlineLicense(pool, holderId(holder)), { claim }, end);
      await pool.set(begun);
      expect((await activateOn(table, pool, 'm1', 'a')).outcome).toBe('acquired');
      expect(await registered(table, pool)).toEqual(['m1']);
    });
  });

  it('that begins to bind counts only once no late heartbeat can bring back any of many sessions that lapsed', async () => {
    const pool = await poolOf({ quota: 600, machineQuota: 600 });
    await fillSeats(table, pool, { first: 1, last: 510, availableAt: Date.now() - 1 });
    await activateOn(table, pool, 'm1', 'a');
    await pool.set({ quota: 600, machineQuota: 1 });
    expect((await activateOn(table, pool, 'm2', 'b')).outcome).toBe('machines-exhausted');
    const seats = await readSeats(table, pool, [everySeat]);
    expect(seats.flatMap(({ hold }) => hold?.holder ?? [])).toEqual(['session#a']);
    expect(await registered(table, pool)).toEqual(['m1']);
  });

  it('that begins to bind counts a session that began before, and is recorded only now', async () => {
    const pool = await poolOf({ machineQuota: 10 });
    let [reached, goOn] = [() => {}, () => {}];
    const atRecord = new Promise<void>((resolve) => (reached = resolve));
    const pause = new Promise<void>((resolve) => (goOn = resolve));
    const isRecord = (name: string, input: any) => name === 'PutItem' && input.Item.sessionId === 'a';
    const slow = database.client({
      request: async ({ name, input }, send) => {
        if (isRecord(name, input)) {
          reached();
          await pause;
        }
        return send();
      },
    });
    const beginning = activateOn(slow, pool, 'm1', 'a');
    await atRecord;
    await pool.set({ quota: 10, machineQuota: 1 });
    const overtaken = database.client({
      request: async ({ name, input }, send) => {
        if (isRecord(name, input)) {
          goOn();
          expect((await beginning).outcome).toBe('acquired');
        }
        return send();
      },
    });
    expect((await activateOn(overtaken, pool, 'm2', 'b')).outcome).toBe('machines-exhausted');
    await agree(table, pool, 1);
    expect(await registered(table, pool)).toEqual(['m1']);
  });

  it('that begins to bind takes one look at the pool, also if another request gives a machine its slot meanwhile', async () => {
    const pool = await poolOf({ machineQuota: 10 });
    await activateOn(table, pool, 'm1', 'a');
    await pool.set({ quota: 10, machineQuota: 1 });
    const dies = database.client({
      request: async ({ name, input }, send) => {
        const output = await send();
        if (name === 'PutItem' && input.Item.sk === 'MACHINE#m1') throw new Error('injected');
        return output;
      },
    });
    let other: Promise<unknown> | undefined;
    let looks = 0;
    const overtaken = database.client({
      request: async ({ name, input }, send) => {
        // Each look reads the record of the session.
        if (name === 'GetItem' && input.Key.pk === keys.session(pool, 'a').pk) looks++;
        try {
          return await send();
        } finally {
          if (name === 'UpdateItem' && input.Key.sk === 'MACHINE#m1')
            other ??= activateOn(dies, pool, 'm2', 'c').catch(() => {});
          await other;
        }
      },
    });
    expect((await activateOn(overtaken, pool, 'm2', 'b')).outcome).toBe('machines-exhausted');
    expect(looks).toBe(1);
    expect(await registered(table, pool)).toEqual(['m1']);
  });

  it('that begins to bind while the subscription ends lets in no machine too many once it is renewed', async () => {
    const start = Date.now();
    const terms = { quota: 10, machineQuota: 1, expiresAt: start + 30_000 };
    const pool = await poolOf({ ...terms, machineQuota: 10 });
    const seat = seatOf(await activateOn(table, pool, 'm1', 'a', clockAt(start)));
    await pool.set(terms);
    let now = start;
    const overtaken = database.client({
      request: async ({ name, input }, send) => {
        if (name === 'UpdateItem' && input.Key.sk === 'MACHINE#m1') now = start + 30_000;
        return send();
      },
    });
    expect(
      (
        await activateOn(
          overtaken,
          pool,
          'm2',
          'b',
          clockAt(() => now),
        )
      ).outcome,
    ).toBe('expired');
    await pool.set({ ...terms, expiresAt: start + day });
    // Only one of the two can go on.
    await heartbeat(table, pool, 'a', seat, now);
    await activateOn(table, pool, 'm2', 'b', clockAt(now));
    await agree(table, pool, 1, now);
  });

  it('is free for others again 25 machines at a time: one request does not pay for all', async () => {
    const pool = await poolOf({ quota: 40, machineQuota: 30, leaseSeconds: 3600 });
    for (const name of names(30, 'm')) await activateOn(table, pool, name, name);
    for (const name of names(30, 'm')) await release(table, pool, name);
    expect((await activateOn(table, pool, 'new', 'n')).outcome).toBe('acquired');
    expect(await registered(table, pool)).toHaveLength(30 - 25 + 1);
  });

  it('that became smaller counts a machine that comes back as a new one', async () => {
    for (const from of [5, 10]) {
      const pool = await poolOf({ machineQuota: from });
      for (const name of names(5, 'm')) await activateOn(table, pool, name, `${name}-s`);
      await pool.set({ quota: 10, machineQuota: 2 });
      // Each of them has its slot, as somebody finds who comes now.
      await activateOn(table, pool, 'new', 'n');
      for (const name of names(5, 'm')) await release(table, pool, `${name}-s`);
      const back = await Promise.all(names(5, 'm').map((name) => activateOn(table, pool, name, `${name}-t`)));
      expect(back.filter(got)).toHaveLength(2);
      await agree(table, pool, 2);
    }
  });

  it('that became smaller lets nobody in who was on the way to a machine when that gave up its slot', async () => {
    const pool = await poolOf({ machineQuota: 2 });
    for (const name of ['m1', 'm2']) await activateOn(table, pool, name, `${name}-s`);
    await pool.set({ quota: 10, machineQuota: 1 });
    let meanwhile: string | undefined;
    const overtaken = database.client({
      request: async ({ name, input }, send) => {
        if (name === 'PutItem' && input.Item.sessionId === 'slow' && !meanwhile) {
          meanwhile = await release(table, pool, 'm1-s');
          meanwhile = (await activateOn(table, pool, 'm1', 'fast')).outcome;
        }
        return send();
      },
    });
    const { outcome } = await activateOn(overtaken, pool, 'm1', 'slow');
    expect([meanwhile, outcome]).toEqual(['machines-exhausted', 'machines-exhausted']);
    await agree(table, pool, 1);
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

describe('a dry run', () => {
  const foresee = (pool: TestPool, machineId: string, by = table) =>
    dryRunFloating(by, pool, { sessionId: 'foreseen', userId, machineId });

  it('refuses a machine too many, and no machine that is in use', async () => {
    const pool = await poolOf({ machineQuota: 2 });
    await activateOn(table, pool, 'm1', 'a');
    for (const name of ['m1', 'm2']) expect((await foresee(pool, name)).outcome, name).toBe('accepted');
    await activateOn(table, pool, 'm2', 'b');
    expect(await foresee(pool, 'm3')).toEqual({ outcome: 'machines-exhausted', machineQuota: 2, registered: 2 });
    for (const name of ['m1', 'm2']) expect((await foresee(pool, name)).outcome, name).toBe('accepted');
    await release(table, pool, 'a');
    expect((await foresee(pool, 'm3')).outcome).toBe('accepted');
  });

  it('names the seats, not the machines, where the machine quota does not bind', async () => {
    const pool = await poolOf({ quota: 2, machineQuota: 2 });
    for (const name of ['m1', 'm2']) await activateOn(table, pool, name, name);
    expect((await foresee(pool, 'm3')).outcome).toBe('exhausted');
  });

  it('refuses a machine that is removed while the dry run reads', async () => {
    const pool = await poolOf({});
    await activateOn(table, pool, 'm1', 'a');
    const blockedUntil = Date.now() + 60_000;
    let removal: Promise<unknown> | undefined;
    const overtaken = database.client({
      request: async ({ name, input }, send) => {
        const output = await send();
        if (name === 'BatchGetItem' && JSON.stringify(input).includes('MACHINE#'))
          removal ??= removeMachine(table, pool, 'm1', { now: Date.now(), blockedUntil });
        await removal;
        return output;
      },
    });
    expect(await foresee(pool, 'm1', overtaken)).toEqual({ outcome: 'blocked', until: blockedUntil });
  });

  it('costs the same, however many machines have come and gone', async () => {
    const metered = meter();
    const by = database.client({ request: metered.request });
    const pool = await poolOf({});
    await activateOn(table, pool, 'm0', 'a');
    const asOne = await metered.of(() => foresee(pool, 'm1', by));
    const machine = (await readMachine(table, pool, 'm0'))!;
    await release(table, pool, 'a');
    await putMany(
      table,
      names(100, 'gone').map((machineId) => ({
        ...keys.machine(pool, machineId),
        ...{ ...machine, machineId, status: 'ended', endedAt: Date.now() },
      })),
    );
    const asMany = await metered.of(() => foresee(pool, 'm1', by));
    expect(asMany).toEqual(asOne);
  });
});

describe('a removal of a machine that dies', () => {
  it('is finished by the next session on the machine, before that begins', async () => {
    const pool = await poolOf({});
    const seat = seatOf(await activateOn(table, pool, 'm1', 'a'));
    await removeHalf(database, pool, 'm1', Date.now());
    expect((await activateOn(table, pool, 'm1', 'b')).outcome).toBe('acquired');
    expect(await heartbeat(table, pool, 'a', seat)).toEqual({ outcome: 'ended', reason: 'machine-removed' });
  });
});

describe('an offline license that stopped on the way', () => {
  it('is not issued by a repetition on a machine that was deactivated since', async () => {
    const offline = { allowed: true, maxDays: null, reserveOnline: 0 };
    const pool = await poolOf({ machineQuota: 1, offline });
    const start = Date.now();
    const request = { machineId: 'm1', usedBy: null, description: null, askedExpiry: null };
    const key = { issuedBy: 'usr_admin', idempotencyKey: 'the-same-key' };
    const issue = (by: Table, now: number) => issueOfflineLicense(by, pool, request, key, clockAt(now));
    let pending = false;
    const dies = database.client({
      request: async ({ name, input }, send) => {
        if (pending) throw new Error('injected');
        pending = name === 'PutItem' && input.Item.status === 'pending';
        return send();
      },
    });
    await expect(issue(dies, start)).rejects.toThrow('injected');
    // Its minute is over: nothing is bound to the machine.
    const now = start + 61_000;
    expect((await removeMachine(table, pool, 'm1', { now })).outcome).toBe('removed');
    expect((await activateOn(table, pool, 'm2', 'a', clockAt(now))).outcome).toBe('acquired');
    expect((await issue(table, now)).outcome).toBe('machines-exhausted');
    await agree(table, pool, 1, now);
  });
});

describe('an activation where the machine quota binds', () => {
  it('that dies anywhere leaves no slot that its repetition does not use, and no machine too many', async () => {
    const start = Date.now();
    const deaths = await deathsOf(database, async (by) =>
      activateOn(by, await poolOf({ machineQuota: 1 }), 'm1', 'a', fastClock(start)),
    );
    for (const death of deaths) {
      const pool = await poolOf({ machineQuota: 1 });
      await expect(activateOn(dying(database, death), pool, 'm1', 'a', fastClock(start))).rejects.toThrow();
      await agree(table, pool, 1);
      const repeated = await activateOn(table, pool, 'm1', 'a', fastClock(start + 1));
      expect(got(repeated), `${JSON.stringify(death)}: ${repeated.outcome}`).toBe(true);
      expect(await registered(table, pool)).toEqual(['m1']);
      expect((await activateOn(table, pool, 'm2', 'b', fastClock(start + 1))).outcome).toBe('machines-exhausted');
      await release(table, pool, 'a');
      expect((await activateOn(table, pool, 'm2', 'b', fastClock(start + 90_000))).outcome).toBe('acquired');
    }
  });

  it('while the quotas change both ways, machines come and go: never more than were ever allowed at once', async () => {
    const pool = await poolOf({ quota: 20, machineQuota: 6, leaseSeconds: 3600 });
    const allowed = [6];
    const runner = async (index: number) => {
      for (let turn = 0; turn < 6; turn++) {
        const before = allowed.length;
        const sessionId = `s${index}.${turn}`;
        // Its machine is used by nobody else: to come back it must find room.
        if (!got(await activateOn(table, pool, `m${index}`, sessionId))) continue;
        const { items: seats } = await listOnline(table, (await readSubscription(table, pool))!, {
          limit: 200,
          now: Date.now(),
        });
        expect(seats.length).toBeLessThanOrEqual(Math.max(...allowed.slice(before - 1)));
        await release(table, pool, sessionId);
      }
    };
    const admin = async () => {
      for (const machineQuota of [3, 20, 2, 5, 20, 4]) {
        allowed.push(Math.max(machineQuota, allowed.at(-1) ?? 0));
        await pool.set({ quota: 20, machineQuota, leaseSeconds: 3600 });
        allowed.push(machineQuota);
        await setTimeout(150);
      }
    };
    await Promise.all([...Array.from({ length: 12 }, (_, index) => runner(index)), admin()]);
    const results = await Promise.all(names(8, 'end').map((name) => activateOn(table, pool, name, name)));
    expect(results.filter(got)).toHaveLength(4);
    await agree(table, pool, 4);
  });
});

describe('the schedule', () => {
  const settle = (pool: TestPool, machineId: string, now: number) => settleMachine(table, pool, machineId, now);

  it('forgets a machine an hour after it was registered last, not while it is blocked', async () => {
    const pool = await poolOf({ machineQuota: 1 });
    const start = Date.now();
    await activateOn(table, pool, 'm1', 'a');
    await removeMachine(table, pool, 'm1', { now: start, blockedUntil: start + 7_200_000 });
    expect(await settle(pool, 'm1', start + 3_600_000)).toBe(start + 7_200_000);
    expect(await readMachine(table, pool, 'm1')).toBeDefined();
    // Two runs may come to it at once.
    for (const _ of ['one', 'other']) expect(await settle(pool, 'm1', start + 7_200_000)).toBeUndefined();
    expect(await readMachine(table, pool, 'm1')).toBeUndefined();
    await activateOn(table, pool, 'm2', 'b');
    expect(await settle(pool, 'm2', start + 90_000_000)).toBeUndefined();
    expect(await readMachine(table, pool, 'm2')).toMatchObject({ status: 'active' });
  });

  it('plans that by the record of the end', async () => {
    const pool = await poolOf({ machineQuota: 1 });
    const start = Date.now();
    await activateOn(table, pool, 'm1', 'a');
    const stored = async () => ({ ...keys.machine(pool, 'm1'), ...(await readMachine(table, pool, 'm1')) });
    const before = await stored();
    await removeMachine(table, pool, 'm1', { now: start });
    const [due] = reactionsToRecord({ before, after: await stored() })?.due() ?? [];
    // First a look whether what ran on it has ended.
    expect(due).toMatchObject({ kind: 'machine', machineId: 'm1', at: start + 60_000, ran: [{ fence: 1 }] });
    expect(reactionsToRecord({ before: undefined, after: before })?.due()).toEqual([]);
    await planDue(table, due!);
    await settleAllDue(table, { now: start + 60_000, most: 1000, until: () => false });
    expect(await readMachine(table, pool, 'm1')).toBeDefined();
    await settleAllDue(table, { now: start + 3_600_000, most: 1000, until: () => false });
    expect(await readMachine(table, pool, 'm1')).toBeUndefined();
  });

  it('forgets a machine whose removal died only after it has freed the slot', async () => {
    const pool = await poolOf({ machineQuota: 1 });
    const start = Date.now();
    await activateOn(table, pool, 'm1', 'a', clockAt(start));
    await removeHalf(database, pool, 'm1', start);
    const now = start + 3_600_000;
    const again = await settle(pool, 'm1', now);
    expect(again).toBeGreaterThan(now);
    expect(await registered(table, pool)).toEqual([]);
    expect(await readMachine(table, pool, 'm1')).toMatchObject({ status: 'ended', endedReason: 'machine-removed' });
    expect(await settle(pool, 'm1', again ?? now)).toBeUndefined();
    expect(await readMachine(table, pool, 'm1')).toBeUndefined();
  });

  it('checks a slot no more whose machine is registered, nor one that another machine has since', async () => {
    const pool = await poolOf({ machineQuota: 1 });
    await activateOn(table, pool, 'm1', 'a');
    const claim = slotOf((await readMachine(table, pool, 'm1'))!);
    const check = () => settleClaim(table, slotsOf(pool), claim, { now: Date.now() });
    expect(await check()).toBeUndefined();
    await release(table, pool, 'a');
    await activateOn(table, pool, 'm2', 'b');
    expect(await check()).toBeUndefined();
    expect(await registered(table, pool)).toEqual(['m2']);
  });

  it('closes a slot that was left without a record, once nobody is on its machine', async () => {
    const pool = await poolOf({ machineQuota: 1, leaseSeconds: 60 });
    const start = Date.now();
    const dying = database.client({
      request: async ({ name, input }, send) => {
        if (name === 'PutItem' && JSON.stringify(input).includes('MACHINE#')) throw new Error('injected');
        return send();
      },
    });
    await expect(activateOn(dying, pool, 'm1', 'a', fastClock(start))).rejects.toThrow();
    const [slot] = await readSeats(table, slotsOf(pool), [everySeat]);
    const claim = { number: slot!.number, fence: slot!.fence, holder: machineHolder('m1') };
    expect(await settleClaim(table, slotsOf(pool), claim, { now: start + 30_000 })).toBeGreaterThan(start + 30_000);
    expect(await registered(table, pool)).toEqual(['m1']);
    expect(await settleClaim(table, slotsOf(pool), claim, { now: start + 61_000 })).toBeUndefined();
    expect(await registered(table, pool)).toEqual([]);
  });
});
