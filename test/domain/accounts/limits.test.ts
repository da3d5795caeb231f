import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaultLimits, Limits } from '../../../shared/contracts/schemas/limits.ts';
import { dayWindow, limitsOf, minuteWindow, offlineLicensesPerDay } from '../../../shared/domain/accounts/limits.ts';

describe('docs/limits.md', () => {
  it('has every limit with its default and its description', () => {
    const rows = [...readFileSync('docs/limits.md', 'utf8').matchAll(/^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$/gm)];
    expect(rows.map(([, name, value, bounds]) => [name, value, bounds])).toEqual(
      Object.entries(Limits.shape).map(([name, schema]) => [
        name,
        String(defaultLimits[name as keyof Limits]),
        schema.meta()?.description,
      ]),
    );
  });
});

describe('the limits of an organization', () => {
  it('have their defaults unless the vendor set them', () => {
    expect(limitsOf(undefined)).toEqual(defaultLimits);
    expect(limitsOf({ webhooks: 0 })).toEqual({ ...defaultLimits, webhooks: 0 });
  });
  it.each([
    [0, 10],
    [10, 10],
    [100, 10],
    [101, 11],
    [1000, 100],
  ])('of a quota of %i, %i offline licenses a day', (quota, licenses) => {
    expect(offlineLicensesPerDay(defaultLimits, quota)).toBe(licenses);
  });
  it('allow as many offline licenses a day as the vendor set, whatever the quota is', () => {
    for (const set of [0, 3]) expect(offlineLicensesPerDay(limitsOf({ offlineLicensesPerDay: set }), 1000)).toBe(set);
  });
});

describe('the window of a count', () => {
  it('starts with the day, or the minute, in UTC', () => {
    const now = Date.parse('2027-01-31T23:59:59.999Z');
    expect(dayWindow(now)).toEqual({ startsAt: Date.parse('2027-01-31'), endsAt: Date.parse('2027-02-01') });
    expect(minuteWindow(now)).toEqual({ startsAt: Date.parse('2027-01-31T23:59Z'), endsAt: Date.parse('2027-02-01') });
    expect(dayWindow(now + 1).startsAt).toBe(Date.parse('2027-02-01'));
  });
});
