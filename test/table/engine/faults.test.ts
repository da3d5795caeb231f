import { InternalServerError, ProvisionedThroughputExceededException } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SubscriptionTerms } from '../../../shared/domain/subscription.ts';
import { claimLimitMs } from '../../../shared/table/engine/confirm-claim.ts';
import { readSession } from '../../../shared/table/items/sessions.ts';
import { readSubscription, setSubscription, stampQueue } from '../../../shared/table/items/subscriptions.ts';
import { grantLicense } from '../../../shared/table/licensed-users/grant-license.ts';
import { issueOfflineLicense } from '../../../shared/table/offline/offline-licenses.ts';
import { putIntent } from '../../../shared/table/session-ends/session-moves.ts';
import { slotsOf } from '../../../shared/table/store/keys.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { type Around, createDatabase, createPool, type Database, type TestPool } from '../support/database.ts';
import { createLicensedPool, licensedUsers } from '../support/licensed-pool.ts';
import { activateOn } from '../support/machines.ts';
import { losingAnswers } from '../support/requests/lost-answers.ts';
import { activate, fastClock, heartbeat, heldSeats, holders, release, seatOf } from '../support/sessions.ts';

let database: Database;
let table: Table;
beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
});

const meta = { message: 'injected', $metadata: {} };
const faults = {
  'a lost answer': async (send: () => Promise<unknown>) => {
    await send();
    throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET', name: 'TimeoutError' });
  },
  throttling: async () => {
    throw new ProvisionedThroughputExceededException(meta);
  },
  InternalServerError: async () => {
    throw new InternalServerError({ ...meta, $metadata: { httpStatusCode: 500 } });
  },
  'an InternalServerError after the write': async (send: () => Promise<unknown>) => {
    await send();
    throw new InternalServerError({ ...meta, $metadata: { httpStatusCode: 500 } });
  },
} satisfies Record<string, (send: () => Promise<unknown>) => Promise<unknown>>;

/** Lets the fault happen to the nth request, or the nth try of a request, and to none after it. */
const at = (
  nth: number,
  fault: (send: () => Promise<unknown>) => Promise<unknown>,
): { around: Around; hit: () => boolean } => {
  let count = 0;
  return {
    around: (_, send) => (++count === nth ? fault(send) : send()),
    hit: () => count >= nth,
  };
};

type Work = (table: Table, pool: TestPool) => Promise<unknown>;
const operations: Record<string, { prepare: Work; work: Work; most: number }> = {
  activation: { prepare: async () => {}, work: (t, pool) => activate(t, pool, 'a', fastClock()), most: 5 },
  'a repeated activation': {
    prepare: (t, pool) => activate(t, pool, 'a'),
    work: (t, pool) => activate(t, pool, 'a', fastClock()),
    most: 3,
  },
  release: { prepare: (t, pool) => activate(t, pool, 'a'), work: (t, pool) => release(t, pool, 'a'), most: 2 },
};

describe.each(Object.keys(faults) as (keyof typeof faults)[])('%s', (kind) => {
  describe.each(Object.entries(operations))('in %s', (name, { prepare, work, most }) => {
    it.each(Array.from({ length: most }, (_, index) => index + 1))(
      'at try %i: the SDK’s retry gives the answer that was due',
      async (nth) => {
        const pool = await createPool(table, { quota: 2 });
        await prepare(table, pool);
        const fault = at(nth, faults[kind]);
        const result = await work(database.client({ attempt: fault.around }), pool);
        expect(fault.hit()).toBe(true);
        if (name === 'release') expect(result).toBe('ended');
        // Its first fence: the retry recognized what its own earlier try had written.
        else
          expect(result).toMatchObject({ outcome: name === 'activation' ? 'acquired' : 'renewed', seat: { fence: 1 } });
        expect(await holders(table, pool)).toEqual(name === 'release' ? [] : ['a']);
      },
    );

    it.each(Array.from({ length: most }, (_, index) => index + 1))(
      'at request %i, which kills it: the caller’s retry gives the answer that was due',
      async (nth) => {
        const pool = await createPool(table, { quota: 2 });
        await prepare(table, pool);
        const fault = at(nth, faults[kind]);
        await expect(work(database.client({ request: fault.around }), pool)).rejects.toThrow();

        if (name === 'release') {
          expect(await release(table, pool, 'a')).toBe('ended');
          expect(await holders(table, pool)).toEqual([]);
          expect(await readSession(table, pool, 'a')).toMatchObject({ status: 'ended', endedReason: 'released' });
          return;
        }
        const retried = seatOf(await activate(table, pool, 'a', fastClock()));
        const again = seatOf(await activate(table, pool, 'a', fastClock()));
        expect(again).toMatchObject({ number: retried.number, fence: retried.fence });
        expect(await holders(table, pool)).toEqual(['a']);
        expect(await heartbeat(table, pool, 'a', retried)).toMatchObject({ outcome: 'extended' });
      },
    );
  });

  it('in a heartbeat: a retry extends the same lease', async () => {
    for (const nth of [1, 2]) {
      const pool = await createPool(table);
      const seat = seatOf(await activate(table, pool, 'a'));
      const fault = at(nth, faults[kind]);
      await expect(heartbeat(database.client({ request: fault.around }), pool, 'a', seat)).rejects.toThrow();
      expect(await heartbeat(table, pool, 'a', seat)).toMatchObject({
        outcome: 'extended',
        seat: { number: seat.number },
      });
    }
  });
});

describe('a request that dies', () => {
  it('never keeps a seat beyond its lease', async () => {
    for (let nth = 1; nth <= 5; nth++) {
      const pool = await createPool(table, { quota: 1, leaseSeconds: 30 });
      const start = Date.now();
      const fault = at(nth, faults['a lost answer']);
      await expect(
        activate(database.client({ request: fault.around }), pool, 'dead', fastClock(start)),
      ).rejects.toThrow();
      expect(await activate(table, pool, 'next', fastClock(start + 30_000))).toMatchObject({ outcome: 'acquired' });
    }
  });

  it('between claim and record blocks its own session only until it passes for dead, and nobody else’s answer', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 3600 });
    const start = Date.now();
    // The fourth request is the verification: the claim was made.
    const fault = at(4, faults['a lost answer']);
    await expect(activate(database.client({ request: fault.around }), pool, 'a', fastClock(start))).rejects.toThrow();
    const [leftover] = await heldSeats(table, pool);
    expect(await activate(table, pool, 'b', fastClock(start))).toMatchObject({ outcome: 'exhausted' });
    const clock = fastClock(start);
    const retried = seatOf(await activate(table, pool, 'a', clock));
    expect(retried.number).toBe(leftover?.number);
    expect(retried.fence).toBeGreaterThan(leftover?.fence ?? 0);
    expect(clock.now() - start).toBeGreaterThanOrEqual(claimLimitMs);
  });

  it('leaves a claim for which its duplicate is not refused, though the quota was cut meanwhile', async () => {
    const pool = await createPool(table, { quota: 4, leaseSeconds: 3600 });
    const start = Date.now();
    const dying = database.client({ request: at(4, faults['a lost answer']).around });
    const { promise: sawFree, resolve } = Promise.withResolvers<void>();
    let reads = 0;
    // The duplicate has seen the seats before the claim, and reads the subscription after the cut.
    const overtaken: Around = async ({ name }, send) => {
      if (name === 'BatchGetItem' && ++reads === 1) {
        await sawFree;
        await expect(activate(dying, pool, 'a', fastClock(start))).rejects.toThrow();
        await pool.set({ quota: 1 });
      }
      const output = await send();
      if (name === 'Query') resolve();
      return output;
    };
    const clock = fastClock(start);
    const seat = seatOf(await activate(database.client({ request: overtaken }), pool, 'a', clock));
    expect(await heldSeats(table, pool, clock.now())).toEqual([seat]);
    expect(seat.number).toBe(1);
  });

  it('cannot record a claim that it took too long over', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 5 });
    const clock = fastClock();
    const slow: Around = async ({ name }, send) => {
      const result = await send();
      // The world stops for six seconds after each claim, longer than the lease.
      if (name === 'UpdateItem') await clock.pause(6_000);
      return result;
    };
    const result = await activate(database.client({ request: slow }), pool, 'a', clock);
    expect(result.outcome).toBe('contended');
    expect(await holders(table, pool, clock.now())).toEqual([]);
    expect(await readSession(table, pool, 'a')).toBeUndefined();
  });
});

describe('a record whose answer is lost, and that others go on from before it is put again', () => {
  /** Before the SDK puts a record (of this kind) again whose answer was lost, something happens. */
  const between = (work: () => Promise<unknown>, kind = ''): Table => {
    let done = false;
    const attempt: Around = async ({ name, input }, send) => {
      const output = await send();
      if (done || name !== 'PutItem' || !input.Item.revision || !`${input.Item.sk}`.startsWith(kind)) return output;
      done = true;
      await work();
      throw new InternalServerError({ ...meta, $metadata: { httpStatusCode: 500 } });
    };
    return database.client({ attempt });
  };
  /** The first claim of the first seat, or slot: nobody gave it back. */
  const firstClaim = expect.objectContaining({ fence: 1 });

  it('a grant that its duplicate completes keeps the seat', async () => {
    const pool = await createLicensedPool(table, 1, 1);
    const [user = ''] = pool.users;
    const duplicate = async () => expect((await grantLicense(table, pool, user)).outcome).toBe('renewed');
    expect(await grantLicense(between(duplicate), pool, user)).toMatchObject({ outcome: 'acquired', seat: firstClaim });
    expect(await licensedUsers(table, pool)).toEqual([user]);
  });

  it('an offline license that its duplicate issues keeps the seat', async () => {
    const pool = await createPool(table, { quota: 1, offline: { allowed: true, maxDays: null, reserveOnline: 0 } });
    const request = { machineId: 'press-3', usedBy: null, description: null, askedExpiry: null };
    const key = { issuedBy: 'usr_owner', idempotencyKey: 'the-same-key' };
    const issue = (by: Table) => issueOfflineLicense(by, pool, request, key);
    const duplicate = async () => expect(await issue(table)).toMatchObject({ license: firstClaim });
    expect(await issue(between(duplicate, 'OFFLINE#'))).toMatchObject({ outcome: 'issued', license: firstClaim });
    expect(await heldSeats(table, pool, Date.now() + 3_600_000)).toEqual([firstClaim]);
  });

  it('a machine that another session uses keeps its slot', async () => {
    const pool = await createPool(table, { quota: 5, machineQuota: 1 });
    const other = async () => expect((await activateOn(table, pool, 'm1', 'b')).outcome).toBe('acquired');
    expect((await activateOn(between(other), pool, 'm1', 'a')).outcome).toBe('acquired');
    expect(await heldSeats(table, slotsOf(pool))).toEqual([firstClaim]);
  });

  it('a session that is about to move to another machine keeps the seat', async () => {
    const pool = await createPool(table, { quota: 1 });
    const marking = async () => {
      const session = await readSession(table, pool, 'a');
      const moving = { id: 'move', machineId: 'm2', fence: 2, at: Date.now() };
      expect(session && (await putIntent(table, pool, session, moving))).toBeDefined();
    };
    expect(await activateOn(between(marking), pool, 'm1', 'a')).toMatchObject({ seat: firstClaim });
  });
});

describe('setting a subscription whose answer is lost', () => {
  const losing = (meanwhile?: () => Promise<unknown>) =>
    losingAnswers(database, (name) => name === 'PutItem', meanwhile);
  it('creates it once, and says so', async () => {
    const { organizationId, set: _, ...like } = await createPool(table);
    const pool = { organizationId, product: 'NEW' };
    const terms = (await readSubscription(table, { organizationId, ...like })) as SubscriptionTerms;
    const set = await setSubscription(losing(), pool, terms, Date.now());
    expect(set).toMatchObject({ outcome: 'created', subscription: { version: 1 } });
    expect(await readSubscription(table, pool)).toEqual((set as { subscription: unknown }).subscription);
  });
  it('changes it once, also if others write it before the SDK tries again', async () => {
    const pool = await createPool(table);
    const until = Date.now() + 60_000;
    const set = await pool.set(
      { quota: 3 },
      losing(() => stampQueue(table, pool, { needed: until, until })),
    );
    expect(set).toMatchObject({ outcome: 'changed', subscription: { quota: 3, lineUntil: until, version: 3 } });
    expect(await readSubscription(table, pool)).toEqual((set as { subscription: unknown }).subscription);
  });
});
