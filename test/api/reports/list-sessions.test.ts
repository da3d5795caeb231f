import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { createOrganization } from '../../../shared/contracts/create-organization.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getActivation } from '../../../shared/contracts/get-activation.ts';
import { grantLicense } from '../../../shared/contracts/grant-license.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { listSessions } from '../../../shared/contracts/list-sessions.ts';
import { removeMember } from '../../../shared/contracts/remove-member.ts';
import { setSubscription } from '../../../shared/contracts/set-subscription.ts';
import { transferActivation } from '../../../shared/contracts/transfer-activation.ts';
import { transferLicense } from '../../../shared/contracts/transfer-license.ts';
import type { EndedSession } from '../../../shared/domain/history/session-history.ts';
import { keyOfEnded } from '../../../shared/table/history/ended-sessions.ts';
import { keys } from '../../../shared/table/store/keys.ts';
import { type Item, put } from '../../../shared/table/store/table.ts';
import { putMany } from '../../table/support/database.ts';
import { openFollower } from '../support/changes.ts';
import { type As, clock, day, type Json, openWorld, stamp, terms, utcIn } from '../support/harness.ts';

const { got, call, subscribe, activated, userId, addMember, table, organizationId } = await openWorld({ stream: true });
const follow = await openFollower(table);

const list = async (query: Record<string, string> = {}, as: As = 'owner') => {
  await follow();
  return got(200, listSessions, { as, query });
};
const file = async (query: Record<string, string> = {}, path: Record<string, string> = {}) => {
  await follow();
  return call(listSessions, { as: 'owner', path, query, headers: { accept: 'text/csv' } });
};
const release = (sessionId: string, as: As = 'user') => got(204, deactivate, { as, path: { sessionId } });
/** From its start to its end. */
const secondsOf = ({ activatedAt, endedAt }: Json) =>
  Math.floor((Date.parse(endedAt) - Date.parse(activatedAt)) / 1000);
const told = ({ items }: Json) => items.map((item: Json) => [item.sessionId, item.endedReason]);
/** An item of the history: a session of that time. */
const past = (path: { organizationId: string; product: string }, session: Json): Item => {
  const whole = {
    sessionId: stamp(),
    fence: 1,
    number: 1,
    userId: 'usr_gone',
    machineId: 'm',
    licenseType: 'floating',
    leaseSeconds: 60,
    endedReason: 'released',
    ...session,
  };
  return { ...keyOfEnded(path, whole as EndedSession), actor: table.actor, ...whole };
};
const ran = (path: { organizationId: string; product: string }, session: Json) => putMany(table, [past(path, session)]);

describe('200', () => {
  it('lists active and past sessions, newest first, as their activations show them', async () => {
    await subscribe();
    await activated('first', 'user');
    clock.advance(10_000);
    await activated('second', 'otherUser', 'm2');
    clock.advance(5_500);
    await release('first');
    for (const as of ['owner', 'admin'] as const) {
      const { items } = await list({}, as);
      expect(items.map(({ sessionId }: Json) => sessionId)).toEqual(['second', 'first']);
      for (const item of items) {
        const { userEmail, userName, licenseType, durationSeconds, waitedSeconds, ...activation } = item;
        expect(waitedSeconds).toBeNull();
        expect(activation).toEqual(await got(200, getActivation, { as, path: { sessionId: item.sessionId } }));
        expect(licenseType).toBe('floating');
        expect(userEmail).toBe(item.sessionId === 'first' ? 'user@acme.example' : 'otheruser@acme.example');
        expect(userName).toEqual(expect.any(String));
        expect(durationSeconds).toBeGreaterThanOrEqual(item.sessionId === 'first' ? 15 : 5);
        if (item.endedAt) expect(durationSeconds).toBe(secondsOf(item));
      }
    }
  });
  it('lists each activation of a session that was activated again, with its end', async () => {
    await subscribe();
    await activated('a');
    await release('a');
    clock.advance(1000);
    await activated('a');
    clock.advance(60_001);
    await activated('b');
    expect(told(await list())).toEqual([
      ['b', null],
      ['a', 'lease-expired'],
      ['a', 'released'],
    ]);
  });
  it('a lapsed session is listed as ended at the end of its lease, though nobody has looked at it', async () => {
    await subscribe();
    const { leaseExpiresAt } = await activated('a');
    clock.advance(day);
    expect((await list()).items).toMatchObject([
      { status: 'ended', endedReason: 'lease-expired', endedAt: leaseExpiresAt, durationSeconds: 60 },
    ]);
    // For good: a session listed as ended can't be revived.
    await follow();
    expect((await list()).items).toMatchObject([{ endedAt: leaseExpiresAt }]);
  });
  it('a heartbeat is no new session, and its lease is the one shown', async () => {
    await subscribe();
    const { seat, fence } = await activated('a');
    clock.advance(30_000);
    const { leaseExpiresAt } = await got(200, heartbeat, {
      as: 'user',
      path: { sessionId: 'a' },
      body: { seat, fence },
    });
    expect((await list()).items).toMatchObject([{ status: 'active', leaseExpiresAt }]);
  });
  it('a transfer to another machine makes two entries, without a gap between them', async () => {
    await subscribe();
    await activated('a', 'user', 'from');
    clock.advance(7000);
    await got(200, transferActivation, { as: 'admin', path: { sessionId: 'a' }, body: { machineId: 'to' } });
    const { items } = await list();
    expect(items).toMatchObject([
      { machineId: 'to', status: 'active' },
      { machineId: 'from', status: 'ended', endedReason: 'license-transferred', durationSeconds: secondsOf(items[1]) },
    ]);
    expect(items[0].activatedAt).toBe(items[1].endedAt);
  });
  it('of licensed users: displaced, transferred and released', async () => {
    await subscribe({ licenseType: 'per-user' });
    const path = { userId: await userId('user') };
    await got(201, grantLicense, { as: 'owner', path });
    for (const sessionId of ['a', 'b'])
      await got(201, activate, { as: 'user', body: { sessionId, machineId: `of-${sessionId}` } });
    const toUserId = await userId('otherUser');
    await got(200, transferLicense, { as: 'owner', path, body: { toUserId } });
    await got(201, activate, { as: 'otherUser', body: { sessionId: 'c', machineId: 'm' } });
    await release('c', 'otherUser');
    const { items } = await list();
    expect(told({ items })).toEqual([
      ['c', 'released'],
      ['b', 'license-transferred'],
      ['a', 'logged-in-elsewhere'],
    ]);
    for (const { licenseType } of items) expect(licenseType).toBe('per-user');
  });
  it('filters by user, also a removed one, by machine, and by both', async () => {
    const { path } = await subscribe({ quota: 10 });
    const bearer = await addMember('leaver@acme.example', 'user');
    const leaver = await userId({ bearer });
    await got(201, activate, { as: { bearer }, body: { sessionId: 'theirs', machineId: 'm1' } });
    await activated('mine', 'user', 'm1');
    await activated('other', 'user', 'm2');
    await got(204, removeMember, { as: 'owner', path: { userId: leaver } });
    await ran(path as never, { sessionId: 'ghost', startedAt: Date.now() - 60_000, endedAt: Date.now() - 30_000 });
    const { items } = await list({ userId: leaver });
    expect(items).toMatchObject([
      {
        sessionId: 'theirs',
        userId: leaver,
        userEmail: 'leaver@acme.example',
        endedReason: 'user-removed',
      },
    ]);
    const sessions = async (query: Record<string, string>) =>
      (await list(query)).items.map(({ sessionId }: Json) => sessionId);
    expect(await sessions({ machineId: 'm1' })).toEqual(['mine', 'theirs']);
    expect(await sessions({ machineId: 'm1', userId: await userId('user') })).toEqual(['mine']);
    expect(await sessions({ userId: await userId('user') })).toEqual(['other', 'mine']);
    expect(await sessions({ machineId: 'none' })).toEqual([]);
    // The user is unknown.
    expect((await list()).items.find(({ sessionId }: Json) => sessionId === 'ghost')).toMatchObject({
      userEmail: null,
      userName: null,
    });
  });
  it('a range has the sessions that ran in it: a day from its beginning to its end, an instant to the millisecond', async () => {
    const { path } = await subscribe();
    const at = (text: string) => Date.parse(text);
    const run = (sessionId: string, startedAt: string, endedAt: string) =>
      ran(path as never, { sessionId, startedAt: at(startedAt), endedAt: at(endedAt) });
    clock.advance(at('2027-06-15T12:00:00Z') - Date.now());
    await run('may', '2027-05-31T23:59:59.998Z', '2027-05-31T23:59:59.999Z');
    await run('june', '2027-06-01T00:00:00.000Z', '2027-06-01T00:00:00.001Z');
    await run('late', '2027-06-02T23:59:59.999Z', '2027-06-02T23:59:59.999Z');
    const sessions = async (from: string, to: string) =>
      (await list({ from, to })).items.map(({ sessionId }: Json) => sessionId);
    expect(await sessions('2027-06-01', '2027-06-01')).toEqual(['june']);
    expect(await sessions('2027-06-01', '2027-06-02')).toEqual(['late', 'june']);
    expect(await sessions('2027-05-31', '2027-05-31')).toEqual(['may']);
    expect(await sessions('2027-05-31T23:59:59.999Z', '2027-06-01T00:00:00.001Z')).toEqual(['june']);
    expect(await sessions('2027-06-01T00:00:00.001Z', '2027-06-02T23:59:59.999Z')).toEqual([]);
  });
  it('by default a range is from the first day of the month 12 months ago until today', async () => {
    const { path } = await subscribe();
    clock.advance(Date.parse('2027-06-15T12:00:00Z') - Date.now());
    for (const startedAt of ['2026-05-31T23:59:59.000Z', '2026-06-01T00:00:00.000Z', '2027-06-15T11:00:00.000Z'])
      await ran(path as never, { startedAt: Date.parse(startedAt), endedAt: Date.parse(startedAt) + 1 });
    expect((await list()).items.map(({ activatedAt }: Json) => activatedAt)).toEqual([
      '2027-06-15T11:00:00.000Z',
      '2026-06-01T00:00:00.000Z',
    ]);
  });
  it('of a product without sessions: an empty list', async () => {
    await subscribe();
    expect(await list()).toEqual({ items: [] });
  });
  it('another product’s sessions are not in it', async () => {
    await subscribe();
    await activated('a');
    await subscribe();
    expect(await list()).toEqual({ items: [] });
  });
});

describe('200 as text/csv', () => {
  const header = 'Username,User email,Session ID,Machine ID,License type,Started timestamp,Duration\r\n';

  it('is a file of the whole range with its name, that nobody on the way keeps', async () => {
    const { path } = await subscribe();
    clock.advance(Date.parse('2027-06-15T12:00:00Z') - Date.now());
    await ran(path as never, {
      sessionId: 'build-1',
      userId: await userId('user'),
      startedAt: Date.parse('2027-06-14T10:00:00Z'),
      endedAt: Date.parse('2027-06-14T11:30:00.900Z'),
    });
    const { status, headers, body } = await file({ limit: '1' });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="License Utilization_Acme_${organizationId}_20260601-20270615.csv"`,
      'cache-control': 'no-store',
    });
    expect(headers).not.toHaveProperty('link');
    expect(body).toMatch(
      new RegExp(
        `^${header}"[^,]+","user@acme\\.example","build-1","m","floating","2027-06-14T10:00:00\\.000Z",5400\r\n$`,
      ),
    );
  });
  it('has the header alone if there are no sessions', async () => {
    await subscribe();
    expect((await file()).body).toBe(header);
  });
  it.each([
    ['=HYPERLINK(1)', `"'=HYPERLINK(1)"`],
    ['+1', `"'+1"`],
    ['-1+1', `"'-1+1"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['＝1＋1', `"'＝1＋1"`],
    ['＋1', `"'＋1"`],
    ['－1', `"'－1"`],
    ['＠x', `"'＠x"`],
    [' =1', `"' =1"`],
    ['"=1', `"'""=1"`],
    ["'=1", `"''=1"`],
    ['\tx', `"'\tx"`],
    ['\t=x', `"'\t=x"`],
    ['x;=cmd|calc', `"x;'=cmd|calc"`],
    ['x; "@y', `"x;' ""@y"`],
    ['x\t+1', `"x\t'+1"`],
    ['x|-1', `"x|'-1"`],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['=a,"b"', `"'=a,""b"""`],
    ['two\nlines', '"two\nlines"'],
    ['a=b - c', '"a=b - c"'],
    ['Åsa', '"Åsa"'],
  ])('a cell with %j is harmless and read back as it is: %j', async (name, cell) => {
    const { path } = await subscribe();
    const id = `usr_${stamp()}`;
    await put(table, { Item: { ...keys.member(organizationId, id), userId: id, name, email: 'e', role: 'user' } });
    await ran(path as never, { sessionId: 's', userId: id, startedAt: Date.now() - 1000, endedAt: Date.now() });
    const { body } = await file();
    expect(body.slice(header.length)).toMatch(/\r\n$/);
    expect(body.slice(header.length).startsWith(`${cell},"e","s","m","floating",`)).toBe(true);
  });
  it.each(['=1+1', '-x', '+x', '@x'])('the machine %s too', async (machineId) => {
    await subscribe();
    await activated('s', 'user', machineId);
    expect((await file()).body).toContain(`,"s","'${machineId}","floating",`);
  });
  it.each([
    ['Müller & Söhne', 'M_ller & S_hne', 'M%C3%BCller%20%26%20S%C3%B6hne'],
    ['a"b\\c/d', 'a_b_c_d', undefined],
    ['50% off', '50% off', '50%25%20off'],
    ['Evil<X-Header>: 1', 'Evil_X-Header__ 1', undefined],
    ["it's (new)*", "it's (new)_", undefined],
    ['日本', '__', '%E6%97%A5%E6%9C%AC'],
  ])('the file of an organization called %j has a name that is good everywhere', async (name, plain, extended) => {
    const { id } = await got(201, createOrganization, {
      as: 'vendor',
      body: { name, ownerEmail: `${stamp()}@x.example` },
    });
    const bearer = await addMember(`${stamp()}@x.example`, 'owner', id);
    const path = { organizationId: id, product: 'KRE' };
    await got(201, setSubscription, { as: 'vendor', path, body: terms() });
    const { headers } = await call(listSessions, { as: { bearer }, path, headers: { accept: 'text/csv' } });
    const disposition = headers['content-disposition'] as string;
    expect(disposition).toMatch(/^[\x20-\x7e]+$/);
    expect(disposition).toContain(`filename="License Utilization_${plain}_${id}_`);
    if (extended) expect(disposition).toContain(`; filename*=UTF-8''License%20Utilization_${extended}_${id}_`);
    else expect(disposition).not.toContain('filename*');
  });
  it('a range of more than 5,000 sessions goes on where the `Link` says, and nothing is missing or double', async () => {
    const { path } = await subscribe();
    const start = Date.now() - day;
    const all = Array.from({ length: 5003 }, (_, i) =>
      past(path as never, { sessionId: `s${i}`, startedAt: start + i, endedAt: start + i + 1 }),
    );
    await putMany(table, all);
    const from = utcIn(-2 * day);
    const first = await file({ from });
    const [, target = ''] = /^<([^>]+)>; rel="next"$/.exec(first.headers.link as string) ?? [];
    const [address, query] = target.split('?');
    expect(address).toBe(`/v1/organizations/${organizationId}/subscriptions/${path.product}/sessions`);
    const second = await file(Object.fromEntries(new URLSearchParams(query)));
    expect(second.headers).not.toHaveProperty('link');
    const rows = [first, second].map(({ body }) => body.split('\r\n').slice(1, -1));
    expect(rows.map(({ length }) => length)).toEqual([5000, 3]);
    expect(new Set(rows.flat().map((row: string) => row.split(',')[2])).size).toBe(5003);
    expect(first.headers['content-disposition']).toBe(second.headers['content-disposition']);
  });
  it.each([
    ['text/csv', 'csv'],
    ['text/csv, */*;q=0.1', 'csv'],
    ['text/*', 'csv'],
    ['TEXT/CSV; charset=utf-8', 'csv'],
    ['application/json, text/csv;q=0.9', 'json'],
    ['application/json;q=0.5, text/csv', 'csv'],
    ['text/csv;q=0', 'json'],
    ['*/*', 'json'],
    ['application/json', 'json'],
    ['image/png', 'json'],
    ['', 'json'],
  ])('Accept: %s is answered as %s', async (accept, type) => {
    await subscribe();
    const { headers } = await call(listSessions, { as: 'owner', headers: { accept } });
    expect(headers['content-type']).toContain(type);
  });
});

describe('400', () => {
  it.each([
    [{ from: 'yesterday' }, 'from'],
    [{ from: '2027-02-30' }, 'from'],
    [{ to: '2027-01-01T00:00:00+02:00' }, 'to'],
    [{ from: '2027-01-02', to: '2027-01-01' }, 'from'],
    [{ from: '2027-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' }, 'from'],
    [{ from: '2026-01-01', to: '2027-02-01' }, 'from'],
    [{ from: '2999-01-01' }, 'from'],
    [{ userId: 'no user' }, 'userId'],
    [{ machineId: 'no machine' }, 'machineId'],
    [{ limit: '201' }, 'limit'],
    [{ cursor: 'x' }, 'cursor'],
  ])('%j', async (query, place) => {
    await subscribe();
    expect(await got(400, listSessions, { as: 'owner', query: query as never })).toMatchObject({
      errors: [{ pointer: `/query/${place}` }],
    });
  });
  it('a cursor of another range or filter', async () => {
    await subscribe();
    for (const sessionId of ['a', 'b']) await activated(sessionId);
    const { nextCursor: cursor } = await list({ limit: '1' });
    expect(cursor).toEqual(expect.any(String));
    for (const other of [
      { userId: await userId('user') },
      { machineId: 'm' },
      { from: utcIn(-day) },
      { to: utcIn(day) },
    ])
      await got(400, listSessions, { as: 'owner', query: { cursor, ...other } as never });
  });
});

describe('404', () => {
  it('a product that the organization does not have', async () => {
    await got(404, listSessions, { as: 'owner', path: { product: 'NONE' } });
  });
});
