import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Context, DynamoDBStreamEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { followChanges, settleDue } from '../../../infra/functions.ts';
import { createTable } from '../../../infra/local/database/create-table.ts';
import { followStream } from '../../../infra/local/fakes/stream-poller.ts';
import { type Holder, hasHolder, offlineHolder, sessionHolder } from '../../../shared/domain/seat.ts';
import { nextSweepAfter } from '../../../shared/domain/sweep.ts';
import { type Due, forgetDue, planDue } from '../../../shared/table/items/due-items.ts';
import { endRecord } from '../../../shared/table/items/holder-records.ts';
import { readSeats } from '../../../shared/table/items/read-seats.ts';
import { claimSeat } from '../../../shared/table/items/seats.ts';
import { readSession } from '../../../shared/table/items/sessions.ts';
import { settleAllDue } from '../../../shared/table/schedule/settle-due.ts';
import { sweepPool } from '../../../shared/table/schedule/sweep-pool.ts';
import { keys } from '../../../shared/table/store/keys.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { withGrant } from '../../api/support/grants.ts';
import { eventually } from '../../eventually.ts';
import { coldStart } from '../support/cold-start.ts';
import { createDatabase, createPool, type Database, putMany, type TestPool } from '../support/database.ts';
import {
  activate,
  activateMany,
  clockAt,
  heartbeat,
  heldSeats,
  holders,
  release,
  seatOf,
} from '../support/sessions.ts';

// The real stream of DynamoDB Local feeds the real stream function; only the schedule's clock is the tests'.
let database: Database;
let table: Table;
let stream: { stop: () => Promise<void> };
let deliver: (event: DynamoDBStreamEvent) => Promise<{ batchItemFailures: { itemIdentifier: string }[] }>;
let settle: (event: unknown, context: Context) => Promise<{ settled: number; failed: number; more: boolean }>;
let twice = false;

beforeAll(async () => {
  database = await createDatabase({ stream: true });
  table = database.client();
  vi.stubEnv('TABLE_NAME', database.name);
  vi.stubEnv('DYNAMODB_ENDPOINT', database.endpoint);
  vi.stubEnv('AWS_ACCESS_KEY_ID', database.credentials.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', database.credentials.secretAccessKey);
  const [{ handler: follow }, { handler: runSchedule }] = await Promise.all([
    coldStart('follow-changes'),
    coldStart('settle-due'),
  ]);
  deliver = (event) => withGrant(followChanges, () => follow(event));
  settle = (event, context) => withGrant(settleDue, () => runSchedule(event, context));
  const { streamArn } = await createTable(database.endpoint, database.name, database.credentials);
  stream = followStream({
    endpoint: database.endpoint,
    streamArn,
    progressFile: join(await mkdtemp(join(tmpdir(), 'leasehold-')), 'stream.json'),
    deliver: async (event) => {
      if (twice) await deliver(event);
      return deliver(event);
    },
  });
});
afterAll(async () => {
  await stream.stop();
  vi.unstubAllEnvs();
});

/** The due items of a pool, straight from the table. */
const dues = async (pool: TestPool) => {
  const { Items = [] } = await table.client.send(
    new ScanCommand({
      TableName: table.name,
      FilterExpression: 'begins_with(pk, :due)',
      ExpressionAttributeValues: { ':due': 'DUE#' },
    }),
  );
  return Items.filter(
    (item) => item.pool.organizationId === pool.organizationId && ['claim', 'sweep'].includes(item.kind),
  );
};

/** Waits until the stream function has planned a sweep of the pool. */
const sweepPlanned = (pool: TestPool) => eventually(async () => expect(await dues(pool)).not.toEqual([]));

/** After a claim, ms: by then its sweep is due. */
const swept = 300_000;

const runAt = (now: number, most = 1000) => settleAllDue(table, { now, most, until: () => false });

/**
 * Waits until nothing of a pool is due. A change that the stream function follows late may tell that its session has lost its
 * seat: one check more.
 */
const settledAt = (pool: TestPool, now: number) =>
  eventually(async () => {
    await runAt(now);
    expect(await dues(pool)).toEqual([]);
  });

describe('what lapsed', () => {
  it('is closed with its reason and the time of its lapse, not of the run', async () => {
    const pool = await createPool(table, { leaseSeconds: 60 });
    const start = Date.now();
    const seat = seatOf(await activate(table, pool, 'a', clockAt(start)));
    await sweepPlanned(pool);
    await runAt(start + 3_600_000);
    expect(await readSession(table, pool, 'a')).toMatchObject({
      status: 'ended',
      endedReason: 'lease-expired',
      endedAt: start + 60_000,
    });
    // A late heartbeat can't revive what was told as ended.
    expect(await heartbeat(table, pool, 'a', seat, start + 3_600_000)).toEqual({
      outcome: 'ended',
      reason: 'lease-expired',
    });
  });

  it('stays alive while heartbeats come, however often the schedule runs', async () => {
    const pool = await createPool(table, { leaseSeconds: 60 });
    const start = Date.now();
    const seat = seatOf(await activate(table, pool, 'a', clockAt(start)));
    await sweepPlanned(pool);
    for (let beat = 1; beat <= 60; beat++) {
      await heartbeat(table, pool, 'a', seat, start + beat * 45_000);
      if (beat % 3 > 0) continue;
      await runAt(start + beat * 45_000 + 1);
      await runAt(start + beat * 45_000 + 2);
    }
    expect(await holders(table, pool, start + 60 * 45_000 + 10)).toEqual(['a']);
    // One due item follows the pool, whatever the number of sessions and heartbeats.
    expect(await dues(pool)).toHaveLength(1);
  });

  it('and was taken over by another session is closed as lapsed', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 60 });
    const start = Date.now();
    await activate(table, pool, 'a', clockAt(start));
    seatOf(await activate(table, pool, 'b', clockAt(start + 60_000)));
    const ended = { status: 'ended', endedReason: 'lease-expired', endedAt: start + 60_000 };
    await eventually(async () => expect(await readSession(table, pool, 'a')).toMatchObject(ended));
    expect(await readSession(table, pool, 'b')).toMatchObject({ status: 'active' });
    expect(await holders(table, pool, start + 90_000)).toEqual(['b']);
  });
});

describe('what was interrupted', () => {
  it('an end between record and seat is finished', async () => {
    const pool = await createPool(table, { leaseSeconds: 86_400 });
    const start = Date.now();
    const seat = seatOf(await activate(table, pool, 'a', clockAt(start)));
    await endRecord(table, keys.session(pool, 'a'), { claim: seat }, { reason: 'released', at: start + 1000 });
    expect(await holders(table, pool)).toEqual(['a']);
    await eventually(async () => expect(await holders(table, pool)).toEqual([]));
    expect(await readSession(table, pool, 'a')).toMatchObject({ endedReason: 'released' });
  });

  it('a claim that stayed without a record is closed, within minutes whatever the lease', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 86_400 });
    const start = Date.now();
    const hold = {
      holder: sessionHolder('dead'),
      userId: 'usr_a',
      claimedAt: start,
      renewedAt: start,
      availableAt: start + 86_400_000,
      leaseMs: 86_400_000,
    };
    await claimSeat(table, pool, 1, hold, { claimId: 'x', fence: 1 });
    expect(await activate(table, pool, 'b')).toMatchObject({ outcome: 'exhausted' });
    await sweepPlanned(pool);
    await runAt(start + swept);
    expect(await activate(table, pool, 'b')).toMatchObject({ outcome: 'acquired' });
  });
});

describe('a claim whose lease ended before it was recorded', () => {
  it.each([
    ['the others’ clocks are 30 s ahead', 100, 30_000],
    ['its request is paused for a minute', 60_000, 0],
  ])('where %s: the session does not run for ever', async (_, pausedMs, skewMs) => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 5 });
    const start = Date.now();
    let now = start;
    const ahead = start + pausedMs + skewMs;
    const slow = database.client({
      request: async ({ name, input }, send) => {
        if (name === 'PutItem' && input.Item.pk.startsWith('SESSION#') && now === start) {
          now += pausedMs;
          const taken = activate(table, pool, 'other', clockAt(ahead));
          seatOf(await taken);
          await sweepPlanned(pool);
          await runAt(ahead + swept);
        }
        return send();
      },
    });
    const pause = async (ms: number) => {
      now += Math.ceil(ms);
    };
    await activate(slow, pool, 'slow', { now: () => now, pause });
    // The runner never comes back: whatever it was told, the schedule ends its session.
    await eventually(async () => {
      await runAt(start + 600_000);
      expect((await readSession(table, pool, 'other'))?.status).toBe('ended');
      expect((await readSession(table, pool, 'slow'))?.status).toBe('ended');
    });
    await settledAt(pool, start + 600_000);
  });
});

describe('what expired', () => {
  it('a subscription’s sessions end as subscription-expired, at its expiry, also long before their leases do', async () => {
    const start = Date.now();
    const pool = await createPool(table, { quota: 150, leaseSeconds: 86_400, expiresAt: start + 7 * 86_400_000 });
    await activateMany(table, pool, 120);
    const expiresAt = Date.now() + 5_000;
    await pool.set({ expiresAt });
    await eventually(async () => {
      await runAt(expiresAt + 1);
      expect(await holders(table, pool, start)).toEqual([]);
    });
    for (const id of ['s0', 's57', 's119'])
      expect(await readSession(table, pool, id)).toMatchObject({
        endedReason: 'subscription-expired',
        endedAt: expiresAt,
      });
  });

  it('one that was renewed meanwhile is left alone', async () => {
    const start = Date.now();
    const pool = await createPool(table, { expiresAt: start + 1_000, leaseSeconds: 60 });
    await activate(table, pool, 'a', clockAt(start));
    await pool.set({ expiresAt: start + 86_400_000 });
    const seat = seatOf(await activate(table, pool, 'a', clockAt(start)));
    await sweepPlanned(pool);
    await runAt(start + 2_000);
    expect(await heartbeat(table, pool, 'a', seat, start + 2_000)).toMatchObject({ outcome: 'extended' });
  });
});

describe('the schedule', () => {
  it('may run twice at once, on a stream that delivers twice: each session ends once', async () => {
    twice = true;
    const pool = await createPool(table, { quota: 40, leaseSeconds: 30 });
    const start = Date.now();
    await activateMany(table, pool, 30, clockAt(start));
    await sweepPlanned(pool);
    const later = start + 600_000;
    await Promise.all([runAt(later), runAt(later), runAt(later)]);
    expect(await holders(table, pool, start)).toEqual([]);
    await settledAt(pool, later);
    for (let index = 0; index < 30; index++)
      expect(await readSession(table, pool, `s${index}`)).toMatchObject({ endedReason: 'lease-expired', revision: 2 });
    twice = false;
  });

  it('stops when its time is over and carries on in the next run, without losing anything', async () => {
    const pool = await createPool(table, { quota: 600 });
    const start = Date.now();
    const hold = (holder: string, lasts: number) => ({
      holder: sessionHolder(holder),
      userId: 'usr_a',
      claimedAt: start,
      availableAt: start + lasts,
      leaseMs: lasts,
    });
    const live = Array.from({ length: 500 }, (_, index) => ({
      ...keys.seat(pool, index + 1),
      ...hold(`live-${index}`, 3_600_000),
      renewedAt: start + 1,
      fence: 1,
    }));
    await putMany(table, live);
    await claimSeat(table, pool, 501, hold('lapsed', 30_000), { claimId: 'x', fence: 1 });
    const sweep = { kind: 'sweep', pool, of: 'seats', at: start } as const;
    const now = start + swept;
    const rest = await sweepPool(table, sweep, { now, until: () => true });
    expect((await heldSeats(table, pool, start)).at(-1)).toMatchObject({ number: 501 });
    expect(rest).toMatchObject({ at: now + 1, rest: { live: true } });
    const next = await sweepPool(table, rest!, { now, until: () => false });
    expect((await heldSeats(table, pool, start)).at(-1)).toMatchObject({ number: 500 });
    expect(next).toEqual({ ...sweep, at: nextSweepAfter(now + 1, { calm: false, now }) });
  });

  it('settles the sessions of the next page, too, if one fails: in a sweep, also an interrupted one, and at an expiry', async () => {
    const [start, lasts] = [Date.now(), 30_000];
    const pool = await createPool(table, { quota: 600, expiresAt: start + 60_000 });
    const seat = (number: number, holder: Holder, fence = 1) => ({
      ...keys.seat(pool, number),
      ...{ holder, fence, userId: 'usr_a', claimedAt: start, availableAt: start + lasts, leaseMs: lasts },
    });
    const offline = Array.from({ length: 499 }, (_, index) => seat(index + 2, offlineHolder(`off-${index}`)));
    await putMany(table, [seat(1, sessionHolder('fails')), ...offline]);
    const failing = database.client({
      request: async ({ input }, send) => {
        if (/SESSION#[^"]*#fails"/.test(JSON.stringify(input))) throw new Error('injected');
        return send();
      },
    });
    const sweep = { kind: 'sweep', pool, of: 'seats', at: start } as const;
    const now = start + swept;
    const walks = [
      () => sweepPool(failing, sweep, { now, until: () => false }),
      async () => {
        await expect(sweepPool(failing, sweep, { now, until: () => true })).rejects.toThrow('1 sessions');
        const rest = (await dues(pool)).find((due) => due.rest) as Due & { kind: 'sweep' };
        await sweepPool(table, rest, { now, until: () => false });
        throw new Error('1 sessions');
      },
      async () => {
        await planDue(table, { kind: 'subscription', pool, at: start + 60_000 });
        const report = await settleAllDue(failing, { now, most: 1000, until: () => false });
        throw report.failed.find(({ due }) => due.kind === 'subscription' && due.pool.product === pool.product)?.error;
      },
    ];
    for (const [index, walk] of walks.entries()) {
      await putMany(table, [seat(501, sessionHolder('lapsed'), index + 1)]);
      await expect(walk()).rejects.toThrow('1 sessions');
      expect((await readSeats(table, pool, [{ first: 501, last: 501 }])).filter(hasHolder)).toEqual([]);
    }
  });

  it('follows a session by sweeps that an earlier release checked by itself', async () => {
    const pool = await createPool(table);
    const start = Date.now();
    const { number, fence, hold } = seatOf(await activate(table, pool, 'a', clockAt(start)));
    await sweepPlanned(pool);
    for (const due of await dues(pool)) await forgetDue(table, due as Due);
    await planDue(table, { kind: 'claim', pool, at: start + 20_000, claim: { number, fence, holder: hold.holder } });
    await runAt(start + 20_000);
    expect(await dues(pool)).toMatchObject([{ kind: 'sweep', of: 'seats' }]);
    await runAt(start + 20_000 + swept);
    expect(await readSession(table, pool, 'a')).toMatchObject({ status: 'ended', endedAt: start + 60_000 });
  });

  it('gives each shard its share of a run: a lot that is due in one starves no other', async () => {
    const pool = await createPool(table);
    const start = Date.now();
    for (let number = 1; number <= 80; number++)
      await planDue(table, {
        kind: 'claim',
        pool,
        at: start,
        claim: { number, fence: 1, holder: sessionHolder(`gone-${number}`) },
      });
    const byShard = async () => Object.groupBy(await dues(pool), ({ pk }) => pk as string);
    const before = await byShard();
    expect(Object.keys(before).length).toBeGreaterThan(4);
    expect(await runAt(start, 16)).toMatchObject({ more: true });
    const after = await byShard();
    for (const [shard, items] of Object.entries(before))
      expect(after[shard]?.length ?? 0, shard).toBeLessThan(items?.length ?? 0);
    for (let more = true; more; ) ({ more } = await runAt(start, 16));
    expect(await dues(pool)).toEqual([]);
  });

  it('is held up by no session that fails, and comes back in the next run', async () => {
    const pool = await createPool(table, { quota: 3, leaseSeconds: 30 });
    const start = Date.now();
    for (const id of ['a', 'b', 'c']) await activate(table, pool, id, clockAt(start));
    await sweepPlanned(pool);
    const failing = database.client({
      request: async ({ name, input }, send) => {
        const seat = JSON.stringify(input);
        if (name === 'UpdateItem' && seat.includes('SESSION#') && seat.includes('#b')) throw new Error('injected');
        return send();
      },
    });
    const report = await settleAllDue(failing, { now: start + 600_000, most: 1000, until: () => false });
    expect(report.failed).toMatchObject([{ due: { kind: 'sweep', pool: { organizationId: pool.organizationId } } }]);
    for (const id of ['a', 'c']) expect(await readSession(table, pool, id)).toMatchObject({ status: 'ended' });
    expect((await dues(pool)).filter(({ kind }) => kind === 'sweep')).toHaveLength(1);
    // The run closed its seat, so the stream function ends its record.
    const b = async () => expect(await readSession(table, pool, 'b')).toMatchObject({ status: 'ended' });
    await eventually(b);
    await settledAt(pool, start + 600_000);
  });

  it('off: quota, reuse at the lapse and reasons are the same', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 60 });
    const start = Date.now();
    const a = seatOf(await activate(table, pool, 'a', clockAt(start)));
    expect(await activate(table, pool, 'b', clockAt(start + 59_999))).toMatchObject({ outcome: 'exhausted' });
    const b = seatOf(await activate(table, pool, 'b', clockAt(start + 60_000)));
    expect(b.number).toBe(a.number);
    expect(await heartbeat(table, pool, 'a', a, start + 60_001)).toEqual({ outcome: 'ended', reason: 'lease-expired' });
    await release(table, pool, 'b', start + 61_000);
    expect(await heartbeat(table, pool, 'b', b, start + 61_001)).toEqual({ outcome: 'ended', reason: 'released' });
    expect(await activate(table, pool, 'a', clockAt(start + 62_000))).toMatchObject({ outcome: 'acquired' });
  });

  it('is a function that reports what it did', async () => {
    const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
    await expect(settle({}, context)).resolves.toMatchObject({ failed: 0, more: false });
  });
});

describe('the stream function', () => {
  it('tells the changes that it can’t follow, and only these, so that the stream comes back to them', async () => {
    const pool = await createPool(table);
    const item = {
      ...keys.seat(pool, 1),
      holder: 'session#x',
      fence: 1,
      claimedAt: Date.now(),
      availableAt: 1,
      leaseMs: 1,
    };
    await table.client.send(new PutCommand({ TableName: table.name, Item: item }));
    const image = {
      pk: { S: item.pk },
      sk: { S: item.sk },
      holder: { S: item.holder },
      fence: { N: '1' },
      claimedAt: { N: '1' },
    };
    vi.stubEnv('TABLE_NAME', 'NoSuchTable');
    const { handler } = await coldStart('follow-changes');
    const record = (SequenceNumber: string, NewImage: object) => ({ dynamodb: { SequenceNumber, NewImage } });
    const nothing = { pk: { S: 'X' }, sk: { S: 'X' } };
    const records = [record('1', nothing), record('2', image), record('3', nothing), record('4', image)];
    const answer = await handler({ Records: records } as unknown as DynamoDBStreamEvent);
    // They are tried at once, and told as they fail.
    expect(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual(['2', '4']);
    vi.stubEnv('TABLE_NAME', database.name);
  });
});
