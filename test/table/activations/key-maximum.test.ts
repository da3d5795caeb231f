import { beforeAll, describe, expect, it } from 'vitest';
import type { SessionRequest } from '../../../shared/domain/activation.ts';
import { chooseSeat, sessionHolder } from '../../../shared/domain/seat.ts';
import { activateFloating, dryRunFloating } from '../../../shared/table/activations/activate-floating.ts';
import { transferSession } from '../../../shared/table/activations/transfer-session.ts';
import { type Clock, systemClock } from '../../../shared/table/store/clock.ts';
import type { Pool } from '../../../shared/table/store/keys.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { type Around, createDatabase, createPool, fillSeats } from '../support/database.ts';
import { meter } from '../support/requests/metering.ts';
import { activate, clockAt, heartbeat, heldSeats, holders, release, seatOf, userId } from '../support/sessions.ts';

let table: Table;
const metered = meter();
/** The requests that DynamoDB has not answered yet. */
const underway = new Set<Promise<unknown>>();
beforeAll(async () => {
  const request: Around = async (called, send) => {
    const answer = metered.request(called, send);
    underway.add(answer);
    try {
      return await answer;
    } finally {
      underway.delete(answer);
    }
  };
  table = (await createDatabase()).client({ request });
});

/** A clock that stands still, and whose pauses outlast the requests under way: slow answers change no outcome. */
const patientClock = (): Clock => ({
  ...clockAt(Date.now()),
  pause: (ms) => Promise.allSettled([systemClock.pause(ms), ...underway]),
});

const many = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));
const request = (sessionId: string, maxSessions?: number, id = 'ci'): SessionRequest => ({
  sessionId,
  userId,
  machineId: 'runner-07',
  key: { id, maxSessions },
});
const start = (pool: Pool, sessionId: string, maxSessions?: number, clock = patientClock(), id?: string) =>
  activateFloating(table, pool, request(sessionId, maxSessions, id), clock);
/** Session IDs that choose different seats of a pool in which all are free. */
const apart = (count: number, quota: number): string[] => {
  const numbers = many(quota, (index) => index + 1);
  const chosen = new Map(many(200, (index) => [chooseSeat(sessionHolder(`s${index}`), numbers), `s${index}`]));
  return [...chosen.values()].slice(0, count);
};

describe('a key with a maximum', () => {
  it('30 sessions at once on 10 seats, 4 allowed: exactly 4 run', async () => {
    const pool = await createPool(table, { quota: 10 });
    const results = await Promise.all(
      many(30, async (index) => ({ id: `s${index}`, result: await start(pool, `s${index}`, 4) })),
    );
    const got = results.filter(({ result }) => result.outcome === 'acquired').map(({ id }) => id);
    expect(got).toHaveLength(4);
    expect(await holders(table, pool)).toEqual(got.sort());
    const outcomes = new Set(results.map(({ result }) => result.outcome));
    expect(
      [...outcomes].filter((outcome) => !['acquired', 'key-limited', 'exhausted', 'contended'].includes(outcome)),
    ).toEqual([]);
  });

  it('never more run at once than it allows, however sessions come and go, and each gets its turn', async () => {
    const pool = await createPool(table, { quota: 5, leaseSeconds: 3600 });
    let running = 0;
    let most = 0;
    const runs = async (sessionId: string): Promise<void> => {
      const result = await start(pool, sessionId, 2);
      if (result.outcome !== 'acquired') return runs(sessionId);
      running++;
      most = Math.max(most, running);
      await systemClock.pause(20);
      running--;
      await release(table, pool, sessionId);
    };
    await Promise.all(many(8, (index) => runs(`s${index}`)));
    expect(most).toBeLessThanOrEqual(2);
    expect(await holders(table, pool)).toEqual([]);
  });

  it('a session whose lease is over counts no more, and its late heartbeat brings it back no more', async () => {
    const pool = await createPool(table, { quota: 10, leaseSeconds: 5 });
    const [first = '', second = ''] = apart(2, 10);
    const begun = Date.now();
    const seat = seatOf(await start(pool, first, 1, clockAt(begun)));
    const later = begun + 5_000;
    expect(await start(pool, second, 1, clockAt(later))).toMatchObject({ outcome: 'acquired' });
    expect((await heartbeat(table, pool, first, seat, later)).outcome).not.toBe('extended');
    expect(await holders(table, pool, later)).toEqual([second]);
  });

  it('a late heartbeat that is first keeps the place: the next is refused', async () => {
    const pool = await createPool(table, { quota: 10, leaseSeconds: 5 });
    const [first = '', second = ''] = apart(2, 10);
    const begun = Date.now();
    const seat = seatOf(await start(pool, first, 1, clockAt(begun)));
    const later = begun + 6_000;
    expect((await heartbeat(table, pool, first, seat, later)).outcome).toBe('extended');
    expect(await start(pool, second, 1, clockAt(later))).toMatchObject({
      outcome: 'key-limited',
      reached: { limit: 'maxSessions', value: 1, nextFreeAt: later + 5_000 },
    });
  });

  it('what is refused takes no seat from others, not for a moment: it writes nothing', async () => {
    const pool = await createPool(table, { quota: 5 });
    for (let index = 0; index < 4; index++) seatOf(await start(pool, `s${index}`, 4));
    const { result, bill } = await metered.of(() => start(pool, 'one-more', 4));
    expect(result.outcome).toBe('key-limited');
    expect(bill.write).toBe(0);
    const [other] = await Promise.all([
      start(pool, 'other', 4, undefined, 'another-key'),
      ...many(5, (index) => start(pool, `more-${index}`, 4)),
    ]);
    expect(other.outcome).toBe('acquired');
  });

  it('a repetition, also many at once, is answered with its seat, and costs what it costs everybody', async () => {
    const pool = await createPool(table, { quota: 10 });
    const results = await Promise.all(many(4, () => start(pool, 'a', 1)));
    expect(new Set(results.map((result) => `${seatOf(result).number}/${seatOf(result).fence}`)).size).toBe(1);
    expect(await holders(table, pool)).toEqual(['a']);
    const { result, bill } = await metered.of(() => start(pool, 'a', 1));
    expect(result.outcome).toBe('renewed');
    expect(bill.requests).toBeLessThanOrEqual(3);
  });

  it('a session that moved to another machine counts still', async () => {
    const pool = await createPool(table, { quota: 10 });
    seatOf(await start(pool, 'a', 1));
    const moved = await transferSession(table, pool, { sessionId: 'a', machineId: 'runner-08' });
    expect(moved.outcome).toBe('transferred');
    expect(await start(pool, 'b', 1)).toMatchObject({ outcome: 'key-limited' });
    await release(table, pool, 'a');
    expect(await start(pool, 'b', 1)).toMatchObject({ outcome: 'acquired' });
  });

  it('a session that comes back after its end, or takes a seat over, leaves no name of another key behind', async () => {
    const pool = await createPool(table, { quota: 1 });
    seatOf(await start(pool, 'a', 1));
    await release(table, pool, 'a');
    seatOf(await activate(table, pool, 'b'));
    expect((await heldSeats(table, pool)).map(({ hold }) => hold.keyId)).toEqual([undefined]);
  });

  it('a dry run says the same, and writes nothing', async () => {
    const pool = await createPool(table, { quota: 10 });
    const foresee = (sessionId: string) => metered.of(() => dryRunFloating(table, pool, request(sessionId, 1)));
    expect((await foresee('a')).result).toEqual({ outcome: 'accepted' });
    seatOf(await start(pool, 'a', 1));
    expect((await foresee('a')).result).toEqual({ outcome: 'accepted' });
    const { result, bill } = await foresee('b');
    expect(result).toMatchObject({ outcome: 'key-limited', reached: { limit: 'maxSessions', value: 1 } });
    expect(bill.write).toBe(0);
  });
});

describe('what it costs', () => {
  it('a key without a maximum pays nothing: its sessions’ seats do not even name it', async () => {
    const pool = await createPool(table, { quota: 100 });
    const { bill } = await metered.of(() => start(pool, 'build-4711-a-linux-x64'));
    expect(bill.requests).toBeLessThanOrEqual(5);
    expect((await heldSeats(table, pool)).map(({ hold }) => hold.keyId)).toEqual([undefined]);
  });
  it('a key with one pays two reads of the pool for each new session', async () => {
    const pool = await createPool(table, { quota: 100 });
    await fillSeats(table, pool, { first: 1, last: 90 });
    const { result, bill } = await metered.of(() => start(pool, 'build-4711-a-linux-x64', 10));
    expect(result.outcome).toBe('acquired');
    expect(bill.requests).toBeLessThanOrEqual(8);
    expect(bill.write).toBeLessThanOrEqual(2);
    expect(bill.read).toBeLessThanOrEqual(25);
  });
});
