import { describe, expect, it } from 'vitest';
import { reportRange } from '../../shared/domain/dates.ts';

const now = Date.parse('2027-06-15T12:00:00Z');
const range = (from?: string, to?: string) => {
  const range = reportRange({ ...(from && { from }), ...(to && { to }) }, now);
  return 'why' in range ? range.why : [range.from, range.to].map((at) => new Date(at).toISOString());
};

describe('the range of a report', () => {
  it.each([
    ['2027-05-01', '2027-05-31', '2027-05-01T00:00:00.000Z', '2027-06-01T00:00:00.000Z'],
    ['2027-05-01T08:00:00Z', '2027-05-01T08:00:00.001Z', '2027-05-01T08:00:00.000Z', '2027-05-01T08:00:00.001Z'],
    [undefined, undefined, '2026-06-01T00:00:00.000Z', '2027-06-16T00:00:00.000Z'],
    [undefined, '2027-05-31', '2026-05-01T00:00:00.000Z', '2027-06-01T00:00:00.000Z'],
    [undefined, '2027-06-01T00:00:00Z', '2026-05-01T00:00:00.000Z', '2027-06-01T00:00:00.000Z'],
    ['2027-06-15', undefined, '2027-06-15T00:00:00.000Z', '2027-06-16T00:00:00.000Z'],
  ])('from %s to %s', (from, to, first, end) => {
    expect(range(from, to)).toEqual([first, end]);
  });
  it.each([
    ['2027-01-02', '2027-01-01'],
    ['2027-01-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['2027-06-16', undefined],
  ])('from %s to %s: is empty', (from, to) => {
    expect(range(from, to)).toBe('must be before `to`');
  });
  it.each([
    ['2026-01-01', '2027-01-31', '2027-02-01'],
    ['2026-05-15', '2027-06-14', '2027-06-15'],
    ['2026-01-31', '2027-02-28', '2027-03-01'],
    ['2026-01-01T00:00:00.001Z', '2027-02-01T00:00:00.001Z', '2027-02-01T00:00:00.002Z'],
  ])('from %s has 13 months, whatever their days: to %s, not to %s', (from, last, tooLate) => {
    expect(range(from, last)).toHaveLength(2);
    expect(range(from, tooLate)).toBe('must not be more than 13 months before `to`');
  });
});
