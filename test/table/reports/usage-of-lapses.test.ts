import { describe, expect, it } from 'vitest';
import { dayMs, dayOf } from '../../../shared/domain/dates.ts';
import { activateFloating } from '../../../shared/table/activations/activate-floating.ts';
import { activateLicensed } from '../../../shared/table/activations/activate-licensed.ts';
import { heartbeatLicensed } from '../../../shared/table/activations/heartbeat-licensed.ts';
import { closeUse } from '../../../shared/table/items/license-uses.ts';
import { readSession } from '../../../shared/table/items/sessions.ts';
import { grantLicense } from '../../../shared/table/licensed-users/grant-license.ts';
import { deactivateSession } from '../../../shared/table/removals/deactivate.ts';
import { listEvents } from '../../../shared/table/reports/list-events.ts';
import { listHistory } from '../../../shared/table/reports/list-sessions.ts';
import { listUsage } from '../../../shared/table/reports/list-usage.ts';
import { keys, type Pool } from '../../../shared/table/store/keys.ts';
import type { StreamRecord } from '../../../shared/table/stream/change.ts';
import { createDatabase, createPool } from '../support/database.ts';
import { createLicensedPool } from '../support/licensed-pool.ts';
import { activate, clockAt, heartbeat, release, seatOf, userId } from '../support/sessions.ts';
import { openChanges } from '../support/stream/changes.ts';
import { followRecord } from '../support/stream/follow.ts';

const database = await createDatabase({ stream: true });
const table = database.client();
const changes = await openChanges(database);
const start = Date.now() - 600_000;
const at = (seconds: number) => clockAt(start + seconds * 1000);

/**
 * Reads the history once the stream function has followed all: the peak, and each activation's first and last second.
 *
 * @param inOrder puts the changes of each batch in the order in which the stream function follows them
 */
const told = async (pool: Pool, inOrder = (batch: StreamRecord[]) => batch) => {
  // A write of the stream function is a change, too.
  for (let batch = await changes.next(); batch.length > 0; batch = await changes.next())
    for (const change of inOrder(batch)) await followRecord(table, change);
  const range = { from: start - 1000, to: start + 600_000 };
  const { items: sessions } = await listHistory(table, pool, { range, limit: 10 });
  const { items: intervals } = await listUsage(table, pool, { granularity: 'hour', range, limit: 24, now: Date.now() });
  const second = (ms: number | undefined) => ms !== undefined && (ms - start) / 1000;
  return {
    peak: Math.max(...intervals.map(({ usage }) => usage.peak)),
    ran: sessions
      .map((session) => [
        session.sessionId,
        second(session.startedAt),
        second('endedAt' in session ? session.endedAt : undefined),
      ])
      .sort((a, b) => Number(a[1]) - Number(b[1])),
  };
};

describe('a session whose seat was taken ended when its lease did, and usage never exceeds the quota: it', () => {
  it('asks before the stream function has told that', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 60 });
    const x = seatOf(await activate(table, pool, 'x', at(0)));
    seatOf(await activate(table, pool, 'y', at(200)));
    expect(await heartbeat(table, pool, 'x', x, start + 203_000)).toMatchObject({ reason: 'lease-expired' });
    expect(await told(pool)).toEqual({
      peak: 1,
      ran: [
        ['x', 0, 60],
        ['y', 200, false],
      ],
    });
  });

  it('asks after yet another lease has ended on the seat', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 60 });
    const x = seatOf(await activate(table, pool, 'x', at(0)));
    expect(await heartbeat(table, pool, 'x', x, start + 40_000)).toMatchObject({ outcome: 'extended' });
    seatOf(await activate(table, pool, 'y', at(200)));
    seatOf(await activate(table, pool, 'z', at(300)));
    expect(await heartbeat(table, pool, 'x', x, start + 303_000)).toMatchObject({ reason: 'lease-expired' });
    expect(await told(pool)).toEqual({
      peak: 1,
      ran: [
        ['x', 0, 100],
        ['y', 200, 260],
        ['z', 300, false],
      ],
    });
  });

  it('is activated again before the stream function has told that', async () => {
    const pool = await createPool(table, { quota: 2, leaseSeconds: 60 });
    const x = seatOf(await activate(table, pool, 'x', at(0)));
    const z = seatOf(await activate(table, pool, 'z', at(1)));
    for (const second of [40, 80, 120, 160, 200])
      expect(await heartbeat(table, pool, 'z', z, start + second * 1000)).toMatchObject({ outcome: 'extended' });
    expect(seatOf(await activate(table, pool, 'y', at(200))).number).toBe(x.number);
    await release(table, pool, 'z', start + 202_000);
    seatOf(await activate(table, pool, 'x', at(203)));
    expect(await told(pool)).toEqual({
      peak: 2,
      ran: [
        ['x', 0, 60],
        ['z', 1, 202],
        ['y', 200, false],
        ['x', 203, false],
      ],
    });
  });

  it('is activated again after yet another lease has ended on the seat', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 60 });
    seatOf(await activate(table, pool, 'x', at(0)));
    seatOf(await activate(table, pool, 'y', at(100)));
    seatOf(await activate(table, pool, 'z', at(200)));
    seatOf(await activate(table, pool, 'x', at(300)));
    expect(await told(pool)).toEqual({
      peak: 1,
      ran: [
        ['x', 0, 60],
        ['y', 100, 160],
        ['z', 200, 260],
        ['x', 300, false],
      ],
    });
  });

  it('took the seat between the read and the claim of another one', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 60 });
    const x = seatOf(await activate(table, pool, 'x', at(0)));
    let between = false;
    const slow = database.client({
      request: async ({ name }, send) => {
        if (name === 'UpdateItem' && !between) {
          between = true;
          seatOf(await activate(table, pool, 'w', at(100)));
        }
        return send();
      },
    });
    seatOf(await activate(slow, pool, 'y', at(200)));
    expect(await heartbeat(table, pool, 'x', x, start + 203_000)).toMatchObject({ reason: 'lease-expired' });
    expect(await told(pool)).toEqual({
      peak: 1,
      ran: [
        ['x', 0, 60],
        ['w', 100, 160],
        ['y', 200, false],
      ],
    });
  });
});

describe('a session that is ended once its lease has, and its seat is another’s, ended when its lease did: it', () => {
  const release = { userId, mayForce: false };
  const force = { userId: 'usr_admin', mayForce: true };
  const asMade = (batch: StreamRecord[]) => batch;
  const newestFirst = (batch: StreamRecord[]) => batch.toReversed();

  it.each([
    ['is released, changes are heard of as they were made', 'released', release, asMade],
    ['is released, changes are heard of newest first', 'released', release, newestFirst],
    ['is ended by force, changes are heard of as they were made', 'license-removed', force, asMade],
    ['is ended by force, changes are heard of newest first', 'license-removed', force, newestFirst],
  ] as const)('%s', async (_, endedReason, who, inOrder) => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 60 });
    seatOf(await activate(table, pool, 'x', at(0)));
    seatOf(await activate(table, pool, 'y', at(200)));
    expect(await deactivateSession(table, pool, { sessionId: 'x', ...who }, start + 230_000)).toBe('ended');
    expect(await told(pool, inOrder)).toEqual({
      peak: 1,
      ran: [
        ['x', 0, 60],
        ['y', 200, false],
      ],
    });
    // The reason that somebody was told stays, and so does the event.
    expect(await readSession(table, pool, 'x')).toMatchObject({ endedReason, endedAt: start + 60_000 });
    const range = { from: start - 1000, to: start + 600_000 };
    const { items: events } = await listEvents(table, pool.organizationId, { ...range, filter: {}, limit: 50 });
    const ends = events.filter(({ action }) => action === 'activation.ended');
    expect(ends.map(({ target, details }) => [target.id, details.reason])).toEqual([['x', endedReason]]);
  });

  it('was released days later, and those days had been counted with it', async () => {
    const days = [3, 2, 1].map((ago) => dayOf(Date.now()) - ago * dayMs);
    const [first = 0] = days;
    const expiresAt = Date.now() + dayMs;
    const pool = await createPool(table, { quota: 1, leaseSeconds: 60, expiresAt });
    const on = (ms: number) => clockAt(first + ms);
    seatOf(await activate(table, pool, 'x', on(0)));
    seatOf(await activate(table, pool, 'y', on(200_000)));
    await deactivateSession(table, pool, { sessionId: 'x', ...release }, first + 2.5 * dayMs);
    const isOfSeat = ({ after }: StreamRecord) => String(after?.sk).startsWith('SEAT#');
    const heard = await changes.next();
    for (const change of heard.filter((one) => !isOfSeat(one))) await followRecord(table, change);
    const peaks = async () => {
      const range = { from: first, to: first + 3 * dayMs };
      const { items: intervals } = await listUsage(table, pool, {
        granularity: 'day',
        range,
        limit: 24,
        now: Date.now(),
      });
      return intervals.map(({ usage }) => usage.peak);
    };
    expect(await peaks()).toEqual([2, 2, 2]);
    for (const change of heard.filter(isOfSeat)) await followRecord(table, change);
    await told(pool);
    expect(await peaks()).toEqual([1, 1, 1]);
  });
});

describe('a session of a licensed user whose use was closed after its lease ended when its lease did: it', () => {
  const createUse = async () => {
    const pool = await createLicensedPool(table, 1, 1);
    const userId = pool.users[0] as string;
    await grantLicense(table, pool, userId);
    const on = (machineId: string, seconds: number) =>
      activateLicensed(table, pool, { sessionId: 'x', userId, machineId }, at(seconds));
    return { pool, userId, on, seat: seatOf(await on('m1', 0)) };
  };

  it('asks', async () => {
    const { pool, userId, seat } = await createUse();
    const { number, fence } = seat;
    await closeUse(table, pool, userId, { number, fence, holder: 'session#x' }, { now: start + 100_000 });
    const beat = { sessionId: 'x', userId, seat: number, fence };
    expect(await heartbeatLicensed(table, pool, beat, start + 203_000)).toMatchObject({ reason: 'lease-expired' });
    expect(await told(pool)).toEqual({ peak: 1, ran: [['x', 0, 60]] });
  });

  it('asks nobody', async () => {
    const { pool, userId, seat } = await createUse();
    const { number, fence } = seat;
    await closeUse(table, pool, userId, { number, fence, holder: 'session#x' }, { now: start + 100_000 });
    expect(await told(pool)).toEqual({ peak: 1, ran: [['x', 0, 60]] });
  });

  it('is activated again, on another machine', async () => {
    const { pool, on } = await createUse();
    seatOf(await on('m2', 200));
    expect(await told(pool)).toEqual({
      peak: 1,
      ran: [
        ['x', 0, 60],
        ['x', 200, false],
      ],
    });
  });
});

describe('a licensed user’s session that is released once another has its license ended when that took it, if the other', () => {
  it.each(['is slow', 'dies', 'dies, and is asked for again'])('%s', async (fate) => {
    const pool = await createLicensedPool(table, 1, 1);
    const user = pool.users[0] as string;
    await grantLicense(table, pool, user);
    const on = (machineId: string, seconds: number, by = table) =>
      activateLicensed(by, pool, { sessionId: machineId, userId: user, machineId }, at(seconds));
    seatOf(await on('x', 0));
    const releaseX = () =>
      deactivateSession(table, pool, { sessionId: 'x', userId: user, mayForce: false }, start + 90_000);
    let isOver = false;
    // The other session has the license and its own record, and is about to end the record of this one.
    const overtaken = database.client({
      request: async ({ name, input }, send) => {
        if (isOver || name !== 'UpdateItem' || input.Key.sk !== keys.session(pool, 'x').sk) return send();
        isOver = true;
        expect(await releaseX()).toBe('ended');
        if (fate !== 'is slow') throw new Error('died');
        return send();
      },
    });
    const took = on('y', 40, overtaken);
    if (fate === 'is slow') seatOf(await took);
    else await expect(took).rejects.toThrow('died');
    if (fate === 'dies, and is asked for again') seatOf(await on('y', 95));
    expect(await told(pool)).toEqual({
      peak: 1,
      ran: [
        ['x', 0, 40],
        ['y', 40, false],
      ],
    });
    expect(await readSession(table, pool, 'x')).toMatchObject({ endedReason: 'released', endedAt: start + 40_000 });
  });
});

describe('a session that comes back after its lease ended, before the stream told', () => {
  /** Returns the pool's activations in the history, each with its end, ms after the start. */
  const told = async (pool: Pool, start: number) => {
    for (const change of await changes.next()) await followRecord(table, change);
    const range = { from: start - 1000, to: start + 600_000 };
    const { items: sessions } = await listHistory(table, pool, { range, limit: 10 });
    return sessions
      .filter(({ sessionId }) => sessionId === 'x')
      .map((session) => ('endedAt' in session ? session.endedAt - start : 'runs'))
      .reverse();
  };

  it.each(['runner-07', 'another'])(
    'ended when its lease did, though its seat was another’s since (%s)',
    async (machineId) => {
      const pool = await createPool(table, { quota: 1, leaseSeconds: 60 });
      const start = Date.now() - 600_000;
      const at = (ms: number) => clockAt(start + ms);
      await activate(table, pool, 'x', at(0));
      seatOf(await activate(table, pool, 'y', at(200_000)));
      await release(table, pool, 'y', start + 250_000);
      const request = { sessionId: 'x', userId, machineId };
      expect(await activateFloating(table, pool, request, at(300_000))).toMatchObject({ outcome: 'acquired' });
      expect(await told(pool, start)).toEqual([60_000, 'runs']);
    },
  );

  it('ended when its lease did, of a licensed user on another machine', async () => {
    const pool = await createLicensedPool(table, 1, 1);
    const [user] = pool.users as [string];
    const start = Date.now() - 600_000;
    const at = (ms: number) => clockAt(start + ms);
    await grantLicense(table, pool, user);
    for (const [machineId, ms] of [
      ['one', 0],
      ['other', 300_000],
    ] as const)
      expect(await activateLicensed(table, pool, { sessionId: 'x', userId: user, machineId }, at(ms))).toMatchObject({
        outcome: 'acquired',
      });
    expect(await told(pool, start)).toEqual([60_000, 'runs']);
  });
});
