import { describe, expect, it } from 'vitest';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { listSubscriptions } from '../../../shared/contracts/list-subscriptions.ts';
import { listYourLicenses } from '../../../shared/contracts/list-your-licenses.ts';
import { setSubscription } from '../../../shared/contracts/set-subscription.ts';
import { type Json, openWorld, terms } from '../support/harness.ts';

const { organizationId, foreignId, got, subscribe, activated } = await openWorld();

describe('200', () => {
  it('an organization without a subscription has an empty list', async () => {
    expect(await got(200, listSubscriptions, { as: 'owner' })).toEqual({ items: [] });
  });
  it('owner, admin and billing manager see each product with its figures', async () => {
    const paths = [];
    for (const quota of [1, 2, 3]) {
      paths.push((await subscribe({ quota })).path);
      await activated('a');
    }
    const details = await Promise.all(paths.map((path) => got(200, getSubscription, { as: 'owner', path })));
    for (const as of ['owner', 'admin', 'billingManager'] as const)
      expect((await got(200, listSubscriptions, { as })).items).toEqual(details);
  });
  it('a user sees which products its organization has, without figures', async () => {
    const { path } = await subscribe({ licenseType: 'per-user', productName: 'Studio', status: 'suspended' });
    for (const as of ['user', 'otherUser', 'fullKey'] as const) {
      const { items } = await got(200, listSubscriptions, { as });
      expect(items.at(-1)).toEqual({
        organizationId,
        product: path.product,
        productName: 'Studio',
        licenseType: 'per-user',
        status: 'suspended',
      });
      for (const item of items) expect(Object.keys(item)).toHaveLength(5);
    }
  });
  it('another organization’s products are not in it', async () => {
    expect(await got(200, listSubscriptions, { as: 'stranger', path: { organizationId: foreignId } })).toEqual({
      items: [],
    });
  });
  it('a page with figures has subscriptions of at most 500,000 licenses together', async () => {
    const path = { organizationId: foreignId };
    for (const [index, quota] of [100_000, 100_000, 100_000, 100_000, 99_999, 2, 1].entries())
      await got(201, setSubscription, {
        as: 'vendor',
        path: { ...path, product: `LARGE-${index}` },
        body: terms({ quota }),
      });
    for (const operation of [listSubscriptions, listYourLicenses]) {
      const page = (query: Record<string, string>) => got(200, operation, { as: 'stranger', path, query });
      const { items: first, nextCursor: cursor } = await page({});
      const { items: second, ...rest } = await page({ cursor });
      expect([first, second].map((items) => items.map(({ product }: Json) => product))).toEqual([
        ['LARGE-0', 'LARGE-1', 'LARGE-2', 'LARGE-3', 'LARGE-4'],
        ['LARGE-5', 'LARGE-6'],
      ]);
      expect(rest).toEqual({});
    }
  });
  it('pages by product', async () => {
    const all: string[] = (await got(200, listSubscriptions, { as: 'owner' })).items.map(
      ({ product }: Json) => product,
    );
    const paged: string[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: '1', ...(cursor && { cursor }) };
      const page = await got(200, listSubscriptions, { as: 'user', query });
      paged.push(...page.items.map(({ product }: Json) => product));
      cursor = page.nextCursor;
    } while (cursor);
    expect(paged).toEqual(all);
    expect(all).toEqual([...all].sort());
    expect(all.length).toBeGreaterThan(2);
  });
});
