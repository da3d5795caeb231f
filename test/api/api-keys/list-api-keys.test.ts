import { describe, expect, it } from 'vitest';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { getOrganization } from '../../../shared/contracts/get-organization.ts';
import { listApiKeys } from '../../../shared/contracts/list-api-keys.ts';
import { revokeApiKey } from '../../../shared/contracts/revoke-api-key.ts';
import { type As, clock, type Json, openWorld, principalOf, startHour, utcIn } from '../support/harness.ts';

const { got, userId } = await openWorld();
const create = (as: As, name: string, more: object = {}) => got(201, createApiKey, { as, body: { name, ...more } });
const list = async (as: As, query: Record<string, string> = { limit: '200' }): Promise<Json> =>
  got(200, listApiKeys, { as, query });

describe('200', () => {
  it('owners and admins see all, everyone else their own', async () => {
    for (const as of ['owner', 'otherUser', 'billingManager'] as const) await create(as, `of-${as}`);
    startHour();
    await list('fullKey'); // from now on it was used
    const all = await list('owner');
    expect(await list('admin')).toEqual(all);
    expect(new Set(all.items.map(({ userId }: Json) => userId)).size).toBe(4);
    for (const as of ['user', 'otherUser', 'billingManager', 'fullKey'] as const) {
      const id = await userId(as === 'fullKey' ? 'user' : as);
      const own = all.items.filter((key: Json) => key.userId === id);
      expect(own).not.toHaveLength(0);
      expect((await list(as)).items).toEqual(own);
    }
  });
  it('shows each as its creation did, without the key', async () => {
    const { key, ...shown } = await create('otherUser', 'CI', { scope: 'full', expiresAt: utcIn(60_000) });
    expect(key).toBeDefined();
    expect((await list('otherUser')).items).toContainEqual(shown);
  });
  it('shows when a key was last used, to the hour', async () => {
    startHour();
    const { id, key } = await create('otherUser', 'CI', { scope: 'full' });
    const lastUsed = async () => (await list('otherUser')).items.find((item: Json) => item.id === id).lastUsedAt;
    expect(await lastUsed()).toBeNull();
    const hour = () => new Date(Date.now() - (Date.now() % 3_600_000)).toISOString();
    await got(200, getOrganization, { as: { bearer: key } });
    expect(await lastUsed()).toBe(hour());
    clock.advance(3 * 3_600_000);
    await principalOf(key);
    expect(await lastUsed()).toBe(hour());
  });
  it('a failed try with a wrong secret is no use of the key', async () => {
    const { id, key } = await create('otherUser', 'CI');
    await principalOf(`${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`);
    expect((await list('otherUser')).items.find((item: Json) => item.id === id).lastUsedAt).toBeNull();
  });
  it('a revoked key is not in it; an expired one still is', async () => {
    const { id: revoked } = await create('otherUser', 'Revoked');
    const { id: expired } = await create('otherUser', 'Expired', { expiresAt: utcIn(60_000) });
    await got(204, revokeApiKey, { as: 'otherUser', path: { keyId: revoked } });
    clock.advance(60_001);
    const ids = (await list('otherUser')).items.map(({ id }: Json) => id);
    expect(ids).toContain(expired);
    expect(ids).not.toContain(revoked);
  });
  it('pages over others’ and revoked keys without losing any', async () => {
    const { items } = await list('otherUser');
    const paged: Json[] = [];
    let cursor: string | undefined;
    do {
      const page = await list('otherUser', { limit: '2', ...(cursor && { cursor }) });
      expect(page.items.length).toBeLessThanOrEqual(2);
      paged.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    expect(paged).toEqual(items);
    expect(items.length).toBeGreaterThan(3);
  });
  it('a stranger sees none of them', async () => {
    await got(404, listApiKeys, { as: 'stranger' });
  });
});

describe('400', () => {
  it.each(['0', '201'])('limit=%s', async (limit) => {
    expect(await got(400, listApiKeys, { as: 'owner', query: { limit } })).toMatchObject({
      errors: [{ pointer: '/query/limit' }],
    });
  });
  it('a member’s cursor is no good for the list of all', async () => {
    const { nextCursor: cursor } = await list('otherUser', { limit: '1' });
    expect(await got(400, listApiKeys, { as: 'owner', query: { cursor } })).toMatchObject({
      errors: [{ pointer: '/query/cursor' }],
    });
  });
});
