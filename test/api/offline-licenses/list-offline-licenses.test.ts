import { describe, expect, it } from 'vitest';
import { issueOfflineLicense } from '../../../shared/contracts/issue-offline-license.ts';
import { listOfflineLicenses } from '../../../shared/contracts/list-offline-licenses.ts';
import { keys } from '../../../shared/table/store/keys.ts';
import { put } from '../../../shared/table/store/table.ts';
import { clock, openWorld, utcIn } from '../support/harness.ts';

const { call, got, subscribe: subscribeTo, table } = await openWorld();
const subscribe = () => subscribeTo({ offline: { allowed: true }, quota: 20 });
const issue = (body: object = {}) => got(201, issueOfflineLicense, { as: 'owner', body: { machineId: 'm', ...body } });
const list = (query: Record<string, string> = {}) => got(200, listOfflineLicenses, { as: 'admin', query });

describe('200', () => {
  it('shows the issued licenses, by id, also expired ones', async () => {
    await subscribe();
    const made = [await issue({ expiresAt: utcIn(3_600_000) }), await issue(), await issue({ machineId: 'other' })];
    made.sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(await list()).toEqual({ items: made });
    clock.advance(3_600_001);
    const statuses = (await list()).items.map(({ status }: { status: string }) => status);
    expect(statuses.sort()).toEqual(['active', 'active', 'expired']);
  });
  it('pages through them', async () => {
    await subscribe();
    for (let index = 0; index < 5; index++) await issue();
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ limit: '2', ...(cursor && { cursor }) });
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map(({ id }: { id: string }) => id));
      cursor = page.nextCursor;
    } while (cursor);
    expect(new Set(seen).size).toBe(5);
    expect(seen).toEqual((await list()).items.map(({ id }: { id: string }) => id));
  });
  it('shows nothing that was not issued to its end', async () => {
    const { path } = await subscribe();
    const license = await issue();
    for (const status of ['pending', 'ended'])
      await put(table, { Item: { ...keys.offlineLicense(path, `off_${status}`), ...license, status } });
    expect((await list()).items).toEqual([license]);
  });
  it('shows those of the product alone', async () => {
    await subscribe();
    await issue();
    await subscribe();
    expect(await list()).toEqual({ items: [] });
  });
});

describe('400', () => {
  const wrong: Record<string, string>[] = [{ limit: '0' }, { limit: '201' }, { cursor: 'forged' }, { machineId: 'm' }];
  it.each(wrong)('%j', async (query) => {
    await subscribe();
    await got(400, listOfflineLicenses, { as: 'owner', query });
  });
  it('a cursor of another product’s list', async () => {
    await subscribe();
    await issue();
    await issue();
    const { nextCursor } = await list({ limit: '1' });
    await subscribe();
    await got(400, listOfflineLicenses, { as: 'owner', query: { cursor: nextCursor } });
  });
});

describe('403 and 404', () => {
  it('is for owners and admins, of an existing product', async () => {
    await subscribe();
    for (const as of ['user', 'billingManager', 'apiKey', 'fullKey', 'vendor'] as const)
      await got(403, listOfflineLicenses, { as });
    expect((await call(listOfflineLicenses, { as: 'owner', path: { product: 'NONE' } })).status).toBe(404);
  });
});
