import { describe, expect, it } from 'vitest';
import { heartbeatLicensed } from '../../../shared/table/activations/heartbeat-licensed.ts';
import { findSession } from '../../../shared/table/activations/list-online.ts';
import { readSession } from '../../../shared/table/items/sessions.ts';
import { grantLicense } from '../../../shared/table/licensed-users/grant-license.ts';
import { settleClaim } from '../../../shared/table/schedule/settle-due.ts';
import type { Pool } from '../../../shared/table/store/keys.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { endLapsedSession } from '../../../shared/table/stream/end-lapsed-session.ts';
import { createDatabase, createPool } from '../support/database.ts';
import { activateAs, createLicensedPool } from '../support/licensed-pool.ts';
import { activate, clockAt, heartbeat, seatOf } from '../support/sessions.ts';
import { openChanges } from '../support/stream/changes.ts';
import { reactionsToRecord } from '../support/stream/follow.ts';

const database = await createDatabase({ stream: true });
const table = database.client();
const changes = await openChanges(database);

/** A client whose nth write waits for `meanwhile`. */
const slowAt = (nth: number, meanwhile: () => Promise<unknown>): Table => {
  let writes = 0;
  return database.client({
    request: async ({ name }, send) => {
      if (name === 'UpdateItem' && ++writes === nth) await meanwhile();
      return send();
    },
  });
};

/** A client that dies after its nth write. */
const dyingAfter = (nth: number): Table => {
  let writes = 0;
  return database.client({
    request: async ({ name }, send) => {
      if (writes >= nth) throw new Error('injected');
      const output = await send();
      if (name === 'UpdateItem') writes++;
      return output;
    },
  });
};

const live = async (pool: Pool, sessionId: string) =>
  expect((await readSession(table, pool, sessionId))?.status).toBe('active');

describe('a session that was told that it lives, by the terms that are so now,', () => {
  it('is not ended by a slow heartbeat that met a suspension before', async () => {
    const pool = await createPool(table, { quota: 1 });
    const t = Date.now();
    const seat = seatOf(await activate(table, pool, 'x', clockAt(t)));
    await pool.set({ suspended: true });
    const slow = slowAt(2, async () => {
      await pool.set({});
      for (let s = 20; s <= 300; s += 40)
        expect(await heartbeat(table, pool, 'x', seat, t + s * 1000)).toMatchObject({ outcome: 'extended' });
    });
    expect(await heartbeat(slow, pool, 'x', seat, t + 11_000)).toMatchObject({ outcome: 'extended' });
    await live(pool, 'x');
    expect(await heartbeat(table, pool, 'x', seat, t + 310_000)).toMatchObject({ outcome: 'extended' });
  });

  it('is not ended by a heartbeat whose lease was extended after it had read the terms', async () => {
    const pool = await createPool(table, { quota: 1 });
    const t = Date.now();
    const seat = seatOf(await activate(table, pool, 'x', clockAt(t)));
    await pool.set({ suspended: true });
    // The slow heartbeat's extension comes last: after it read the terms, and after newer terms answered a later heartbeat.
    const slow = slowAt(1, async () => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      await pool.set({});
      expect(await heartbeat(table, pool, 'x', seat, t + 20_000)).toMatchObject({ outcome: 'extended' });
    });
    expect(await heartbeat(slow, pool, 'x', seat, t + 11_000)).toMatchObject({ outcome: 'extended' });
    await live(pool, 'x');
  });

  it.each([
    ['that met a suspension before', { suspended: true }, 2],
    ['that tells that its user was idle, and ends it after a later one told that the user is back', {}, 2],
    ['that tells that its user was idle, and comes after a later one that told that the user is back', {}, 1],
  ])("is not ended by a licensed user's slow heartbeat %s", async (_, terms, nth) => {
    const pool = await createLicensedPool(table, 1, 1);
    const userId = pool.users[0] as string;
    await pool.set({ idleTimeoutMinutes: 10 });
    await grantLicense(table, pool, userId);
    const t = Date.now();
    const { number, fence } = seatOf(await activateAs(table, pool, userId, 'x', clockAt(t)));
    const beat = (by: Table, now: number, idleSeconds = 0) =>
      heartbeatLicensed(by, pool, { sessionId: 'x', userId, seat: number, fence, idleSeconds }, now);
    await pool.set({ idleTimeoutMinutes: 10, ...terms });
    const slow = slowAt(nth, async () => {
      await pool.set({ idleTimeoutMinutes: 10 });
      expect(await beat(table, t + 20_000)).toMatchObject({ outcome: 'extended' });
    });
    expect(await beat(slow, t + 11_000, 'suspended' in terms ? 0 : 700)).toMatchObject({ outcome: 'extended' });
    await live(pool, 'x');
    expect(await beat(table, t + 30_000)).toMatchObject({ outcome: 'extended' });
  });

  it('learns logged-in-elsewhere, if a newer session takes the license while a heartbeat ends it as idle', async () => {
    const pool = await createLicensedPool(table, 1, 1);
    const [userId] = pool.users as [string];
    await pool.set({ idleTimeoutMinutes: 10 });
    await grantLicense(table, pool, userId);
    const { number, fence } = seatOf(await activateAs(table, pool, userId, 'older'));
    const dies = database.client({
      request: ({ name, input }, send) => {
        if (name === 'PutItem' && String(input.Item?.pk).startsWith('SESSION#')) throw new Error('injected');
        return send();
      },
    });
    // The newer one dies before it ends the record of the older one.
    const slow = slowAt(2, () => expect(activateAs(dies, pool, userId, 'newer')).rejects.toThrow('injected'));
    const beat = { sessionId: 'older', userId, seat: number, fence, idleSeconds: 900 };
    const learned = { outcome: 'ended', reason: 'logged-in-elsewhere' };
    expect(await heartbeatLicensed(slow, pool, beat, Date.now())).toEqual(learned);
    expect(await readSession(table, pool, 'older')).toMatchObject({ endedReason: 'logged-in-elsewhere' });
  });

  it.each(['the schedule', 'a look'] as const)(
    'is not ended by %s that met an expiry before its renewal',
    async (who) => {
      const pool = await createPool(table, { quota: 1 });
      const t = Date.now();
      const seat = seatOf(await activate(table, pool, 'x', clockAt(t)));
      await pool.set({ expiresAt: t + 10_000 });
      const slow = slowAt(1, async () => {
        await pool.set({});
        for (let s = 20; s <= 300; s += 40)
          expect(await heartbeat(table, pool, 'x', seat, t + s * 1000)).toMatchObject({ outcome: 'extended' });
      });
      const { number, fence } = seat;
      if (who === 'the schedule')
        await settleClaim(slow, pool, { number, fence, holder: 'session#x' }, { now: t + 11_000 });
      else await findSession(slow, pool, 'x', { now: t + 11_000 });
      await live(pool, 'x');
      expect(await heartbeat(table, pool, 'x', seat, t + 310_000)).toMatchObject({ outcome: 'extended' });
    },
  );
});

describe('a session that its subscription ends', () => {
  it('ends then, for that reason: also if the heartbeat that ended it died, whoever tells it', async () => {
    for (const teller of ['heartbeat', 'stream', 'schedule', 'activation'] as const) {
      const pool = await createPool(table, { quota: 1 });
      const t = Date.now();
      const seat = seatOf(await activate(table, pool, 'x', clockAt(t)));
      const claim = { number: seat.number, fence: seat.fence, holder: 'session#x' } as const;
      await pool.set({ suspended: true });
      await changes.next();
      await expect(heartbeat(dyingAfter(2), pool, 'x', seat, t + 11_000)).rejects.toThrow('injected');
      if (teller === 'heartbeat')
        expect(await heartbeat(table, pool, 'x', seat, t + 30_000)).toMatchObject({ reason: 'subscription-suspended' });
      if (teller === 'stream') {
        for (const record of await changes.next()) {
          const lapse = reactionsToRecord(record)?.lapse();
          if (lapse) await endLapsedSession(table, pool, lapse);
        }
      }
      if (teller === 'schedule') await settleClaim(table, pool, claim, { now: t + 70_000 });
      const end = { endedReason: 'subscription-suspended', endedAt: t + 11_000 };
      if (teller !== 'activation') {
        expect(await readSession(table, pool, 'x'), teller).toMatchObject({ status: 'ended', ...end });
        continue;
      }
      await pool.set({});
      seatOf(await activate(table, pool, 'x', clockAt(t + 40_000)));
      const record = await readSession(table, pool, 'x');
      expect(record?.previous[0]).toMatchObject({ reason: end.endedReason, at: end.endedAt });
    }
  });

  it('ends no earlier than it was last told that it lives, also if the expiry is set to before', async () => {
    const pool = await createPool(table, { quota: 1 });
    const t = Date.now();
    const seat = seatOf(await activate(table, pool, 'x', clockAt(t)));
    expect(await heartbeat(table, pool, 'x', seat, t + 20_000)).toMatchObject({ outcome: 'extended' });
    await pool.set({ expiresAt: t - 3_600_000 });
    expect((await findSession(table, pool, 'x', { now: t + 30_000 }))?.session).toMatchObject({
      endedReason: 'subscription-expired',
      endedAt: t + 20_000,
    });
  });
});
