import { describe, expect, it } from 'vitest';
import {
  counted,
  isWantedSale,
  type SoldState,
  type SoldSubscription,
  soldSubscription,
  trendOf,
} from '../../shared/domain/portfolio.ts';

const day = 86_400_000;
const now = 20_000 * day + 5_000;
const use = (...inUse: number[]) =>
  inUse.reduce<ReturnType<typeof counted> | undefined>(
    (before, each, index) => counted(before, each, now - (inUse.length - 1 - index) * day),
    undefined,
  );

describe('the counted use', () => {
  it('keeps the most of each day, for two weeks', () => {
    const morning = counted(use(1, 2), 9, now + 1);
    expect(counted(morning, 4, now + 2)).toMatchObject({
      inUse: 4,
      countedAt: now + 2,
      peaks: [{ peak: 9 }, { peak: 1 }],
    });
    expect(use(...Array.from({ length: 40 }, (_, index) => index))?.peaks).toHaveLength(14);
  });
  it('compares seven days with the seven days before', () => {
    expect(trendOf(use(3, 8, 1, 1, 1, 1, 1, 2, 2, 2, 5, 2, 2, 2), now)).toEqual({ peak: 5, before: 8 });
    expect(trendOf(use(4), now)).toEqual({ peak: 4, before: null });
    expect(trendOf(use(4), now + 6 * day)).toEqual({ peak: 4, before: null });
    for (const days of [7, 13]) expect(trendOf(use(4), now + days * day)).toEqual({ peak: null, before: 4 });
    expect(trendOf(use(4), now + 14 * day)).toEqual({ peak: null, before: null });
    expect(trendOf(undefined, now)).toEqual({ peak: null, before: null });
  });
});

const sold: SoldSubscription = {
  organizationId: 'org_1',
  organizationName: 'Acme Quality',
  product: 'KRE',
  productName: 'Runtime Engine',
  licenseType: 'floating',
  quota: 5,
  expiresAt: now + 60 * day,
  suspended: false,
  version: 1,
};

it('the entry of a subscription has its terms, as far as the list shows them, and the name of its organization', () => {
  const { organizationName, ...terms } = { ...sold, trial: true, note: 'by phone' };
  const entry = soldSubscription({ ...terms, leaseSeconds: 60, machineQuota: 9 } as never, organizationName);
  expect(entry).toEqual({ ...terms, organizationName });
});

describe('the filters', () => {
  const isIn = (state: SoldState, changes: Partial<SoldSubscription>) =>
    isWantedSale({ ...sold, ...changes }, { state }, now);

  it('find subscriptions that end within 30 days, and none that has ended', () => {
    const ends = [-1, 0.1, 30, 31].map((days) => isIn('ending', { expiresAt: now + days * day }));
    expect(ends).toEqual([false, true, true, false]);
  });
  it('find full and unused ones by their counts, and none before its first count', () => {
    expect([4, 5, 6].map((inUse) => isIn('full', { use: use(inUse) }))).toEqual([false, true, true]);
    expect([use(0, 0), use(1, 0), use(0, 1)].map((each) => isIn('unused', { use: each }))).toEqual([
      true,
      false,
      false,
    ]);
    for (const state of ['full', 'unused'] as const) expect(isIn(state, {})).toBe(false);
    expect(isIn('full', { quota: 0, use: use(0) })).toBe(false);
  });
  it('find each word of a search in the names and codes', () => {
    const found = ['kre acme', 'ENGINE', 'org_1', 'acme kse'].map((search) => isWantedSale(sold, { search }, now));
    expect(found).toEqual([true, true, true, false]);
  });
});
