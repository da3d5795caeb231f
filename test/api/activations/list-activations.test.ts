import { describe, expect, it } from 'vitest';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getActivation } from '../../../shared/contracts/get-activation.ts';
import { listActivations } from '../../../shared/contracts/list-activations.ts';
import { listMembers } from '../../../shared/contracts/list-members.ts';
import { type As, clock, type Json, openWorld, utcIn } from '../support/harness.ts';

const { got, subscribe, activated } = await openWorld();
const list = (as: As, query?: Record<string, string>) => got(200, listActivations, { as, query });
const sessionsOf = ({ items }: Json): string[] => items.map(({ sessionId }: Json) => sessionId);
/** All pages, one after the other. */
const walk = async (as: As, limit: number, between: (page: number) => Promise<unknown> = async () => {}) => {
  const pages: Json[][] = [];
  let cursor: string | undefined;
  do {
    const page = await list(as, { limit: String(limit), ...(cursor && { cursor }) });
    pages.push(page.items);
    cursor = page.nextCursor;
    await between(pages.length);
  } while (cursor);
  return pages;
};

describe('200', () => {
  it('owners and admins see all current activations, by seat, as each shows itself', async () => {
    await subscribe({ quota: 3 });
    await activated('a', 'user');
    await activated('b', 'otherUser', 'm2');
    await activated('c', 'owner', 'm3');
    for (const as of ['owner', 'admin'] as const) {
      const { items } = await list(as);
      expect(items.map(({ seat }: Json) => seat)).toEqual([1, 2, 3]);
      for (const item of items)
        expect(item).toEqual(await got(200, getActivation, { as, path: { sessionId: item.sessionId } }));
    }
  });
  it('everyone else sees its own, also through its API keys', async () => {
    await subscribe({ quota: 5 });
    await activated('a', 'user');
    await activated('b', 'otherUser');
    await activated('c', 'billingManager');
    await activated('d', 'apiKey');
    for (const as of ['user', 'apiKey', 'fullKey'] as const)
      expect(sessionsOf(await list(as)).sort()).toEqual(['a', 'd']);
    expect(sessionsOf(await list('otherUser'))).toEqual(['b']);
    expect(sessionsOf(await list('billingManager'))).toEqual(['c']);
  });
  it('an owner’s key of scope activate sees its own alone, one of scope full everyone’s', async () => {
    const key = async (scope: string) =>
      (await got(201, createApiKey, { as: 'owner', body: { name: scope, scope } })).key;
    await subscribe();
    await activated('a', 'user');
    await activated('b', 'owner');
    expect(sessionsOf(await list({ bearer: await key('activate') }))).toEqual(['b']);
    expect(sessionsOf(await list({ bearer: await key('full') })).sort()).toEqual(['a', 'b']);
  });
  it('live ones only: released, forced and lapsed ones are gone at once', async () => {
    await subscribe({ quota: 5 });
    for (const sessionId of ['lapsed', 'released', 'forced']) await activated(sessionId);
    clock.advance(30_000);
    await activated('live');
    await got(204, deactivate, { as: 'user', path: { sessionId: 'released' } });
    await got(204, deactivate, { as: 'admin', path: { sessionId: 'forced' } });
    clock.advance(30_001);
    expect(sessionsOf(await list('owner'))).toEqual(['live']);
  });
  it('nothing is live on an expired subscription', async () => {
    await subscribe({ expiresAt: utcIn(10_000) });
    await activated('a');
    clock.advance(10_001);
    expect(await list('owner')).toEqual({ items: [] });
  });
  it('an empty pool is an empty list', async () => {
    await subscribe();
    expect(await list('owner')).toEqual({ items: [] });
  });
  it('another product’s sessions are not in it', async () => {
    await subscribe();
    await activated('a');
    await subscribe();
    await activated('b');
    expect(sessionsOf(await list('owner'))).toEqual(['b']);
  });
});

describe('paging', () => {
  it.each([1, 2, 3, 7, 200])('pages of %i together are the whole list, each once', async (limit) => {
    await subscribe({ quota: 7 });
    for (let i = 0; i < 7; i++) await activated(`s${i}`);
    const pages = await walk('owner', limit);
    expect(pages.flat().map(({ seat }) => seat)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(Math.max(...pages.map((page) => page.length))).toBe(Math.min(limit, 7));
  });
  it('a member’s own pages leave out the others’ without losing any', async () => {
    await subscribe({ quota: 9 });
    for (let i = 0; i < 9; i++) await activated(`s${i}`, i % 3 === 0 ? 'user' : 'otherUser');
    const pages = await walk('user', 2);
    expect(
      pages
        .flat()
        .map(({ sessionId }) => sessionId)
        .sort(),
    ).toEqual(['s0', 's3', 's6']);
  });
  it('stays stable under change: a session that lives all the time is listed exactly once', async () => {
    await subscribe({ quota: 12 });
    for (let i = 0; i < 6; i++) await activated(`s${i}`);
    const first = (await list('owner')).items[0];
    const pages = await walk('owner', 2, async (page) => {
      if (page === 1) await got(204, deactivate, { as: 'user', path: { sessionId: first.sessionId } });
      await activated(`new${page}`);
    });
    const listed = pages.flat().map(({ sessionId }) => sessionId);
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed.filter((sessionId) => sessionId.startsWith('s'))).toHaveLength(6);
  });
  it('the default is 50 items', async () => {
    await subscribe({ quota: 60 });
    await Promise.all(Array.from({ length: 52 }, (_, i) => activated(`s${i}`)));
    const { items, nextCursor } = await list('owner');
    expect(items).toHaveLength(50);
    expect(sessionsOf(await list('owner', { cursor: nextCursor }))).toHaveLength(2);
    expect(sessionsOf(await list('owner', { limit: '200' }))).toHaveLength(52);
  });
  it('a cursor works with another limit, and repeatedly', async () => {
    await subscribe({ quota: 4 });
    for (let i = 0; i < 4; i++) await activated(`s${i}`);
    const { nextCursor: cursor } = await list('owner', { limit: '1' });
    const rest = await list('owner', { limit: '3', cursor });
    expect(rest.items.map(({ seat }: Json) => seat)).toEqual([2, 3, 4]);
    expect(await list('owner', { limit: '3', cursor })).toEqual(rest);
  });
});

describe('400', () => {
  it.each(['0', '201', '-1', '1.5', 'ten', '', 'NaN', '1e999', '1,2'])('limit=%s', async (limit) => {
    await subscribe();
    expect(await got(400, listActivations, { as: 'owner', query: { limit } })).toMatchObject({
      errors: [{ pointer: '/query/limit' }],
    });
  });
  it('a parameter that is not known', async () => {
    await subscribe();
    expect(await got(400, listActivations, { as: 'owner', query: { page: '2' } })).toMatchObject({
      errors: [{ pointer: '/query/page' }],
    });
  });

  const refused = async (as: As, cursor: string) =>
    expect(await got(400, listActivations, { as, query: { cursor } }), cursor).toMatchObject({
      errors: [{ pointer: '/query/cursor' }],
    });
  const issued = async (as: As = 'owner'): Promise<string> => {
    for (const sessionId of ['a', 'b']) await activated(sessionId);
    return (await list(as, { limit: '1' })).nextCursor;
  };
  it('a cursor that was made up', async () => {
    await subscribe();
    const key = Buffer.from('["POOL#x","SEAT#000001"]').toString('base64url');
    for (const cursor of ['', '.', 'x', 'a.b', key, `${key}.`, `${key}.${'A'.repeat(22)}`, '\0', 'ü', 'x'.repeat(1025)])
      await refused('owner', cursor);
  });
  it('a cursor with any one character changed, added or left out', async () => {
    await subscribe();
    const cursor = await issued();
    for (let at = 0; at < cursor.length; at++) {
      const other = cursor[at] === 'A' ? 'B' : 'A';
      await refused('owner', cursor.slice(0, at) + other + cursor.slice(at + 1));
    }
    for (let code = 0; code < 64; code++) {
      const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'[code] as string;
      if (last !== cursor.at(-1)) await refused('owner', cursor.slice(0, -1) + last);
    }
    for (const changed of [
      cursor.slice(1),
      cursor.slice(0, -1),
      `${cursor}A`,
      `${cursor}.`,
      `${cursor}.x`,
      `${cursor}=`,
      `*${cursor}`,
    ])
      await refused('owner', changed);
  });
  it('a cursor of another product, and of another list', async () => {
    await subscribe();
    const ofProduct = await issued();
    const { nextCursor: ofMembers } = await got(200, listMembers, { as: 'owner', query: { limit: '1' } });
    await subscribe();
    await refused('owner', ofProduct);
    await refused('owner', ofMembers);
  });
  it('a cursor that somebody else got for its own list', async () => {
    await subscribe();
    const all = await issued('owner');
    await refused('user', all);
    await refused('otherUser', (await list('user', { limit: '1' })).nextCursor);
  });
});

describe('404', () => {
  it('a product that the organization does not have', async () => {
    await got(404, listActivations, { as: 'owner', path: { product: 'NONE' } });
  });
});
