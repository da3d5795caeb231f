import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { dayMs } from '../../../shared/domain/dates.ts';
import { lineOf, pollSeconds } from '../../../shared/domain/queue.ts';
import {
  type Activated,
  activateFloating,
  dryRunFloating,
} from '../../../shared/table/activations/activate-floating.ts';
import { inUse } from '../../../shared/table/engine/claimant.ts';
import { numberEntry, readEntries, readEntry } from '../../../shared/table/items/line-entries.ts';
import { addMember } from '../../../shared/table/items/members.ts';
import { putTicket, readTicket, readTickets } from '../../../shared/table/items/queue-tickets.ts';
import { readSession } from '../../../shared/table/items/sessions.ts';
import { readSubscription, stampQueue } from '../../../shared/table/items/subscriptions.ts';
import { issueOfflineLicense } from '../../../shared/table/offline/offline-licenses.ts';
import { findPlace } from '../../../shared/table/queue/queue.ts';
import { deactivateSession } from '../../../shared/table/removals/deactivate.ts';
import { removeMachine, removeMachineLicense } from '../../../shared/table/removals/remove-machine.ts';
import { removeMember } from '../../../shared/table/removals/remove-member.ts';
import type { Clock } from '../../../shared/table/store/clock.ts';
import { keys, type Pool } from '../../../shared/table/store/keys.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { createDatabase, createPool, type Database, fillSeats, putMany } from '../support/database.ts';
import { meeting } from '../support/requests/at-write.ts';
import { losingAnswers } from '../support/requests/lost-answers.ts';
import { meter } from '../support/requests/metering.ts';
import { clockAt, holders, release, userId } from '../support/sessions.ts';

let database: Database;
let table: Table;
beforeAll(async () => {
  database = await createDatabase();
  table = database.client();
});

/** Asks for a license, willing to wait for an hour. Each session has an API key of its own: a key has few places. */
const ask = (by: Table, pool: Pool, sessionId: string, clock?: Clock, waitSeconds = 3600): Promise<Activated> =>
  askAs(userId, by, pool, sessionId, clock, waitSeconds);
const askAs = (member: string, by: Table, pool: Pool, sessionId: string, clock?: Clock, waitSeconds = 3600) =>
  activateFloating(
    by,
    pool,
    { sessionId, userId: member, machineId: 'runner-07', waitSeconds, key: { id: sessionId } },
    clock,
  );
const outcomes = async (results: Promise<Activated>[]) => (await Promise.all(results)).map(({ outcome }) => outcome);
const places = (result: Activated) => (result.outcome === 'waiting' ? result.place.ahead + 1 : result.outcome);
const names = (count: number, prefix = 's') => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const everyEntry = { limit: 1000, consistent: true };
const later = (ms: number) => clockAt(() => Date.now() + ms);
/** Clocks that stand still, so many milliseconds from now. */
const clocks = () => {
  const start = Date.now();
  return (ms: number) => clockAt(start + ms);
};

/** Puts places into the line of a pool, a millisecond apart, with tickets, and stamps the subscription; `dead` count no more. */
const putLine = async (pool: Pool, sessions: readonly string[], { now, dead }: { now: number; dead: string[] }) => {
  const items = sessions.flatMap((sessionId, index) => {
    const ends = dead.includes(sessionId) ? now - 100_000 : now + 300_000;
    const arrivedAt = now - 200_000 + index;
    const entry = { sessionId, arrivedAt, aliveUntil: ends, aheadAtFirst: index, actor: 'service#tests' };
    const ticket = { ...entry, userId, machineId: 'runner-07', giveUpAt: now + 3_600_000, fence: 0 };
    return [
      { ...keys.ticket(pool, sessionId), ...ticket },
      { ...keys.entry(pool, entry), ...entry, ordinal: index + 1 },
    ];
  });
  await putMany(table, items);
  await stampQueue(table, pool, { needed: now + 300_000, until: now + 600_000 });
};

class Crash extends Error {}
/** A client that dies at the first request of which `when` is true, before or after it was served. */
const dying = (when: (name: string, input: string) => boolean, after: boolean): Table =>
  database.client({
    request: async ({ name, input }, send) => {
      const dies = when(name, JSON.stringify(input));
      if (dies && after) await send();
      if (dies) throw new Crash();
      return send();
    },
  });
const isTicket = (name: string) => (called: string, input: string) => called === name && input.includes('WAIT#');
const isEntry = (name: string) => (called: string, input: string) => called === name && input.includes('LINE#');

describe('a place', () => {
  it('is taken by many at once, each its own; duplicates have the same', async () => {
    const pool = await createPool(table, { quota: 1 });
    await ask(table, pool, 'first');
    await Promise.all(names(20).flatMap((id) => [ask(table, pool, id), ask(table, pool, id)]));
    const line = lineOf(await readTickets(table, pool), '', Date.now());
    expect(line.waiting).toHaveLength(20);
    const told = await Promise.all(line.waiting.map(({ sessionId }) => ask(table, pool, sessionId)));
    expect(told.map(places)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it('far back counts until long after its next poll, also if all came at the same time', async () => {
    const pool = await createPool(table, { quota: 1 });
    const now = Date.now();
    const clock = clockAt(now);
    await ask(table, pool, 'first', clock);
    const told = await Promise.all(names(40).map((id) => ask(table, pool, id, clock)));
    for (const result of told) {
      if (result.outcome !== 'waiting') throw new Error(result.outcome);
      const { ticket, ahead } = result.place;
      expect(ticket.aliveUntil - now, `with ${ahead} ahead`).toBeGreaterThan(2.5 * pollSeconds(ahead) * 1000);
    }
  });

  it.each([
    ['member', { userId: 'usr_ben', machineId: 'm1' }],
    ['machine', { userId, machineId: 'm2' }],
  ])('is not for another %s with its session ID, also at the same time', async (_, other) => {
    const pool = await createPool(table, { quota: 1 });
    await ask(table, pool, 'first');
    const asking = async (by: Table, sessionId: string, who: { userId: string; machineId: string }) =>
      (await activateFloating(by, pool, { sessionId, waitSeconds: 3600, ...who })).outcome;
    const one = { userId, machineId: 'm1' };
    expect(await asking(table, 'a', one)).toBe('waiting');
    const dry = dryRunFloating(table, pool, { sessionId: 'a', waitSeconds: 3600, ...other });
    expect((await dry).outcome).toBe('conflict');
    expect(await asking(table, 'a', other)).toBe('conflict');
    // The other has read that nobody waits by this ID.
    const slow = database.client({
      request: async ({ name, input }, send) => {
        if (isTicket('PutItem')(name, JSON.stringify(input))) expect(await asking(table, 'b', one)).toBe('waiting');
        return send();
      },
    });
    expect(await asking(slow, 'b', other)).toBe('conflict');
    expect(await readTicket(table, pool, 'b')).toMatchObject(one);
  });

  it.each([
    ['no longer wants', 0, 0],
    ['has kept for as long as it wanted', 10_000, 10],
  ])('that its session %s is gone with the refusal', async (_, ms, waitSeconds) => {
    const pool = await createPool(table, { quota: 1 });
    await ask(table, pool, 'first');
    await ask(table, pool, 'a', undefined, 10);
    await ask(table, pool, 'b');
    expect((await ask(table, pool, 'a', later(ms), waitSeconds)).outcome).toBe('exhausted');
    const left = [...(await readTickets(table, pool)), ...(await readEntries(table, pool, everyEntry)).items];
    expect(left.map(({ sessionId }) => sessionId)).toEqual(['b', 'b']);
  });

  it.each([
    ['member', { userId: 'usr_ben', machineId: 'm1' }],
    ['machine', { userId, machineId: 'm2' }],
  ])('that another %s kept in vain ends no wait by the same session ID', async (_, other) => {
    const pool = await createPool(table, { quota: 1 });
    await ask(table, pool, 'first');
    const asking = async (who: { userId: string; machineId: string }, clock?: Clock) =>
      (await activateFloating(table, pool, { sessionId: 'a', waitSeconds: 10, ...who }, clock)).outcome;
    expect(await asking({ userId, machineId: 'm1' })).toBe('waiting');
    expect(await asking(other, later(10_000))).toBe('waiting');
  });

  it('that was put, but not answered, is found by the retry', async () => {
    const pool = await createPool(table, { quota: 1 });
    await ask(table, pool, 'first');
    await expect(ask(dying(isTicket('PutItem'), true), pool, 'a')).rejects.toThrow(Crash);
    await ask(table, pool, 'b');
    expect(places(await ask(table, pool, 'a'))).toBe(1);
  });

  it('whose request died before its entry was put is respected once it is told', async () => {
    const pool = await createPool(table, { quota: 1 });
    await ask(table, pool, 'first');
    for (const [id, after] of [['a', false] as const, ['b', true] as const]) {
      await expect(ask(dying(isEntry('PutItem'), after), pool, id)).rejects.toThrow(Crash);
      expect(places(await ask(table, pool, id))).toBe(id === 'a' ? 1 : 2);
    }
    await release(table, pool, 'first');
    expect((await ask(table, pool, 'newcomer', undefined, 0)).outcome).toBe('exhausted');
    expect(places(await ask(table, pool, 'b'))).toBe(2);
    expect((await ask(table, pool, 'a')).outcome).toBe('acquired');
  });

  it('that a duplicate takes while the session is served is gone when both are answered', async () => {
    const pool = await createPool(table, { quota: 1 });
    await ask(table, pool, 'first');
    let served: Activated | undefined;
    let entries = 0;
    // The duplicate has found no license. Before it writes, the session gets one.
    const slow = (when: string) =>
      database.client({
        request: async ({ name, input }, send) => {
          if (!served && name === 'PutItem' && JSON.stringify(input).includes(when)) {
            served = { outcome: 'contended', races: 0 };
            await release(table, pool, 'first');
            served = await ask(table, pool, 'a');
          }
          if (isEntry('PutItem')(name, JSON.stringify(input))) entries++;
          return send();
        },
      });
    for (const when of ['WAIT#', 'LINE#']) {
      entries = 0;
      expect((await ask(slow(when), pool, 'a')).outcome).toBe('renewed');
      expect(served?.outcome).toBe('acquired');
      expect(entries).toBe(1);
      expect(await readTickets(table, pool)).toEqual([]);
      expect((await readEntries(table, pool, everyEntry)).items).toEqual([]);
      await release(table, pool, 'a');
      await ask(table, pool, 'first');
      served = undefined;
    }
  });

  it.each([
    ['puts its entry', isEntry('PutItem'), true],
    ['renews its entry', isEntry('UpdateItem'), false],
    ['renews its ticket', isTicket('UpdateItem'), false],
  ])('is gone when another poll gets the license, just before this one %s', async (_, isWrite, lacksEntry) => {
    const pool = await createPool(table, { quota: 1 });
    const at = clocks();
    await ask(table, pool, 'first');
    await ask(lacksEntry ? dying(isEntry('PutItem'), false) : table, pool, 'a', at(0)).catch((error) => {
      if (!(error instanceof Crash)) throw error;
    });
    let served: Activated | undefined;
    const slow = database.client({
      request: async ({ name, input }, send) => {
        if (!served && isWrite(name, JSON.stringify(input))) {
          served = { outcome: 'contended', races: 0 };
          await release(table, pool, 'first');
          served = await ask(table, pool, 'a', at(14_000));
        }
        return send();
      },
    });
    expect((await ask(slow, pool, 'a', at(13_000))).outcome).toBe('renewed');
    expect(served?.outcome).toBe('acquired');
    expect(await readTickets(table, pool)).toEqual([]);
    expect((await readEntries(table, pool, everyEntry)).items).toEqual([]);
  });

  it('that its DELETE takes away before its entry is put is never told: a place that is told is kept', async () => {
    const pool = await createPool(table, { quota: 1 });
    await ask(table, pool, 'first');
    let left: string | undefined;
    const slow = database.client({
      request: async ({ name, input }, send) => {
        if (!left && isEntry('PutItem')(name, JSON.stringify(input))) left = await release(table, pool, 'a');
        return send();
      },
    });
    const at = clocks();
    let ms = 0;
    const passing = clockAt(() => at(ms++).now());
    expect(places(await ask(slow, pool, 'a', passing))).toBe(1);
    expect(left).toBe('ended');
    expect(places(await ask(table, pool, 'b', at(2000)))).toBe(2);
    expect(places(await ask(table, pool, 'a', at(3000)))).toBe(1);
  });

  it('that an admin takes away while its entry is put leaves no entry', async () => {
    const pool = await createPool(table, { quota: 1 });
    await ask(table, pool, 'first');
    const [removes, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    // The record says that the session has ended, and the entry was removed. The ticket goes last.
    const removing = database.client({
      request: async ({ name, input }, send) => {
        if (isTicket('DeleteItem')(name, JSON.stringify(input))) {
          removes.resolve();
          await answered.promise;
        }
        return send();
      },
    });
    let removed: Promise<string> | undefined;
    const slow = database.client({
      request: async ({ name, input }, send) => {
        if (!removed && isEntry('PutItem')(name, JSON.stringify(input))) {
          const admin = { sessionId: 'a', userId: 'usr_admin', mayForce: true };
          removed = deactivateSession(removing, pool, admin, Date.now());
          await removes.promise;
        }
        return send();
      },
    });
    const { outcome } = await ask(slow, pool, 'a');
    answered.resolve();
    expect(await removed).toBe('ended');
    expect(outcome).toBe('ended');
    expect((await readEntries(table, pool, everyEntry)).items).toEqual([]);
  });

  it('is not taken away by an earlier request of its session that was served, and is late', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 3600 });
    const at = clocks();
    await ask(table, pool, 'first');
    await ask(table, pool, 'a', at(0));
    await release(table, pool, 'first');
    let again: Activated | undefined;
    // Before the request removes the place that it had, the session gives its license back and waits again.
    const slow = database.client({
      request: async ({ name, input }, send) => {
        if (!again && isEntry('DeleteItem')(name, JSON.stringify(input))) {
          again = { outcome: 'contended', races: 0 };
          await release(table, pool, 'a');
          await ask(table, pool, 'second', at(1000));
          again = await ask(table, pool, 'a', at(2000));
        }
        return send();
      },
    });
    expect((await ask(slow, pool, 'a', at(0))).outcome).toBe('acquired');
    expect(again && places(again)).toBe(1);
    expect(places(await ask(table, pool, 'b', at(3000)))).toBe(2);
    expect(places(await ask(table, pool, 'a', at(4000)))).toBe(1);
  });

  it('that was stamped, but not put, costs nobody a license', async () => {
    const pool = await createPool(table, { quota: 1 });
    await ask(table, pool, 'first');
    await expect(ask(dying(isTicket('PutItem'), false), pool, 'a')).rejects.toThrow(Crash);
    expect((await readSubscription(table, pool))?.lineUntil).toBeGreaterThan(Date.now());
    await release(table, pool, 'first');
    expect((await ask(table, pool, 'b', undefined, 0)).outcome).toBe('acquired');
  });

  it('of a session that was served, but died before it left, holds nobody up, and is not its place again', async () => {
    const pool = await createPool(table, { quota: 2 });
    await Promise.all(['first', 'second'].map((id) => ask(table, pool, id)));
    for (const id of ['a', 'b']) await ask(table, pool, id);
    await release(table, pool, 'first');
    await expect(ask(dying(isTicket('DeleteItem'), false), pool, 'a')).rejects.toThrow(Crash);
    expect(await readTicket(table, pool, 'a')).toBeDefined();
    expect((await ask(table, pool, 'a')).outcome).toBe('renewed');
    expect(await readTicket(table, pool, 'a')).toBeUndefined();
    await release(table, pool, 'second');
    expect((await ask(table, pool, 'b')).outcome).toBe('acquired');
    // Its next activation begins at the end of the queue.
    await ask(table, pool, 'c');
    await release(table, pool, 'a');
    await ask(table, pool, 'a');
    expect((await ask(table, pool, 'c')).outcome).toBe('acquired');
    expect(places(await ask(table, pool, 'a'))).toBe(1);
  });

  it('of a session that was served and gave its license back, but died twice before it left, is not its place again', async () => {
    const pool = await createPool(table, { quota: 1 });
    await ask(table, pool, 'first');
    await ask(table, pool, 'a');
    await release(table, pool, 'first');
    const mortal = dying(isTicket('DeleteItem'), false);
    await expect(ask(mortal, pool, 'a')).rejects.toThrow(Crash);
    expect((await ask(table, pool, 'b')).outcome).toBe('waiting');
    await expect(release(mortal, pool, 'a')).rejects.toThrow(Crash);
    expect(await readTicket(table, pool, 'a')).toBeDefined();
    expect((await readSession(table, pool, 'a'))?.status).toBe('ended');
    // The license is free: it is for the one that waits.
    expect((await ask(table, pool, 'a')).outcome).toBe('waiting');
    expect((await ask(table, pool, 'b')).outcome).toBe('acquired');
  });

  it('outlives a change of the subscription that is made at the same time as the stamp', async () => {
    const pool = await createPool(table, { quota: 1 });
    await ask(table, pool, 'first');
    let waited: Activated | undefined;
    // Between the read of the change and its write.
    const slow = database.client({
      request: async ({ name }, send) => {
        if (name === 'PutItem' && !waited) waited = await ask(table, pool, 'a');
        return send();
      },
    });
    expect((await pool.set({ quota: 2 }, slow)).outcome).toBe('changed');
    expect((await ask(table, pool, 'newcomer', undefined, 0)).outcome).toBe('exhausted');
    expect((await ask(table, pool, 'a')).outcome).toBe('acquired');
  });

  it('is respected by a claim that was under way when the queue began', async () => {
    const pool = await createPool(table, { quota: 1 });
    await ask(table, pool, 'first');
    let begun = false;
    // The newcomer has read that nobody waits; before it claims, somebody does, and the seat gets free.
    const slow = database.client({
      request: async ({ name }, send) => {
        if (name === 'UpdateItem' && !begun) {
          begun = true;
          await ask(table, pool, 'second');
          await ask(table, pool, 'a');
          await release(table, pool, 'second');
        }
        return send();
      },
    });
    await release(table, pool, 'first');
    expect((await ask(slow, pool, 'newcomer', undefined, 0)).outcome).toBe('exhausted');
    expect((await ask(table, pool, 'a')).outcome).toBe('acquired');
  });

  it('far behind others that have ended is found by a claim under way, which reads no further', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 3600 });
    const now = Date.now();
    const [dead, behind] = [names(5, 'dead'), names(200, 'behind')];
    let hasBegun = false;
    let claims = 0;
    const read = { entries: 0, seats: 0 };
    // The newcomer has read that nobody waits. Before it claims the license, the queue begins.
    const slow = database.client({
      request: async ({ name, input }, send) => {
        if (name === 'UpdateItem' && !hasBegun) {
          hasBegun = true;
          await putLine(pool, [...dead, 'a', ...behind], { now, dead });
        }
        const isChecking = claims === 1 && name === 'Query';
        // An eventually consistent read shows nothing of the queue yet.
        if (isChecking && !input.ConsistentRead) return { Items: [] };
        const output = await send();
        if (name === 'UpdateItem') claims++;
        const { length } = output.Items ?? [];
        if (isChecking && isEntry('Query')(name, JSON.stringify(input))) read.entries += length;
        else if (isChecking) read.seats++;
        return output;
      },
    });
    expect((await ask(slow, pool, 'newcomer', undefined, 0)).outcome).toBe('exhausted');
    expect(read).toEqual({ entries: 6, seats: 0 });
    expect((await ask(table, pool, 'a', later(1000))).outcome).toBe('acquired');
  });

  it('does not hinder a claim under way if a license is left to it', async () => {
    const pool = await createPool(table, { quota: 3, leaseSeconds: 3600 });
    await fillSeats(table, pool, { first: 1, last: 1 });
    const now = Date.now();
    const [dead, line] = [names(5, 'dead'), ['dead0', 'dead1', 'dead2', 'a', 'dead3', 'dead4']];
    let hasBegun = false;
    const slow = database.client({
      request: async ({ name }, send) => {
        if (name === 'UpdateItem' && !hasBegun) {
          hasBegun = true;
          await putLine(pool, line, { now, dead });
        }
        return send();
      },
    });
    expect(await ask(slow, pool, 'newcomer', undefined, 0)).toMatchObject({ outcome: 'acquired', races: 0 });
    expect((await ask(table, pool, 'a', later(1000))).outcome).toBe('acquired');
  });

  it('that ended in vain hinders no later claim of its session, nor others after that', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 3600 });
    await ask(table, pool, 'first');
    await ask(table, pool, 'a', undefined, 10);
    await release(table, pool, 'first');
    expect(await ask(table, pool, 'a', later(15_000), 0)).toMatchObject({ outcome: 'acquired', races: 0 });
    expect(await release(table, pool, 'a', Date.now() + 16_000)).toBe('ended');
    expect((await ask(table, pool, 'newcomer', later(17_000), 0)).outcome).toBe('acquired');
  });

  it('is respected by a poll that saw a license free for it before another took that', async () => {
    const pool = await createPool(table, { quota: 2 });
    await Promise.all(['first', 'second'].map((id) => ask(table, pool, id)));
    for (const id of ['a', 'b', 'c']) await ask(table, pool, id);
    for (const id of ['first', 'second']) await release(table, pool, id);
    let served: Activated | undefined;
    // The last one has seen two free licenses. Before it reads the line, the first takes one of them, and leaves.
    const slow = database.client({
      request: async ({ name, input }, send) => {
        if (!served && name === 'Query' && /"(WAIT|LINE)#"/.test(JSON.stringify(input))) {
          served = { outcome: 'contended', races: 0 };
          served = await ask(table, pool, 'a');
        }
        return send();
      },
    });
    expect((await ask(slow, pool, 'c')).outcome).toBe('waiting');
    expect(served?.outcome).toBe('acquired');
    expect((await ask(table, pool, 'b')).outcome).toBe('acquired');
  });

  it('in front takes the license that is left to it: of three that get free, those behind take the others', async () => {
    const pool = await createPool(table, { quota: 3 });
    await Promise.all(names(3).map((id) => ask(table, pool, id)));
    for (const id of names(5, 'w')) await ask(table, pool, id);
    await Promise.all(names(3).map((id) => release(table, pool, id)));
    expect(await outcomes(['w4', 'w3', 'w2', 'w1'].map((id) => ask(table, pool, id)))).toEqual([
      'waiting',
      'waiting',
      'acquired',
      'acquired',
    ]);
    expect((await ask(table, pool, 'w3')).outcome).toBe('waiting');
    expect(await ask(table, pool, 'w0')).toMatchObject({ outcome: 'acquired', races: 0 });
  });

  it('has a license of its own among those that get free: sessions that poll at once lose no race', async () => {
    const pool = await createPool(table, { quota: 5 });
    await Promise.all(names(5).map((id) => ask(table, pool, id)));
    for (const id of names(5, 'w')) await ask(table, pool, id);
    await Promise.all(names(5).map((id) => release(table, pool, id)));
    const polls = names(5, 'w').map((id) => (by: Table) => ask(by, pool, id));
    const results = await meeting(database, polls);
    expect(results.map(({ outcome, races }) => [outcome, races])).toEqual(Array(5).fill(['acquired', 0]));
  });

  it('is taken only if no license is free, also beyond the seats that a request reads first', async () => {
    const pool = await createPool(table, { quota: 100, leaseSeconds: 3600 });
    await fillSeats(table, pool, { first: 1, last: 25 });
    expect((await ask(table, pool, 'a')).outcome).toBe('acquired');
  });

  it('comes before what a crash left of a later claim: that is given back at once', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 3600 });
    const at = clocks();
    const isClaim = (name: string, input: string) => name === 'UpdateItem' && input.includes('SEAT#');
    await expect(ask(dying(isClaim, true), pool, 'x', at(0))).rejects.toThrow(Crash);
    expect(places(await ask(table, pool, 'a', at(1000)))).toBe(1);
    expect(places(await ask(table, pool, 'x', at(20_000)))).toBe(2);
    expect((await ask(table, pool, 'a', at(21_000))).outcome).toBe('acquired');
  });

  it('says nothing to an offline license: an admin takes what is free', async () => {
    const pool = await createPool(table, { quota: 1, offline: { allowed: true, maxDays: null, reserveOnline: 0 } });
    await ask(table, pool, 'first');
    await ask(table, pool, 'a');
    await release(table, pool, 'first');
    const request = { machineId: 'm', usedBy: null, description: null, askedExpiry: null };
    expect((await issueOfflineLicense(table, pool, request, { issuedBy: 'usr_admin' })).outcome).toBe('issued');
    expect(places(await ask(table, pool, 'a'))).toBe(1);
  });

  it('leaves how long it took on the record', async () => {
    const pool = await createPool(table, { quota: 1 });
    const at = clocks();
    await ask(table, pool, 'first');
    await ask(table, pool, 'a', at(0));
    await release(table, pool, 'first');
    await ask(table, pool, 'a', at(20_000));
    expect((await readSession(table, pool, 'a'))?.waitedSeconds).toBe(20);
    expect(await readSession(table, pool, 'first')).not.toHaveProperty('waitedSeconds');
  });

  it('is respected and kept by functions whose clocks are 30 seconds ahead', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 3600 });
    const at = clocks();
    await ask(table, pool, 'first', at(0));
    for (const id of ['a', 'b']) await ask(table, pool, id, at(0));
    for (let ms = 4000; ms <= 40_000; ms += 4000) for (const id of ['a', 'b']) await ask(table, pool, id, at(ms));
    await release(table, pool, 'first');
    expect((await ask(table, pool, 'newcomer', at(41_000 + 30_000), 0)).outcome).toBe('exhausted');
    expect(places(await ask(table, pool, 'b', at(43_000 + 30_000)))).toBe(2);
    expect((await ask(table, pool, 'a', at(44_000 + 30_000))).outcome).toBe('acquired');
  });

  it('is not lost by a poll whose write is late', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 3600 });
    const at = clocks();
    await ask(table, pool, 'first', at(0));
    for (const id of ['a', 'b']) await ask(table, pool, id, at(0));
    let isLate = false;
    const slow = database.client({
      request: async ({ name, input }, send) => {
        if (!isLate && isTicket('UpdateItem')(name, JSON.stringify(input))) {
          isLate = true;
          for (const ms of [20_000, 40_000, 60_000, 80_000])
            for (const id of ['a', 'b']) await ask(table, pool, id, at(ms));
        }
        return send();
      },
    });
    expect((await ask(slow, pool, 'a', at(15_000))).outcome).toBe('waiting');
    expect(isLate).toBe(true);
    expect(places(await ask(table, pool, 'a', at(82_000)))).toBe(1);
  });

  it('is not passed over while one poll of its session finds that it has ended, and another renews it', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 3600 });
    const at = clocks();
    await ask(table, pool, 'first');
    for (const id of ['a', 'b']) await ask(table, pool, id, at(0));
    await ask(table, pool, 'b', at(20_000));
    const others: Activated[] = [];
    const slow = database.client({
      request: async ({ name, input }, send) => {
        const isPut = (what: string) => name === 'PutItem' && JSON.stringify(input).includes(what);
        // The other poll read the place earlier.
        if (others.length === 0 && isPut('WAIT#')) others.push(await ask(table, pool, 'a', at(50_000)));
        if (others.length === 1 && isPut('LINE#')) {
          await release(table, pool, 'first');
          others.push(await ask(table, pool, 'b', at(61_000)));
        }
        return send();
      },
    });
    await ask(slow, pool, 'a', at(60_000));
    expect(others.map(places)).toEqual([1, 2]);
    expect((await ask(table, pool, 'a', at(62_000))).outcome).toBe('acquired');
  });

  it('is kept although a function whose clock is 30 seconds ahead finds that it has ended', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 3600 });
    const at = clocks();
    await ask(table, pool, 'first');
    for (const id of ['a', 'b']) await ask(table, pool, id, at(0));
    await ask(table, pool, 'b', at(20_000));
    expect(places(await ask(table, pool, 'b', at(25_000 + 30_000)))).toBe(1);
    expect(places(await ask(table, pool, 'a', at(25_000)))).toBe(1);
  });

  it('that seems to have ended is not lost to a poll that clears it away while it is renewed', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 3600 });
    const at = clocks();
    await ask(table, pool, 'first');
    for (const id of ['a', 'b']) await ask(table, pool, id, at(0));
    for (const ms of [20_000, 40_000, 60_000, 75_000]) await ask(table, pool, 'b', at(ms));
    const [entryRenewed, cleared] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const renewing = database.client({
      request: async ({ name, input }, send) => {
        if (isTicket('UpdateItem')(name, JSON.stringify(input))) {
          entryRenewed.resolve();
          await cleared.promise;
        }
        return send();
      },
    });
    let poll: Promise<Activated> | undefined;
    const clearing = database.client({
      request: async ({ name, input }, send) => {
        if (!poll && isEntry('DeleteItem')(name, JSON.stringify(input))) {
          poll = ask(renewing, pool, 'a', at(53_000));
          await entryRenewed.promise;
        }
        return send();
      },
    });
    await ask(clearing, pool, 'b', at(85_000));
    cleared.resolve();
    expect(poll && places(await poll)).toBe(1);
    expect(places(await ask(table, pool, 'b', at(86_000)))).toBe(2);
  });

  it('that has ended holds nobody up once its session has a new one', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 3600 });
    const at = clocks();
    await ask(table, pool, 'first');
    await ask(table, pool, 'a', at(0), 30);
    await ask(table, pool, 'b', at(0));
    await ask(table, pool, 'b', at(20_000));
    expect((await ask(table, pool, 'a', at(31_000), 30)).outcome).toBe('waiting');
    expect(places(await ask(table, pool, 'b', at(32_000)))).toBe(1);
    expect(places(await ask(table, pool, 'a', at(33_000), 30))).toBe(2);
  });

  it('is renewed as a whole by the next poll if one died half way', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 3600 });
    const at = clocks();
    await ask(table, pool, 'first');
    await ask(table, pool, 'a', at(0));
    await expect(ask(dying(isTicket('UpdateItem'), false), pool, 'a', at(13_000))).rejects.toThrow(Crash);
    await ask(table, pool, 'a', at(14_000));
    const ticket = (await readTicket(table, pool, 'a'))!;
    expect(ticket.aliveUntil).toBeGreaterThan(ticket.arrivedAt + 30_000);
    expect(await readEntry(table, pool, ticket)).toMatchObject({ aliveUntil: ticket.aliveUntil });
  });

  it('is given up by its DELETE, which may be repeated: by the SDK, and by the runner that got no answer', async () => {
    const pool = await createPool(table, { quota: 1 });
    await ask(table, pool, 'first');
    for (const id of ['a', 'b']) await ask(table, pool, id);
    const leave = (by: Table, sessionId: string, member = userId) =>
      deactivateSession(by, pool, { sessionId, userId: member, mayForce: false }, Date.now());
    expect(await leave(losingAnswers(database), 'a')).toBe('ended');
    expect(await leave(table, 'a')).toBe('ended');
    expect(await leave(table, 'a', 'usr_other')).toBe('missing');
    expect(places(await ask(table, pool, 'b'))).toBe(1);
    // The session may come back, to the end of the queue.
    expect(places(await ask(table, pool, 'a'))).toBe(2);
    expect(places(await ask(table, pool, 'a', undefined, 0))).toBe('exhausted');
  });

  it('that was given up is cleared away by those in front, minutes later', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 3600 });
    await ask(table, pool, 'first');
    for (const id of ['a', 'b']) await ask(table, pool, id);
    await release(table, pool, 'a');
    const left = async () => (await readTickets(table, pool)).map(({ sessionId }) => sessionId);
    await ask(table, pool, 'b', later(10_000));
    expect(await left()).toEqual(['a', 'b']);
    expect(await release(table, pool, 'a')).toBe('ended');
    for (let ms = 20_000; ms <= 400_000; ms += 20_000) await ask(table, pool, 'b', later(ms));
    expect(await left()).toEqual(['b']);
  });

  it('keeps no license idle once its session was released, also if that had died before it left the queue', async () => {
    const pool = await createPool(table, { quota: 1 });
    await ask(table, pool, 'first');
    await ask(table, pool, 'a');
    await release(table, pool, 'first');
    await expect(ask(dying(isTicket('DeleteItem'), false), pool, 'a')).rejects.toThrow(Crash);
    expect(await release(table, pool, 'a')).toBe('ended');
    expect((await ask(table, pool, 'newcomer', undefined, 0)).outcome).toBe('acquired');
  });

  it('of a runner that died is cleared away by those in front, a minute later', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 3600 });
    await ask(table, pool, 'first');
    for (const id of names(12, 'dead')) await ask(table, pool, id);
    await ask(table, pool, 'a', later(40_000));
    await ask(table, pool, 'a', later(50_000));
    expect(await readTickets(table, pool)).toHaveLength(13);
    for (const ms of [125_000, 128_000]) await ask(table, pool, 'b', later(ms));
    expect((await readTickets(table, pool)).length).toBeLessThanOrEqual(4);
  });
});

/**
 * Puts so many places into the line of a full pool, a millisecond apart: `session(0)` came first.
 *
 * @param asks returns whether a session is to ask again: only such a one needs its ticket
 */
const lineUp = async (waiting: number, asks: (at: number) => boolean = () => true, quota = 1) => {
  const pool = await createPool(table, { quota, leaseSeconds: 3600 });
  await fillSeats(table, pool, { first: 1, last: quota });
  const session = (at: number) => `build-4711-${at}-linux-x64`;
  await ask(table, pool, session(0));
  const ticket = (await readTicket(table, pool, session(0)))!;
  const entry = (await readEntry(table, pool, ticket))!;
  const actor = `api-key#usr_${'0'.repeat(26)}#key_${'0'.repeat(26)}`;
  const items = Array.from({ length: waiting - 1 }, (_, index) => {
    const arrivedAt = ticket.arrivedAt + index + 1;
    const place = { sessionId: session(index + 1), arrivedAt, aliveUntil: arrivedAt + 600_000, aheadAtFirst: 0, actor };
    return [
      ...(asks(index + 1) ? [{ ...keys.ticket(pool, place.sessionId), ...ticket, ...place }] : []),
      { ...keys.entry(pool, place), ...entry, ...place, ordinal: index + 2 },
    ];
  });
  await putMany(table, items.flat());
  // The first place must last until then, however long the others take to be put.
  return { pool, session, now: clockAt(ticket.arrivedAt + waiting) };
};

describe('a place that somebody looks up', () => {
  it('is shown to its member, and to a caller who may see all; to others there is none', async () => {
    const pool = await createPool(table, { quota: 1 });
    await ask(table, pool, 'first');
    for (const id of ['a', 'b']) await ask(table, pool, id);
    const now = Date.now();
    const shown = { ahead: 1, length: 2, ticket: { sessionId: 'b', userId } };
    expect(await findPlace(table, pool, 'b', { now })).toMatchObject(shown);
    expect(await findPlace(table, pool, 'b', { userId, now })).toMatchObject(shown);
    expect(await findPlace(table, pool, 'b', { userId: 'usr_ben', now })).toBeUndefined();
    expect(await findPlace(table, pool, 'first', { now })).toBeUndefined();
    expect(await findPlace(table, pool, 'b', { now: now + 60_000 })).toBeUndefined();
  });

  it('is not behind a session that has its license, and died before it left the queue', async () => {
    const pool = await createPool(table, { quota: 1 });
    await ask(table, pool, 'first');
    for (const id of ['a', 'b']) await ask(table, pool, id);
    await release(table, pool, 'first');
    await expect(ask(dying(isEntry('DeleteItem'), false), pool, 'a')).rejects.toThrow(Crash);
    expect(await findPlace(table, pool, 'b', { now: Date.now() })).toMatchObject({ ahead: 0, length: 1 });
    expect(places(await ask(table, pool, 'c'))).toBe(2);
  });
});

describe('the places of one API key', () => {
  const key = { id: 'key_ci' };
  const request = (sessionId: string, waitSeconds = 3600) => ({ sessionId, userId, machineId: 'm', waitSeconds, key });
  const reached = { limit: 'queuePlacesPerKey', value: 10 };
  /** A pool of one license for which sessions of the key wait. */
  const lineOfKey = async (waiting: number) => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 3600 });
    await ask(table, pool, 'first');
    for (const id of names(waiting, 'w'))
      expect((await activateFloating(table, pool, request(id))).outcome).toBe('waiting');
    return pool;
  };

  it('are at most ten in a small pool: a dry run foresees the refusal, which writes nothing', async () => {
    const pool = await lineOfKey(10);
    const metered = meter();
    const by = database.client({ request: metered.request });
    const { result, bill } = await metered.of(() => activateFloating(by, pool, request('w10')));
    expect(result).toMatchObject({ outcome: 'key-limited', reached });
    expect(bill.write).toBe(0);
    expect(await dryRunFloating(table, pool, request('w10'))).toMatchObject({ outcome: 'key-limited', reached });
    for (const one of [request('w9'), request('w10', 0)])
      expect(await dryRunFloating(table, pool, one)).toMatchObject({ outcome: 'exhausted' });
  });

  it('are not exceeded by sessions that come at once: the last one leaves the line', async () => {
    const pool = await lineOfKey(9);
    const now = Date.now();
    let other: Activated | undefined;
    const slow = database.client({
      request: async ({ name, input }, send) => {
        if (!other && isTicket('PutItem')(name, JSON.stringify(input)))
          other = await activateFloating(table, pool, request('w9'), clockAt(now));
        return send();
      },
    });
    const last = await activateFloating(slow, pool, request('w10'), clockAt(now + 1));
    expect(other && places(other)).toBe(10);
    expect(last).toMatchObject({ outcome: 'key-limited', reached });
    const left = [...(await readTickets(table, pool)), ...(await readEntries(table, pool, everyEntry)).items];
    expect(left.map(({ sessionId }) => sessionId)).not.toContain('w10');
  });
});

describe('the places of one person who signed in', () => {
  /** A line of places that one person took. */
  const lineOfPerson = async (waiting: number) => {
    const { pool, now } = await lineUp(waiting);
    const tickets = await readTickets(table, pool);
    const actor = `user#${userId}`;
    await putMany(
      table,
      tickets.map(({ keyId: _, ...ticket }) => ({ ...keys.ticket(pool, ticket.sessionId), ...ticket, actor })),
    );
    const wait = (by: Table, member: string) =>
      activateFloating(by, pool, { sessionId: `of-${member}`, userId: member, machineId: 'm', waitSeconds: 3600 }, now);
    return { pool, now, wait };
  };

  it('are at most a thousand, or the quota; a colleague still gets one', async () => {
    const { wait } = await lineOfPerson(1000);
    const reached = { limit: 'queuePlacesPerPerson', value: 1000 };
    const metered = meter();
    const by = database.client({ request: metered.request });
    const { result, bill } = await metered.of(() => wait(by, userId));
    expect(result).toMatchObject({ outcome: 'key-limited', reached });
    expect(bill.write).toBe(0);
    expect((await wait(table, 'usr_colleague')).outcome).toBe('waiting');
  });

  it('are not counted in a shorter line: a newcomer reads 20 units at most', async () => {
    const { wait } = await lineOfPerson(500);
    const metered = meter();
    const by = database.client({ request: metered.request });
    const { result, bill } = await metered.of(() => wait(by, userId));
    expect(result.outcome).toBe('waiting');
    expect(bill.read).toBeLessThanOrEqual(20);
  });
});

describe('the position', () => {
  it('is not behind a session that has its license, and died before it left the queue', async () => {
    const pool = await createPool(table, { quota: 1 });
    await ask(table, pool, 'first');
    await ask(table, pool, 'a');
    await release(table, pool, 'first');
    await expect(ask(dying(isEntry('DeleteItem'), false), pool, 'a')).rejects.toThrow(Crash);
    expect(places(await ask(table, pool, 'b'))).toBe(1);
  });

  it('of sessions that came at once is exact for the first hundred, and more than hundred for the others', async () => {
    const { pool, now } = await lineUp(95);
    await Promise.all(names(15).map((id) => ask(table, pool, id, now)));
    const { waiting } = lineOf(await readTickets(table, pool), '', now.now());
    const told = await Promise.all(waiting.slice(95).map(({ sessionId }) => ask(table, pool, sessionId, now)));
    expect(told.slice(0, 5).map(places)).toEqual([96, 97, 98, 99, 100]);
    for (const one of told.slice(5)) expect(Number(places(one))).toBeGreaterThan(100);
  });

  it('further back counts sessions that have left, and no longer once it is one of the first hundred', async () => {
    const { pool, session, now } = await lineUp(200);
    const told = async () => places(await ask(table, pool, session(199), now));
    const leave = (first: number, last: number) =>
      Promise.all(
        Array.from({ length: last - first + 1 }, (_, index) =>
          release(table, pool, session(first + index), Date.now()),
        ),
      );
    await leave(140, 159);
    expect(await told()).toBe(200);
    await leave(0, 9);
    expect(await told()).toBe(190);
    await leave(10, 99);
    expect(await told()).toBe(80);
  });

  it('comes with the number of sessions that wait, as far as a request has read', async () => {
    const { pool, session, now } = await lineUp(200, (at) => at === 199);
    const lengthFor = async (at: number) => {
      const result = await ask(table, pool, session(at), now);
      return result.outcome === 'waiting' && result.place.length;
    };
    expect(await lengthFor(0)).toBe(100);
    expect(await lengthFor(199)).toBe(200);
  });

  it('is foreseen by a dry run, also if it reads on after the first hundred', async () => {
    const { pool, now } = await lineUp(350, () => false, 150);
    const request = { sessionId: 'newcomer', userId, machineId: 'm', waitSeconds: 3600 };
    expect(await dryRunFloating(table, pool, request, now)).toMatchObject({ outcome: 'exhausted', ahead: 350 });
  });
});

describe('licenses that get free for a long line', () => {
  it('are for the first ones: each of these gets one, and those behind and newcomers wait without a claim', async () => {
    const { pool, session, now } = await lineUp(220, (at) => [205, 215].includes(at));
    await pool.set({ quota: 211 });
    expect(await ask(table, pool, session(215), now)).toMatchObject({ outcome: 'waiting', races: 0 });
    expect(places(await ask(table, pool, 'newcomer', now))).toBe(221);
    expect(await ask(table, pool, session(205), now)).toMatchObject({ outcome: 'acquired', races: 0 });
  });

  it('as many as the first hundred, of whom one has its license already, are for no newcomer', async () => {
    const { pool, session, now } = await lineUp(150, () => false);
    await pool.set({ quota: 2 });
    await expect(ask(dying(isEntry('DeleteItem'), false), pool, session(0), now)).rejects.toThrow(Crash);
    await pool.set({ quota: 102 });
    expect((await ask(table, pool, 'newcomer', now)).outcome).toBe('waiting');
  });

  it('cost their sessions no more because of those behind, and the last ones read no more than these need', async () => {
    const { pool, session, now } = await lineUp(1000);
    await pool.set({ quota: 151 });
    const metered = meter();
    const by = database.client({ request: metered.request });
    const last = await metered.of(() => ask(by, pool, session(999), now));
    expect(last.result.outcome).toBe('waiting');
    expect(last.bill.requests).toBeLessThanOrEqual(8);
    const first = await metered.of(() => ask(by, pool, session(0), now));
    expect(first.result.outcome).toBe('acquired');
    expect(first.bill.read).toBeLessThanOrEqual(20);
  });

  it('as many as the first hundred need are no reason to read on', async () => {
    const { pool, session, now } = await lineUp(300, (at) => at === 299);
    await pool.set({ quota: 101 });
    const metered = meter();
    const by = database.client({ request: metered.request });
    const { result, bill } = await metered.of(() => ask(by, pool, session(299), now));
    expect(result.outcome).toBe('waiting');
    expect(bill.requests).toBeLessThanOrEqual(7);
  });
});

describe('a poll in a line that is as long as the pool', () => {
  it('reads one window of the seats', async () => {
    const quota = 50;
    const { pool, session, now } = await lineUp(quota + 10, () => true, quota);
    // By then the first in the line has died, and the instance no longer remembers that the pool was full.
    const clock = clockAt(() => now.now() + 61_000);
    const metered = meter();
    const by = database.client({ request: metered.request });
    for (const ahead of [quota, quota + 5]) {
      const { result, bill } = await metered.of(() => ask(by, pool, session(ahead + 1), clock));
      expect(places(result)).toBe(ahead + 1);
      expect(bill.requests).toBeLessThanOrEqual(6);
      expect(bill.read).toBeLessThanOrEqual(6);
    }
  });
});

describe('a wait in vain', () => {
  it('is refused with all licenses in use, also by an instance that has not seen the full pool', async () => {
    const quota = 50;
    const { pool, now } = await lineUp(quota + 1, () => true, quota);
    // By then the first in the line has died, and the instance no longer remembers that the pool was full.
    const [joins, gaveUp] = [61_000, 71_500].map((ms) => clockAt(() => now.now() + ms)) as [Clock, Clock];
    expect(places(await ask(table, pool, 'a', joins, 10))).toBe(quota + 1);
    const refused = await ask(table, pool, 'a', gaveUp, 10);
    expect(refused.outcome === 'exhausted' && inUse(refused)).toBe(quota);
  });
});

describe('a place that a function of the earlier release gave', () => {
  /** Puts places as that release did: tickets alone, and its stamp. */
  const formerly = async (sessions: readonly string[], aliveMs = 60_000) => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 3600 });
    await ask(table, pool, 'first');
    const now = Date.now();
    const tickets = sessions.map((sessionId, index) => ({
      ...keys.ticket(pool, sessionId),
      ...{ sessionId, userId, machineId: 'runner-07', arrivedAt: now - 1000 + index, giveUpAt: now + 3_600_000 },
      ...{ aliveUntil: now + aliveMs, aheadAtFirst: index, actor: 'service#tests' },
    }));
    await putMany(table, tickets);
    await stampAsFormerly(pool, now + aliveMs + 60_000);
    return pool;
  };
  const stampAsFormerly = async (pool: Pool, until: number) => {
    const terms = await readSubscription(table, pool);
    await putMany(table, [{ ...keys.subscription(pool), ...terms, queueUntil: until, version: terms!.version + 1 }]);
  };

  it('is kept and respected from the first request on, and for ever after', async () => {
    const pool = await formerly(['a', 'b', 'c', 'd']);
    await release(table, pool, 'first');
    expect((await ask(table, pool, 'newcomer', undefined, 0)).outcome).toBe('exhausted');
    expect(places(await ask(table, pool, 'c'))).toBe(3);
    expect(places(await ask(table, pool, 'e'))).toBe(5);
    expect((await ask(table, pool, 'a')).outcome).toBe('acquired');
    for (let ms = 10_000; ms <= 300_000; ms += 10_000)
      for (const [at, id] of ['b', 'c', 'd', 'e'].entries())
        expect(places(await ask(table, pool, id, later(ms)))).toBe(at + 1);
    // By now tickets alone count no more, and nobody reads them all.
    const { items } = await readEntries(table, pool, everyEntry);
    expect(items.map(({ sessionId }) => sessionId)).toEqual(['b', 'c', 'd', 'e']);
    const ordinals = items.map(({ ordinal = 0 }) => ordinal);
    expect(ordinals).toEqual([...new Set(ordinals)].sort((one, other) => one - other));
    await release(table, pool, 'a', Date.now() + 300_000);
    expect((await ask(table, pool, 'newcomer', later(301_000), 0)).outcome).toBe('exhausted');
    expect(places(await ask(table, pool, 'c', later(301_000)))).toBe(2);
    expect((await ask(table, pool, 'b', later(302_000))).outcome).toBe('acquired');
  });

  it('ends by its DELETE, and by a forced end', async () => {
    const pool = await formerly(['a', 'b', 'c']);
    await ask(table, pool, 'b');
    expect(await release(table, pool, 'a')).toBe('ended');
    const admin = { sessionId: 'b', userId: 'usr_admin', mayForce: true };
    expect(await deactivateSession(table, pool, admin, Date.now())).toBe('ended');
    expect((await ask(table, pool, 'b')).outcome).toBe('ended');
    expect(places(await ask(table, pool, 'c'))).toBe(1);
    expect((await readEntries(table, pool, everyEntry)).items).toHaveLength(1);
  });

  it('is kept while functions of both releases answer its polls', async () => {
    const pool = await formerly(['a', 'b']);
    const at = clocks();
    for (const id of ['a', 'b']) await ask(table, pool, id, at(0));
    // The earlier release renews the ticket alone, for longer than the entry lives.
    const ticket = (await readTicket(table, pool, 'a'))!;
    const until = at(180_000).now();
    await putMany(table, [{ ...keys.ticket(pool, 'a'), ...ticket, aliveUntil: until, actor: 'service#tests' }]);
    await stampAsFormerly(pool, until);
    for (const ms of [40_000, 80_000, 120_000, 160_000]) expect(places(await ask(table, pool, 'b', at(ms)))).toBe(2);
    expect(places(await ask(table, pool, 'a', at(170_000)))).toBe(1);
    expect(places(await ask(table, pool, 'b', at(171_000)))).toBe(2);
  });

  it('is respected by a claim that was under way when it was given', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 3600 });
    let isGiven = false;
    const slow = database.client({
      request: async ({ name }, send) => {
        if (name === 'UpdateItem' && !isGiven) {
          isGiven = true;
          const now = Date.now();
          const place = { sessionId: 'a', arrivedAt: now, aliveUntil: now + 60_000, aheadAtFirst: 0 };
          const others = { userId, machineId: 'runner-07', giveUpAt: now + 3_600_000, actor: 'service#tests' };
          await putMany(table, [{ ...keys.ticket(pool, 'a'), ...place, ...others }]);
          await stampAsFormerly(pool, now + 120_000);
        }
        return send();
      },
    });
    expect((await ask(slow, pool, 'newcomer', undefined, 0)).outcome).toBe('exhausted');
    expect((await ask(table, pool, 'a')).outcome).toBe('acquired');
  });

  it('costs a refused request a read of the tickets, and none of the line', async () => {
    const pool = await formerly(['a', 'b']);
    let reads = 0;
    const by = database.client({
      request: ({ name, input }, send) => {
        if (isEntry('Query')(name, JSON.stringify(input))) reads++;
        return send();
      },
    });
    expect((await ask(by, pool, 'newcomer', undefined, 0)).outcome).toBe('exhausted');
    expect(reads).toBe(0);
  });

  it('to a duplicate of a request is gone once that request has the license', async () => {
    const pool = await formerly(['x']);
    await release(table, pool, 'x');
    await release(table, pool, 'first');
    const now = Date.now();
    const place = { sessionId: 'a', arrivedAt: now + 1000, aliveUntil: now + 61_000, aheadAtFirst: 0 };
    const others = { userId, machineId: 'runner-07', giveUpAt: now + 3_600_000, actor: 'service#tests' };
    let isGiven = false;
    const slow = database.client({
      request: async ({ name, input }, send) => {
        const output = await send();
        if (!isGiven && name === 'PutItem' && JSON.stringify(input).includes('"SESSION#')) {
          isGiven = true;
          await putMany(table, [{ ...keys.ticket(pool, 'a'), ...place, ...others }]);
        }
        return output;
      },
    });
    expect((await ask(slow, pool, 'a')).outcome).toBe('acquired');
    expect(isGiven).toBe(true);
    expect(await readTicket(table, pool, 'a')).toBeUndefined();
  });

  it('is found by that release, too: each ticket says all that it needs, also after renewals', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 3600 });
    const at = clocks();
    await ask(table, pool, 'first', at(0));
    for (let ms = 0; ms <= 40_000; ms += 10_000) await ask(table, pool, 'a', at(ms));
    const ticket = await readTicket(table, pool, 'a');
    expect(ticket).toMatchObject({ sessionId: 'a', userId, machineId: 'runner-07', aheadAtFirst: 0 });
    expect(ticket!.aliveUntil).toBeGreaterThan(at(40_000).now());
    expect(ticket).toMatchObject({ aliveUntil: (await readEntry(table, pool, ticket!))!.aliveUntil });
  });
});

describe('the cost of waiting', () => {
  const metered = meter();
  /** A ticket of a session that left long ago. */
  const leftTicket = (pool: Pool, sessionId: string, now: number) => {
    const left = { arrivedAt: now - 500_000, aliveUntil: 0, leftAt: now - 400_000, giveUpAt: now + 3_600_000 };
    const whose = { sessionId, userId, machineId: 'runner-07', aheadAtFirst: 0, actor: 'service#tests' };
    return { ...keys.ticket(pool, sessionId), ...whose, ...left };
  };
  const fill = async (quota: number, waiting: number) => {
    const pool = await createPool(table, { quota, leaseSeconds: 3600 });
    await Promise.all(names(quota).map((id) => ask(table, pool, id)));
    for (let first = 0; first < waiting; first += 10)
      await Promise.all(names(10).map((_, index) => ask(table, pool, `build-4711-${first + index}-linux-x64`)));
    return pool;
  };

  it('a poll reads: 4 requests, no write, in a pool of 5 with 50 waiting', async () => {
    const pool = await fill(5, 50);
    const by = database.client({ request: metered.request });
    const { waiting } = lineOf(await readTickets(table, pool), '', Date.now());
    for (const at of [0, 4, 5, 49]) {
      const { result, bill } = await metered.of(() => ask(by, pool, waiting[at]!.sessionId));
      expect(places(result)).toBe(at + 1);
      expect(bill.write).toBe(0);
      expect(bill.requests).toBeLessThanOrEqual(4);
      expect(bill.read).toBeLessThanOrEqual(7);
    }
  });

  it.each([1000, 10_000])('a poll of %d who wait reads 10 units at most, wherever in the line', async (waiting) => {
    const asked = [0, 99, 100, waiting / 2, waiting - 1];
    const { pool, session, now } = await lineUp(waiting, (at) => asked.includes(at));
    const by = database.client({ request: metered.request });
    for (const at of asked) {
      const { result, bill } = await metered.of(() => ask(by, pool, session(at), now));
      expect(places(result)).toBe(at + 1);
      expect(bill.read).toBeLessThanOrEqual(10);
      expect(bill.requests).toBeLessThanOrEqual(8);
    }
    const { result, bill } = await metered.of(() => ask(by, pool, 'newcomer', now));
    expect(places(result)).toBe(waiting + 1);
    expect(bill.read).toBeLessThanOrEqual(20);
    expect(bill.write).toBeLessThanOrEqual(4);
  });

  it('a first place: a stamp at most once a minute, a ticket, an entry with its number, and a look at the queue', async () => {
    const pool = await fill(12, 10);
    const by = database.client({ request: metered.request });
    const { bill } = await metered.of(() => ask(by, pool, 'a'));
    expect(bill.write).toBe(3);
    expect(bill.requests).toBeLessThanOrEqual(11);
    const { bill: stamped } = await metered.of(() => ask(by, pool, 'b', later(230_000)));
    expect(stamped.write).toBe(4);
  });

  it('a duplicate of a first place writes no more than to learn that the place is there', async () => {
    const pool = await fill(2, 10);
    let isThere = false;
    const by = database.client({
      request: (called, send) =>
        metered.request(called, async () => {
          if (!isThere && isTicket('PutItem')(called.name, JSON.stringify(called.input))) {
            isThere = true;
            await ask(table, pool, 'a');
          }
          return send();
        }),
    });
    const { result, bill } = await metered.of(() => ask(by, pool, 'a'));
    expect(result.outcome).toBe('waiting');
    expect(bill.write).toBe(2);
  });

  it('of what has ended, the first in the line clears away ten places and ten lone tickets at most; others none', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 3600 });
    const at = clocks();
    const now = at(0).now();
    await ask(table, pool, 'first');
    await putLine(pool, names(12, 'dead'), { now, dead: names(12, 'dead') });
    await putMany(
      table,
      names(12, 'left').map((id) => leftTicket(pool, id, now)),
    );
    for (const id of ['a', 'b']) await ask(table, pool, id, at(0));
    const by = database.client({ request: metered.request });
    const writes = async (id: string, ms: number) => (await metered.of(() => ask(by, pool, id, at(ms)))).bill.write;
    expect(await writes('b', 1000)).toBe(0);
    // Its place is renewed: an entry and a ticket.
    expect(await writes('b', 13_000)).toBe(2);
    expect(await writes('a', 1000)).toBe(2 * 10);
    expect(await writes('a', 13_000)).toBe(2 * 2 + 2 + 10);
  });

  it.each([25, 40])(
    'in a line of %d, too, lone tickets are cleared away in the end, wherever they are',
    async (waiting) => {
      const { pool, session, now } = await lineUp(waiting);
      const start = now.now();
      await putMany(table, [leftTicket(pool, 'z', start)]);
      for (let ms = 15_000; ms <= 390_000 && (await readTicket(table, pool, 'z')); ms += 15_000)
        expect(places(await ask(table, pool, session(0), clockAt(start + ms)))).toBe(1);
      expect(await readTicket(table, pool, 'z')).toBeUndefined();
    },
  );

  it('getting the license costs two writes more: the entry and the ticket go', async () => {
    const pool = await fill(5, 10);
    await release(table, pool, 's0');
    const { waiting } = lineOf(await readTickets(table, pool), '', Date.now());
    const by = database.client({ request: metered.request });
    const { result, bill } = await metered.of(() => ask(by, pool, waiting[0]!.sessionId));
    expect(result.outcome).toBe('acquired');
    expect(bill.write).toBe(4);
    expect(bill.requests).toBeLessThanOrEqual(10);
  });

  it('nothing is read of it once nobody has waited for a while', async () => {
    const pool = await fill(2, 10);
    const by = database.client({ request: metered.request });
    await release(table, pool, 's0');
    const { bill } = await metered.of(() => ask(by, pool, 'a', later(300_000), 0));
    expect(bill.requests).toBe(5);
  });
});

describe('a session that waits, and whose lease had ended before with nobody noticing', () => {
  /** `a` had a license, which `b` has by now; it came back, and waits. */
  const prepared = async (of?: (pool: Pool) => Promise<string>) => {
    const pool = await createPool(table, { quota: 1 });
    const member = (await of?.(pool)) ?? userId;
    await askAs(member, table, pool, 'a', later(-dayMs));
    await ask(table, pool, 'b');
    expect((await askAs(member, table, pool, 'a')).outcome).toBe('waiting');
    return { pool, member };
  };

  it('leaves the queue by its own DELETE', async () => {
    const { pool } = await prepared();
    expect(await release(table, pool, 'a')).toBe('ended');
    expect(await readTickets(table, pool)).toEqual([]);
  });

  type TakeAway = (by: Table, pool: Pool, member: string) => Promise<unknown>;
  const takenAway: Record<string, TakeAway> = {
    'an admin’s DELETE': (by, pool) =>
      deactivateSession(by, pool, { sessionId: 'a', userId: 'usr_admin', mayForce: true }, Date.now()),
    'removing the licenses of its machine': (by, pool) => removeMachineLicense(by, pool, 'runner-07', Date.now()),
    'deactivating its machine': (by, pool) => removeMachine(by, pool, 'runner-07', { now: Date.now() }),
    'removing its member': (by, { organizationId }, member) =>
      removeMember(by, { organizationId, userId: member, by: 'owner', now: Date.now() }),
  };
  it.each(Object.entries(takenAway))('is ended by %s', async (_, takeAway) => {
    const { pool, member } = await prepared(async ({ organizationId }) => {
      const now = Date.now();
      return (await addMember(table, { organizationId, email: 'ada@acme.example', role: 'user', now })).userId;
    });
    let requests = 0;
    const bounded = database.client({
      request: (_, send) => {
        if (++requests > 60) throw new Error('it goes on and on');
        return send();
      },
    });
    await takeAway(bounded, pool, member);
    expect((await readTickets(table, pool)).map(({ sessionId }) => sessionId)).toEqual([]);
    expect((await askAs(member, table, pool, 'a')).outcome).toBe('ended');
  });
});

describe('a session that gets a license', () => {
  it('is ended by what takes its place away at that moment', async () => {
    const pool = await createPool(table, { quota: 1 });
    await activateFloating(table, pool, { sessionId: 'b', userId, machineId: 'another' });
    expect((await ask(table, pool, 'a')).outcome).toBe('waiting');
    let served = false;
    const slow = database.client({
      request: async ({ name, input }, send) => {
        if (!served && name === 'GetItem' && JSON.stringify(input).includes('#a"')) {
          served = true;
          await release(table, pool, 'b');
          expect((await ask(table, pool, 'a')).outcome).toBe('acquired');
        }
        return send();
      },
    });
    await removeMachineLicense(slow, pool, 'runner-07', Date.now());
    expect(served).toBe(true);
    expect(await readSession(table, pool, 'a')).toMatchObject({ status: 'ended', endedReason: 'license-removed' });
  });

  it.each(['removeMachine', 'removeMachineLicense'] as const)(
    'is ended by %s also if it gets it, and leaves the queue, between the reads of that',
    async (removal) => {
      const pool = await createPool(table, { quota: 2, leaseSeconds: 3600 });
      await activateFloating(table, pool, { sessionId: 'b', userId, machineId: 'another' });
      expect((await ask(table, pool, 'also')).outcome).toBe('acquired');
      expect((await ask(table, pool, 'a')).outcome).toBe('waiting');
      // Deactivating reads once to see whether anything runs, and once more when its record says that nothing may.
      let listings = removal === 'removeMachine' ? 2 : 1;
      const reads = (input: any, prefix: string) =>
        String(input.ExpressionAttributeValues?.[':from']).startsWith(prefix);
      const slow = database.client({
        request: async ({ name, input }, send) => {
          // Seats that are read beside the tickets are read by now.
          if (name === 'Query' && reads(input, 'WAIT#') && --listings === 0) {
            await sleep(200);
            await release(table, pool, 'b');
            expect((await ask(table, pool, 'a')).outcome).toBe('acquired');
          }
          return send();
        },
      });
      if (removal === 'removeMachine') await removeMachine(slow, pool, 'runner-07', { now: Date.now() });
      else await removeMachineLicense(slow, pool, 'runner-07', Date.now());
      expect(listings).toBe(0);
      expect(await readSession(table, pool, 'a')).toMatchObject({ status: 'ended' });
      expect(await holders(table, pool)).toEqual([]);
    },
  );

  it('keeps the reason for which its place was first taken away', async () => {
    const pool = await createPool(table, { quota: 1 });
    await ask(table, pool, 'b');
    await ask(table, pool, 'a');
    const now = Date.now();
    const dies = dying(isTicket('DeleteItem'), false);
    await expect(removeMachine(dies, pool, 'runner-07', { now })).rejects.toThrow(Crash);
    const admin = { sessionId: 'a', userId: 'usr_admin', mayForce: true };
    expect(await deactivateSession(table, pool, admin, now + 1)).toBe('ended');
    expect(await readTicket(table, pool, 'a')).toBeUndefined();
    expect(await ask(table, pool, 'a')).toMatchObject({ outcome: 'ended', reason: 'machine-removed' });
  });

  it('is ended by an admin’s DELETE, and leaves the queue, also if it died before it could', async () => {
    const pool = await createPool(table, { quota: 1 });
    await ask(table, pool, 'b');
    await ask(table, pool, 'a');
    await release(table, pool, 'b');
    await expect(ask(dying(isTicket('DeleteItem'), false), pool, 'a')).rejects.toThrow(Crash);
    const admin = { sessionId: 'a', userId: 'usr_admin', mayForce: true };
    expect(await deactivateSession(table, pool, admin, Date.now())).toBe('ended');
    expect((await ask(table, pool, 'a')).outcome).toBe('ended');
    expect((await ask(table, pool, 'b')).outcome).toBe('acquired');
  });
});

describe('a write of the queue that comes late', () => {
  const now = Date.now();
  const ticket = {
    sessionId: 's',
    userId,
    machineId: 'runner-07',
    arrivedAt: now,
    aliveUntil: now + 60_000,
    giveUpAt: now + 60_000,
    aheadAtFirst: 0,
  };

  it('takes no place from a session that has one', async () => {
    const pool = await createPool(table);
    await putTicket(table, pool, ticket);
    expect(await putTicket(table, pool, { ...ticket, arrivedAt: now + 1 })).toEqual(ticket);
    expect(await readTicket(table, pool, 's')).toMatchObject({ arrivedAt: now });
  });

  it('leaves no entry of a session that has left', async () => {
    const pool = await createPool(table);
    await numberEntry(table, pool, ticket, 7);
    expect(await readEntry(table, pool, ticket)).toBeUndefined();
  });

  it('shortens no note that sessions wait', async () => {
    const pool = await createPool(table);
    await stampQueue(table, pool, { needed: now + 2000, until: now + 3000 });
    await stampQueue(table, pool, { needed: now + 1000, until: now + 2000 });
    expect(await readSubscription(table, pool)).toMatchObject({ lineUntil: now + 3000 });
  });

  it('notes that sessions wait also in a pool that has got blocks since', async () => {
    const pool = await createPool(table);
    await pool.set({ quota: 3000 });
    await stampQueue(table, pool, { needed: now + 2000, until: now + 3000 });
    expect(await readSubscription(table, pool)).toMatchObject({ quota: 3000, lineUntil: now + 3000 });
  });
});
