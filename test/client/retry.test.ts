import { describe, expect, it } from 'vitest';
import type { Operations } from '../../client/api.ts';
import { mayRepeat, pauseBefore, retryAfterMs } from '../../client/retry.ts';
import { operations } from '../../shared/contracts/operations.ts';

const bounds = { baseMs: 100, capMs: 1000 };

describe('a pause', () => {
  it('is anything up to a bound that doubles to its cap', () => {
    expect([1, 2, 3, 4, 5, 6].map((failed) => pauseBefore(failed, bounds, 0, () => 1))).toEqual([
      100, 200, 400, 800, 1000, 1000,
    ]);
    expect(pauseBefore(5, bounds, 0, () => 0)).toBe(0);
  });
  it('is never shorter than the service asked, and never the same for all who were asked', () => {
    expect(pauseBefore(1, bounds, 5000, () => 0)).toBe(5000);
    expect(pauseBefore(1, bounds, 5000, () => 0.5)).toBe(5050);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2027-01-31T09:30:00Z');
  it.each([
    ['7', 7000],
    ['0', 0],
    ['Sun, 31 Jan 2027 09:30:05 GMT', 5000],
    ['Sun, 31 Jan 2027 09:29:00 GMT', 0],
    ['soon', undefined],
    [null, undefined],
  ])('%j is %s ms', (header, ms) => expect(retryAfterMs(header, now)).toBe(ms));
});

it('only these operations are not sent again when an answer was lost', () => {
  const once = operations.filter(({ name }) => !mayRepeat(name as keyof Operations)).map(({ name }) => name);
  // Each repetition mails or delivers again.
  expect(once.sort()).toEqual(['invite', 'testAlerts', 'testWebhook']);
});
