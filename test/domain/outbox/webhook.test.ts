import { describe, expect, it } from 'vitest';
import {
  checkAttemptsAt,
  firstAttempt,
  maxAttempts,
  mayBeForgotten,
  nextAttemptAt,
  requestsAttempt,
} from '../../../shared/domain/outbox/retry-schedule.ts';
import {
  answersChallenge,
  confirmedSince,
  isGone,
  isOpen,
  isTaken,
  signingVersions,
  type Webhook,
  wants,
} from '../../../shared/domain/outbox/webhook.ts';

const webhook = (changes: Partial<Webhook> = {}): Webhook => ({
  id: 'whk_a',
  organizationId: 'org_a',
  url: 'https://hooks.example.com/',
  events: ['*'],
  createdAt: 10_000,
  secretVersion: 1,
  ...changes,
});

describe('a webhook gets', () => {
  const gets = (events: string[], action: Parameters<typeof wants>[1]['action'], at = 10_000) =>
    wants(webhook({ events }), { action, at });

  it('all events, those of a noun, or one action', () => {
    expect(gets(['*'], 'license.refused')).toBe(true);
    expect(gets(['license.*'], 'license.refused')).toBe(true);
    expect(gets(['subscription.*', 'license.refused'], 'license.refused')).toBe(true);
    expect(gets(['license.granted'], 'license.refused')).toBe(false);
    expect(gets(['subscription.*'], 'license.refused')).toBe(false);
    expect(gets([], 'license.refused')).toBe(false);
  });
  it('the events of exactly this noun, not those of a similar one', () => {
    expect(gets(['offline-license.*'], 'license.granted')).toBe(false);
    expect(gets(['license.*'], 'offline-license.issued')).toBe(false);
  });
  it('no event older than a webhook without a challenge, to the second', () => {
    expect(gets(['*'], 'webhook.created', 9000)).toBe(true);
    expect(gets(['*'], 'webhook.created', 8999)).toBe(false);
  });
  it('no event until its target confirms it, and no event from before the confirmation', () => {
    const unconfirmed = webhook({ challenge: 'c' });
    const confirmed = webhook({ challenge: 'c', confirmedAt: 20_000 });
    const event = (at: number) => ({ action: 'license.refused', at }) as const;
    expect([unconfirmed, confirmed, webhook()].map(confirmedSince)).toEqual([undefined, 20_000, 10_000]);
    expect([10_000, 50_000].map((at) => wants(unconfirmed, event(at)))).toEqual([false, false]);
    expect([18_999, 19_000].map((at) => wants(confirmed, event(at)))).toEqual([false, true]);
  });
});

it.each([
  [{}, true],
  [{ pending: 'p' }, false],
  [{ disabledAt: 20_000 }, false],
  [{ removedAt: 20_000 }, false],
])('a webhook with %j is in use: %s', (changes, open) => {
  expect(isOpen(webhook(changes))).toBe(open);
});

describe('a challenge', () => {
  it.each(['c1', 'c1\n', ' c1 ', '{"challenge":"c1"}', '{ "challenge": "c1" }\n'])('is answered by %j', (body) => {
    expect(answersChallenge(body, 'c1')).toBe(true);
  });
  it.each([
    '',
    'c',
    'c11',
    'C1',
    '"c1"',
    'c1 c1',
    '["c1"]',
    'null',
    '1',
    '{"challenge":"c2"}',
    '{"challenge":["c1"]}',
    '{"type":"webhook.challenge","challenge":"c1"}',
  ])('is not by %j', (body) => {
    expect(answersChallenge(body, 'c1')).toBe(false);
  });
});

describe('attempts', () => {
  const lasts = (random: number) => {
    let at = 0;
    for (let attempt = 1; attempt < maxAttempts; attempt++) at = nextAttemptAt(attempt, at, random);
    return at / 3_600_000;
  };

  it('come after increasing pauses, the last one a day after the first', () => {
    const pauses = Array.from({ length: maxAttempts - 1 }, (_, index) => nextAttemptAt(index + 1, 0, 0.5));
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(pauses[0]).toBe(60_000);
    expect(lasts(0.5)).toBeCloseTo(23.85, 1);
  });
  it('vary by up to a tenth, so that they spread', () => {
    expect([0, 1].map((random) => nextAttemptAt(1, 0, random))).toEqual([54_000, 66_000]);
    expect(lasts(1)).toBeLessThan(27);
  });
  it('begin at once, and are requested by each new date in the queue while the message is pending', () => {
    const first = firstAttempt(5000);
    expect(first).toEqual({ status: 'pending', createdAt: 5000, attempts: 0, nextAttemptAt: 5000, queuedAt: 5000 });
    expect(requestsAttempt(undefined, first)).toBe(true);
    expect(requestsAttempt(first, { ...first, attempts: 1 })).toBe(false);
    expect(requestsAttempt(first, { ...first, queuedAt: 6000 })).toBe(true);
    expect(requestsAttempt(first, { ...first, queuedAt: 6000, status: 'sent' })).toBe(false);
  });
  it('are checked when the next one is due, or five minutes after it was requested', () => {
    const first = firstAttempt(5000);
    expect(checkAttemptsAt(first)).toBe(305_000);
    expect(checkAttemptsAt({ ...first, nextAttemptAt: 5001 })).toBe(5001);
    expect(checkAttemptsAt({ ...first, nextAttemptAt: 4999 })).toBe(305_000);
  });
  it('are kept for 30 days once they are settled, and then may have been forgotten', () => {
    const kept = 30 * 86_400_000;
    const settled = { ...firstAttempt(5000), status: 'sent', settledAt: 6000, nextAttemptAt: 9000 } as const;
    expect(checkAttemptsAt(settled)).toBe(6000 + kept);
    expect([6000 + kept - 1, 6000 + kept].map((now) => mayBeForgotten({ at: 6000 }, now))).toEqual([false, true]);
  });
  it('succeed only with a 2xx: a redirect is not followed', () => {
    for (const status of [200, 202, 204, 299]) expect(isTaken({ status })).toBe(true);
    for (const status of [101, 199, 300, 301, 302, 307, 308, 400, 410, 500]) expect(isTaken({ status })).toBe(false);
    expect(isTaken({ error: 'TIMEOUT' })).toBe(false);
    expect(isTaken({ status: 200, error: 'CHALLENGE_NOT_ANSWERED' })).toBe(false);
  });
  it('stop after a 410', () => {
    expect([{ status: 410 }, { status: 404 }, { error: 'ECONNREFUSED' }].map(isGone)).toEqual([true, false, false]);
  });
});

it('two secrets sign for a while after a rotation; otherwise one does', () => {
  const versionsOf = (of: Webhook, now: number) => signingVersions(of, now).map(({ secretVersion }) => secretVersion);
  expect(versionsOf(webhook(), 0)).toEqual([1]);
  const rotated = webhook({ secretVersion: 2, formerSecretUntil: 5000 });
  expect(versionsOf(rotated, 4999)).toEqual([2, 1]);
  expect(versionsOf(rotated, 5000)).toEqual([2]);
});
