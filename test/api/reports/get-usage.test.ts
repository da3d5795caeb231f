import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getUsage } from '../../../shared/contracts/get-usage.ts';
import { grantLicense } from '../../../shared/contracts/grant-license.ts';
import { listSessions } from '../../../shared/contracts/list-sessions.ts';
import { transferActivation } from '../../../shared/contracts/transfer-activation.ts';
import type { EndedSession } from '../../../shared/domain/history/session-history.ts';
import { keyOfEnded } from '../../../shared/table/history/ended-sessions.ts';
import { type Key, keys } from '../../../shared/table/store/keys.ts';
import { put } from '../../../shared/table/store/table.ts';
import { openFollower } from '../support/changes.ts';
import { type As, clock, day, type Json, openWorld, stamp, utcIn } from '../support/harness.ts';

const { got, call, subscribe, activated, userId, table, organizationId } = await openWorld({ stream: true });
const follow = await openFollower(table);

type Query = Record<string, string>;
const usage = async (query: Query = {}, as: As = 'owner'): Promise<Json> => {
  await follow();
  return got(200, getUsage, { as, query });
};
const file = async (query: Query = {}) => {
  await follow();
  return call(getUsage, { as: 'owner', query, headers: { accept: 'text/csv' } });
};
const release = (sessionId: string, as: As = 'user') => got(204, deactivate, { as, path: { sessionId } });
const refused = (sessionId: string, machineId = 'm') =>
  got(409, activate, { as: 'user', body: { sessionId, machineId } });

const at = (text: string) => Date.parse(text);
/** Sets the service's clock. */
const itIs = (text: string) => clock.advance(at(text) - Date.now());
interface Path {
  organizationId: string;
  product: string;
}
const stored = (key: Key, item: object) => put(table, { Item: { ...key, ...item } });
/** Writes a session of that time into the history. */
const ran = ({ path }: { path: Path }, startedAt: string, endedAt: string, changes: object = {}) => {
  const sessionId = stamp();
  const session = { sessionId, fence: 1, number: 1, userId: 'usr_gone', machineId: 'm', licenseType: 'floating' };
  const times = { startedAt: at(startedAt), endedAt: at(endedAt), endedReason: 'released', leaseSeconds: 60 };
  const whole = { ...session, ...times, ...changes } as EndedSession;
  return stored(keyOfEnded(path, whole), whole);
};
const noWait = { sessions: 0, averageSeconds: null, longestSeconds: null };
const nothing = {
  quota: expect.any(Number),
  peak: 0,
  average: 0,
  users: 0,
  machines: 0,
  refused: { licenseQuota: 0, machineQuota: 0 },
  waited: noWait,
};
const froms = ({ items }: Json) => items.map(({ from }: Json) => from);

describe('200', () => {
  it('shows for each hour the peak, the average, the users and the machines', async () => {
    itIs('2027-06-15T10:00:00.000Z');
    await subscribe({ quota: 10 });
    await activated('a', 'user', 'm1');
    await activated('b', 'otherUser', 'm1');
    itIs('2027-06-15T10:00:30.000Z');
    await activated('c', 'user', 'm2');
    await release('a');
    itIs('2027-06-15T11:30:00.000Z');
    // The other two sessions ended with their leases: the list of sessions closes them.
    await follow();
    const { items: sessions } = await got(200, listSessions, { as: 'owner' });
    const seconds = sessions.reduce((sum: number, { durationSeconds }: Json) => sum + durationSeconds, 0);
    for (const as of ['owner', 'admin'] as const) {
      const { items } = await usage({ granularity: 'hour', from: '2027-06-15' }, as);
      expect(items).toHaveLength(12);
      expect(items[9]).toEqual({ from: '2027-06-15T09:00:00.000Z', ...nothing });
      expect(items[10]).toMatchObject({ from: '2027-06-15T10:00:00.000Z', peak: 3, users: 2, machines: 2 });
      expect(items[10].average).toBeGreaterThanOrEqual(Math.floor((seconds / 3600) * 1000) / 1000);
      expect(items[10].average).toBeLessThan((seconds + 3) / 3600);
      expect(items[11]).toEqual({ from: '2027-06-15T11:00:00.000Z', ...nothing });
    }
  });
  it('of hours, days and months: each counts its sessions, and each user and machine once', async () => {
    const there = await subscribe();
    itIs('2027-06-15T12:00:00Z');
    await ran(there, '2027-04-30T23:00:00Z', '2027-04-30T23:30:00Z', { machineId: 'm1' });
    await ran(there, '2027-04-30T23:15:00Z', '2027-04-30T23:45:00Z', { machineId: 'm2' });
    await ran(there, '2027-04-29T23:15:00Z', '2027-04-29T23:45:00Z', { machineId: 'm2', userId: 'usr_other' });
    await ran(there, '2027-06-15T06:00:00Z', '2027-06-15T12:00:00Z');
    const range = { from: '2027-04-29', to: '2027-06-20' };
    const months = (await usage({ ...range, granularity: 'month' })).items;
    expect(months).toMatchObject([
      { from: '2027-04-01T00:00:00.000Z', peak: 2, users: 2, machines: 2 },
      { from: '2027-05-01T00:00:00.000Z', ...nothing },
      // The average of a running interval is that of the time until now.
      { from: '2027-06-01T00:00:00.000Z', peak: 1, users: 1, machines: 1, average: expect.closeTo(6 / (14.5 * 24), 5) },
    ]);
    const days = (await usage({ ...range, granularity: 'day' })).items;
    expect(days).toHaveLength(48);
    expect(days.slice(0, 3)).toMatchObject([
      { from: '2027-04-29T00:00:00.000Z', peak: 1, users: 1, machines: 1, average: expect.closeTo(0.5 / 24, 6) },
      { from: '2027-04-30T00:00:00.000Z', peak: 2, users: 1, machines: 2, average: expect.closeTo(1 / 24, 6) },
      { from: '2027-05-01T00:00:00.000Z', ...nothing },
    ]);
    expect(days[47]).toMatchObject({ from: '2027-06-15T00:00:00.000Z', average: expect.closeTo(0.5, 3) });
    const hours = (await usage({ from: '2027-04-30T22:00:00Z', to: '2027-05-01', granularity: 'hour' })).items;
    expect(hours.slice(0, 3)).toMatchObject([{ average: 0 }, { average: 1, peak: 2 }, { average: 0 }]);
  });
  it('counts a refusal once per session and quota, however often its runner asks', async () => {
    await subscribe({ quota: 1, machineQuota: 1 });
    await activated('a', 'user', 'm1');
    for (const sessionId of ['b', 'b', 'c', 'b']) await refused(sessionId, 'm1');
    await got(200, activate, { as: 'user', body: { sessionId: 'd', machineId: 'm1', dryRun: true } });
    const refusedNow = async () => (await usage({ granularity: 'month' })).items.at(-1).refused;
    expect(await refusedNow()).toEqual({ licenseQuota: 2, machineQuota: 0 });
    await subscribe({ quota: 2, machineQuota: 1 });
    await activated('a', 'user', 'm1');
    for (const sessionId of ['b', 'b']) await refused(sessionId, 'm2');
    expect(await refusedNow()).toEqual({ licenseQuota: 0, machineQuota: 1 });
  });
  it('shows how many sessions waited, and how long: once, also for a session that moved to another machine', async () => {
    const asks = (status: number, sessionId: string) =>
      got(status, activate, { as: 'user', body: { sessionId, machineId: 'm1', waitSeconds: 600 } });
    /** Waits twenty seconds, from then on, for the license of another. */
    const waits = async (sessionId: string, since: string, before: string) => {
      itIs(since);
      await asks(202, sessionId);
      clock.advance(20_000);
      await release(before);
      await asks(201, sessionId);
    };
    itIs('2027-06-15T09:59:00.000Z');
    await subscribe({ quota: 1, leaseSeconds: 7200 });
    await activated('first');
    await waits('a', '2027-06-15T10:00:00.000Z', 'first');
    await waits('b', '2027-06-15T11:00:00.000Z', 'a');
    await got(200, transferActivation, { as: 'admin', path: { sessionId: 'b' }, body: { machineId: 'm2' } });
    await follow();
    const { items: sessions } = await got(200, listSessions, { as: 'owner' });
    expect(
      sessions.map(({ sessionId, machineId, waitedSeconds }: Json) => [sessionId, machineId, waitedSeconds]),
    ).toEqual([
      ['b', 'm2', null],
      ['b', 'm1', expect.closeTo(20, -1)],
      ['a', 'm1', expect.closeTo(20, -1)],
      ['first', 'm', null],
    ]);
    const [b, a] = [sessions[1].waitedSeconds, sessions[2].waitedSeconds];
    const { items: hours } = await usage({
      granularity: 'hour',
      from: '2027-06-15T10:00:00Z',
      to: '2027-06-15T12:00:00Z',
    });
    expect(hours.map(({ waited }: Json) => waited)).toEqual([
      { sessions: 1, averageSeconds: a, longestSeconds: a },
      { sessions: 1, averageSeconds: b, longestSeconds: b },
    ]);
    const [month] = (await usage({ from: '2027-06-15', granularity: 'month' })).items;
    const both = { sessions: 2, averageSeconds: (a + b) / 2, longestSeconds: Math.max(a, b) };
    expect(month.waited).toEqual(both);
    const { body } = await file({ from: '2027-06-15', to: '2027-06-15', granularity: 'day' });
    expect(body.split('\r\n')[1]).toMatch(new RegExp(`,0,0,2,${both.averageSeconds},${both.longestSeconds},1$`));
  });
  it('of licensed users: by the activations that they use', async () => {
    await subscribe({ licenseType: 'per-user' });
    await got(201, grantLicense, { as: 'owner', path: { userId: await userId('user') } });
    for (const machineId of ['m1', 'm2'])
      await got(201, activate, { as: 'user', body: { sessionId: `on-${machineId}`, machineId } });
    expect((await usage()).items.at(-1)).toMatchObject({ peak: 1, users: 1, machines: 2 });
  });
  it('by default it is by month, from the first day of the month 12 months ago until today', async () => {
    await subscribe();
    itIs('2027-06-15T12:00:00Z');
    const told = froms(await usage());
    expect(told).toHaveLength(13);
    expect([told[0], told[12]]).toEqual(['2026-06-01T00:00:00.000Z', '2027-06-01T00:00:00.000Z']);
  });
  it('an interval is shown whole, wherever in it the range begins or ends', async () => {
    const there = await subscribe();
    itIs('2027-06-15T12:00:00Z');
    await ran(there, '2027-05-03T00:00:00Z', '2027-05-04T00:00:00Z');
    const within = { from: '2027-05-10T10:20:00Z', to: '2027-05-10T11:00:00.001Z' };
    expect((await usage({ ...within, granularity: 'month' })).items).toMatchObject([
      { from: '2027-05-01T00:00:00.000Z', peak: 1 },
    ]);
    expect(froms(await usage({ ...within, granularity: 'hour' }))).toEqual([
      '2027-05-10T10:00:00.000Z',
      '2027-05-10T11:00:00.000Z',
    ]);
  });
  it('of the time to come: nothing', async () => {
    await subscribe();
    itIs('2027-06-15T12:30:00Z');
    const hours = froms(await usage({ from: '2027-06-15', granularity: 'hour' }));
    expect(hours.at(-1)).toBe('2027-06-15T12:00:00.000Z');
    expect(await usage({ from: '2027-06-16', to: '2027-06-18', granularity: 'day' })).toEqual({ items: [] });
  });
  it('pages go on to the end, with each interval once, oldest first', async () => {
    const there = await subscribe();
    itIs('2027-06-15T12:00:00Z');
    await ran(there, '2027-06-01T23:00:00Z', '2027-06-01T23:30:00Z');
    const query = { from: '2027-06-01T20:00:00Z', to: '2027-06-03', granularity: 'hour' };
    const whole = (await usage({ ...query, limit: '200' })).items;
    expect(whole).toHaveLength(4 + 48);
    const items: Json[] = [];
    let cursor: string | undefined;
    do {
      const page: Json = await usage({ ...query, limit: '7', ...(cursor && { cursor }) });
      items.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    expect(items).toEqual(whole);
    expect(items.map(({ from }) => at(from))).toEqual(items.map((_, i) => at(query.from) + i * 3_600_000));
  });
  it('a past day has the same figures again, also long afterwards', async () => {
    const there = await subscribe();
    itIs('2027-06-15T12:00:00Z');
    await ran(there, '2027-06-10T23:00:00Z', '2027-06-10T23:30:00Z');
    const query = { from: '2027-06-09', to: '2027-06-11', granularity: 'day' };
    const told = await usage(query);
    clock.advance(100 * day);
    expect(await usage(query)).toEqual(told);
  });
  it('has the quota of its time for each day, the highest of a day on which it changed', async () => {
    const { path, set } = await subscribe({ quota: 5 });
    for (const [time, quota, before] of [
      ['2027-06-10T08:00:00Z', 6, 5],
      ['2027-06-12T09:00:00Z', 20, 6],
      ['2027-06-12T10:00:00Z', 8, 20],
    ] as const)
      await stored(keys.quotaSet(path, at(time)), { at: at(time), quota, before });
    itIs('2027-06-13T10:00:00Z');
    const { items } = await usage({ from: '2027-06-09', to: '2027-06-13', granularity: 'day' });
    expect(items.map(({ quota }: Json) => quota)).toEqual([5, 6, 6, 20, 8]);
    clock.ahead = 0;
    await set({ quota: 30 });
    expect((await usage({ granularity: 'hour' })).items.at(-1).quota).toBe(30);
  });
  it('another product’s usage is not in it', async () => {
    await subscribe();
    await activated('a');
    await subscribe();
    expect((await usage()).items.at(-1)).toMatchObject(nothing);
  });
});

describe('200 as text/csv', () => {
  const header =
    'From,Peak,Average,Users,Machines,Refused by license quota,Refused by machine quota,' +
    'Waited,Average wait,Longest wait,Quota\r\n';

  it('is a file of the whole range with its name, that nobody on the way keeps', async () => {
    const there = await subscribe();
    itIs('2027-06-15T12:00:00Z');
    await ran(there, '2027-06-14T10:00:00Z', '2027-06-14T16:00:00Z');
    const { status, headers, body } = await file({
      from: '2027-06-13',
      to: '2027-06-14',
      granularity: 'day',
      limit: '1',
    });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="License Usage_Acme_${organizationId}_20270613-20270614.csv"`,
      'cache-control': 'no-store',
    });
    expect(headers).not.toHaveProperty('link');
    expect(body).toBe(
      `${header}"2027-06-13T00:00:00.000Z",0,0,0,0,0,0,0,,,3\r\n"2027-06-14T00:00:00.000Z",1,0.25,1,1,0,0,0,,,3\r\n`,
    );
  });
  it('a range of more than 5,000 hours goes on where the `Link` says, and none is missing or double', async () => {
    const { path } = await subscribe();
    itIs('2027-06-15T12:00:00Z');
    const first = await file({ granularity: 'hour' });
    const [, target = ''] = /^<([^>]+)>; rel="next"$/.exec(first.headers.link as string) ?? [];
    const [address, query] = target.split('?');
    expect(address).toBe(`/v1/organizations/${organizationId}/subscriptions/${path.product}/usage`);
    const second = await file(Object.fromEntries(new URLSearchParams(query)));
    expect(second.headers).not.toHaveProperty('link');
    const rows = [first, second].flatMap(({ body }) => body.split('\r\n').slice(1, -1));
    const begins = at('2026-06-01T00:00:00Z');
    expect(rows.map((row: string) => at(JSON.parse(row.split(',')[0] as string)))).toEqual(
      Array.from({ length: 379 * 24 + 13 }, (_, index) => begins + index * 3_600_000),
    );
  });
});

describe('400', () => {
  it.each([
    [{ from: 'yesterday' }, 'from'],
    [{ to: '2027-01-01T00:00:00+02:00' }, 'to'],
    [{ from: '2027-01-02', to: '2027-01-01' }, 'from'],
    [{ from: '2026-01-01', to: '2027-02-01' }, 'from'],
    [{ granularity: 'week' }, 'granularity'],
    [{ granularity: '' }, 'granularity'],
    [{ limit: '201' }, 'limit'],
    [{ cursor: 'x' }, 'cursor'],
    [{ userId: 'usr_ada' }, 'userId'],
  ])('%j', async (query, place) => {
    await subscribe();
    expect(await got(400, getUsage, { as: 'owner', query: query as never })).toMatchObject({
      errors: [{ pointer: `/query/${place}` }],
    });
  });
  it('a cursor of another range or granularity', async () => {
    await subscribe();
    const { nextCursor: cursor } = await usage({ limit: '1' });
    expect(cursor).toEqual(expect.any(String));
    for (const other of [{ granularity: 'day' }, { from: utcIn(-day) }, { to: utcIn(day) }])
      await got(400, getUsage, { as: 'owner', query: { cursor, ...other } as never });
  });
});

describe('404', () => {
  it('a product that the organization does not have', async () => {
    await got(404, getUsage, { as: 'owner', path: { product: 'NONE' } });
  });
});
