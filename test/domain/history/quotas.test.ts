import { expect, it } from 'vitest';
import { quotaIn } from '../../../shared/domain/history/quotas.ts';

const set = [
  { at: 10, quota: 5 },
  { at: 20, quota: 20, before: 5 },
  { at: 22, quota: 8, before: 20 },
];

it.each([
  ['before the subscription', { from: 0, to: 10 }, 0],
  ['after a change', { from: 12, to: 14 }, 5],
  ['during a change: the higher one', { from: 18, to: 21 }, 20],
  ['during two changes', { from: 18, to: 30 }, 20],
  ['at a change', { from: 22, to: 30 }, 8],
])('the quota of a time %s', (_, range, quota) => {
  expect(quotaIn(set, range, 8)).toBe(quota);
});

it('a quota that was set before any was recorded is the one before the first recorded change, or the present one', () => {
  expect(quotaIn(set.slice(1), { from: 0, to: 10 }, 8)).toBe(5);
  expect(quotaIn([], { from: 0, to: 10 }, 8)).toBe(8);
});

it('of two quotas set in the same millisecond the last one is in force', () => {
  const twice = [
    { at: 10, quota: 20 },
    { at: 10, quota: 5, before: 20 },
  ];
  expect(quotaIn(twice, { from: 10, to: 12 }, 5)).toBe(5);
});
