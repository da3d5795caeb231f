import { describe, expect, it } from 'vitest';
import { settleDue } from '../../../infra/functions.ts';
import { createOrganization } from '../../../shared/contracts/create-organization.ts';
import { listSoldSubscriptions } from '../../../shared/contracts/list-sold-subscriptions.ts';
import { surveySubscriptions } from '../../../shared/table/portfolio/survey.ts';
import { keys } from '../../../shared/table/store/keys.ts';
import { getItem, remove } from '../../../shared/table/store/table.ts';
import { putMany } from '../../table/support/database.ts';
import { openFollower } from '../support/changes.ts';
import { withGrant } from '../support/grants.ts';
import { clock, day, type Json, openWorld, stamp, utcIn } from '../support/harness.ts';

const world = await openWorld({ stream: true });
const { call, got, subscribe, activated, organizationId, table } = world;
const follow = await openFollower(table);
const list = (query: Record<string, string> = {}): Promise<Json> =>
  got(200, listSoldSubscriptions, { as: 'vendor', query });
const products = async (query: Record<string, string>): Promise<string[]> =>
  (await list(query)).items.map(({ product }: Json) => product);
const hour = 3_600_000;
const survey = (now: number, everyMs = hour) =>
  withGrant(settleDue, () => surveySubscriptions(table, { now, everyMs, until: () => false }));
/** Counts now, whenever the last count was. */
const count = () => survey(Date.now(), -Infinity);

describe('200', () => {
  it('shows what was sold, at once, and its use after the next count', async () => {
    const { path, set } = await subscribe({ quota: 2, productName: 'Runner' });
    const { product } = path;
    await activated('a');
    await follow();
    const search = `${organizationId} ${product}`;
    expect((await list({ search })).items).toEqual([
      {
        organizationId,
        organizationName: 'Acme',
        product,
        productName: 'Runner',
        licenseType: 'floating',
        status: 'active',
        quota: 2,
        expiresAt: expect.any(String),
        inUse: null,
        countedAt: null,
        trend: { peak: null, before: null },
      },
    ]);
    expect(await count()).toMatchObject({ failed: [] });
    const counted = { inUse: 1, countedAt: expect.any(String), trend: { peak: 1, before: null } };
    expect((await list({ search })).items).toMatchObject([counted]);

    await set({ quota: 7, status: 'suspended' });
    await follow();
    expect((await list({ search })).items).toMatchObject([{ quota: 7, status: 'suspended', ...counted }]);
  });

  it('has no note and no trial any more, once the vendor has removed them', async () => {
    const { path, set } = await subscribe({ trial: true, note: 'Met at the fair' });
    const entry = async () => {
      await follow();
      return (await list({ search: path.product })).items[0];
    };
    expect(await entry()).toMatchObject({ trial: true, note: 'Met at the fair' });
    await set({ note: null });
    const without = await entry();
    expect(without).toMatchObject({ trial: true });
    expect(without).not.toHaveProperty('note');
    await set({ trial: false });
    expect(await entry()).not.toHaveProperty('trial');
  });

  it('counts once an hour, and a run without time stops after an organization: the next goes on there', async () => {
    const now = Date.now() + 2 * hour;
    expect((await survey(now)).counted).toBeGreaterThan(0);
    expect((await survey(now + hour / 2)).counted).toBe(0);
    expect((await survey(now + hour)).counted).toBeGreaterThan(0);
    await got(201, createOrganization, { as: 'vendor', body: { name: 'Org', ownerEmail: `${stamp()}@a.example` } });
    await subscribe();
    const later = now + 3 * hour;
    const stopped = { now: later, everyMs: hour, until: () => true };
    let counted = 0;
    let runs = 0;
    do {
      counted += (await surveySubscriptions(table, { ...stopped, now: later + 60_000 * runs++ })).counted;
    } while ((await getItem(table, keys.survey()))?.after);
    expect(runs).toBeGreaterThan(2);
    expect(counted).toBe((await survey(later + 2 * hour)).counted);
  });

  it('has a subscription of an earlier release, without an entry, after the next count', async () => {
    const { product } = (await subscribe({ quota: 3 })).path;
    await follow();
    await remove(table, { Key: keys.soldSubscription({ organizationId, product }) });
    expect(await products({ search: product })).toEqual([]);
    await count();
    expect((await list({ search: product })).items).toMatchObject([{ quota: 3, inUse: 0 }]);
  });

  it('filters by state, and pages', async () => {
    const ending = (await subscribe({ expiresAt: utcIn(20 * day) })).path;
    const full = (await subscribe({ quota: 1, expiresAt: utcIn(90 * day) })).path;
    await activated('a');
    await follow();
    await count();
    expect(await products({ state: 'ending' })).toContain(ending.product);
    expect(await products({ state: 'full', search: organizationId })).toEqual([full.product]);
    expect(await products({ state: 'unused', search: ending.product })).toEqual([ending.product]);
    clock.advance(21 * day);
    expect(await products({ state: 'ending' })).not.toContain(ending.product);

    const all = await products({});
    const paged: string[] = [];
    for (let cursor = ''; ; ) {
      const page = await list({ limit: '2', ...(cursor && { cursor }) });
      paged.push(...page.items.map(({ product }: Json) => product));
      cursor = page.nextCursor;
      if (!cursor) break;
    }
    expect(paged).toEqual(all);
    expect(all.length).toBeGreaterThan(2);
  });

  it('gives a file', async () => {
    const { product } = (await subscribe({ quota: 4, productName: '=cmd' })).path;
    await follow();
    const headers = { accept: 'text/csv' };
    const file = await call(listSoldSubscriptions, { as: 'vendor', query: { search: product }, headers });
    expect(file.headers['content-disposition']).toMatch(/^attachment; filename="Subscriptions_\d{8}\.csv"$/);
    expect(file.body.split('\r\n')[1]).toMatch(
      new RegExp(`^"Acme","${organizationId}","${product}","'=cmd","floating","active",4,,,,,"20`),
    );
  });

  it('gives one file of more rows than a page reads', async () => {
    const { product } = (await subscribe({ quota: 4 })).path;
    await follow();
    const entry = await getItem(table, keys.soldSubscription({ organizationId, product }));
    const like = (product: string) => ({ ...entry, ...keys.soldSubscription({ organizationId, product }), product });
    await putMany(
      table,
      Array.from({ length: 2000 }, (_, index) => like(`LIKE-${index}`)),
    );
    const file = await call(listSoldSubscriptions, { as: 'vendor', headers: { accept: 'text/csv' } });
    expect(file.headers.link).toBeUndefined();
    expect(file.body.match(/"LIKE-/g)).toHaveLength(2000);
  });
});

describe('400', () => {
  it('a state that does not exist, and a cursor of another search', async () => {
    expect((await call(listSoldSubscriptions, { as: 'vendor', query: { state: 'sold' } })).status).toBe(400);
    const { nextCursor: cursor } = await list({ limit: '1' });
    expect((await call(listSoldSubscriptions, { as: 'vendor', query: { cursor, search: 'x' } })).status).toBe(400);
  });
});
