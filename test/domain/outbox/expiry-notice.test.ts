import { describe, expect, it } from 'vitest';
import { noticeOf, stepAt, warningsAhead } from '../../../shared/domain/outbox/expiry-notice.ts';

const day = 86_400_000;
const end = Date.parse('2027-06-30T12:00:00Z');
const subscription = { organizationId: 'org_a', product: 'KRE', expiresAt: end };
const at = (step: 30 | 7 | 1 | 0, daysBefore: number) => noticeOf(subscription, step, end - daysBefore * day);

describe('the warnings before the end of a subscription', () => {
  it.each([
    [365, [30, 7, 1]],
    [30.001, [30, 7, 1]],
    [30, [7, 1]],
    [20, [7, 1]],
    [7, [1]],
    [0.5, []],
    [-1, []],
  ])('that are still to come %d days before the end', (days, ahead) => {
    expect(warningsAhead(end, end - days * day)).toEqual(ahead);
  });
});

describe('a notice', () => {
  it.each([30, 7, 1] as const)('is written as soon as its step is reached, and not before: %d days', (step) => {
    expect(noticeOf(subscription, step, stepAt(end, step) - 1)).toBeUndefined();
    expect(noticeOf(subscription, step, stepAt(end, step))).toMatchObject({ kind: 'expiring', step, daysLeft: step });
    // The schedule runs within a minute.
    expect(noticeOf(subscription, step, stepAt(end, step) + 59_000)).toMatchObject({ daysLeft: step });
  });
  it('says how many days are really left if it is late', () => {
    expect(at(30, 23)).toMatchObject({ kind: 'expiring', step: 30, daysLeft: 23, expiresAt: end });
    expect(at(7, 1.5)).toMatchObject({ step: 7, daysLeft: 2 });
  });
  it('is not written if a later step is reached, too', () => {
    expect(at(30, 7)).toBeUndefined();
    expect(at(7, 1)).toBeUndefined();
    expect(at(1, 0)).toBeUndefined();
  });
  it('of the end is written at the end, or at any time later', () => {
    expect(at(0, 0.001)).toBeUndefined();
    expect(at(0, 0)).toMatchObject({ kind: 'expired', step: 0, daysLeft: 0 });
    expect(at(0, -100)).toMatchObject({ kind: 'expired', daysLeft: 0, expiresAt: end });
  });
});
