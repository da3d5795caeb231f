import { expect, it } from 'vitest';
import type { AuditAction, AuditEvent } from '../../client/index.ts';
import { exactTime } from '../../console/components/time/format-time.ts';
import { actionText, auditSentence } from '../../console/pages/organization/audit-sentence.ts';

const sentence = (action: AuditAction, details: Record<string, unknown>) => {
  const event = { id: '1', at: '2026-11-24T09:02:00Z', action, actor: { type: 'vendor', id: 'v' }, details };
  return auditSentence({ ...event, target: { type: 'subscription', id: 'KRE' } } as AuditEvent, (userId) => userId);
};

it('an audit event tells changes in words: times of the reader, and of a group of values only those that changed', () => {
  const [soon, later] = ['2026-12-01T00:00:00.000Z', '2027-12-01T00:00:00.000Z'];
  const change = {
    before: { quota: 10, expiresAt: soon, offline: { allowed: false, maxDays: 60 }, note: null },
    after: { quota: 20, expiresAt: later, offline: { allowed: true, maxDays: 60 }, note: 'Framework contract' },
  };
  expect(sentence('subscription.changed', change)).toBe(
    'The vendor changed the subscription of KRE: quota from 10 to 20, ' +
      `expiry from ${exactTime(Date.parse(soon))} to ${exactTime(Date.parse(later))}, ` +
      'offline allowed from no to yes, note from none to Framework contract',
  );
});
it('an audit event counts one thing as one', () => {
  expect(sentence('subscription.expiring', { daysLeft: 1 })).toMatch(/ends in 1 day$/);
  expect(sentence('subscription.created', { quota: 1 })).toMatch(/sold 1 KRE license$/);
  expect(sentence('subscription.created', { quota: 2 })).toMatch(/sold 2 KRE licenses$/);
});
it('an action is told in words', () => {
  expect(['license.granted', 'api-key.created', 'activation.ended', 'organization.limits-set'].map(actionText)).toEqual(
    ['License granted', 'API key created', 'Session ended', 'Organization limits set'],
  );
});
