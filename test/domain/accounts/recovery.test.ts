import { describe, expect, it } from 'vitest';
import {
  isRecoveryOf,
  mayComplete,
  mayConsent,
  type Recovery,
  recoveryOpenMs,
  recoveryStatus,
  recoveryWaitMs,
} from '../../../shared/domain/accounts/recovery.ts';

const day = 86_400_000;
const recovery = (changes: Partial<Recovery> = {}): Recovery => ({
  id: 'r',
  organizationId: 'org_a',
  userId: 'usr_ada',
  email: 'ada@acme.example',
  role: 'admin',
  joinedAt: 5,
  startedAt: 0,
  startedBy: 'vendor#sub-v',
  effectiveAt: recoveryWaitMs,
  expiresAt: recoveryOpenMs,
  ...changes,
});
const consented = { consentedBy: 'usr_bob', consentedAt: day } as const;

describe('the status of a recovery', () => {
  const same = { isSame: true, consentStands: true };
  it.each([
    ['waits three days', {}, same, 3 * day - 1, 'waiting'],
    ['is ready after three days', {}, same, 3 * day, 'ready'],
    ['is ready at once with consent', consented, same, day, 'ready'],
    ['waits if the member who consented is gone', consented, { ...same, consentStands: false }, day, 'waiting'],
    ['needs no consent after three days', consented, { ...same, consentStands: false }, 3 * day, 'ready'],
    ['is open for 14 days', {}, same, 14 * day - 1, 'ready'],
    ['lapses after 14 days', {}, same, 14 * day, 'lapsed'],
    ['lapses if the membership changes', {}, { ...same, isSame: false }, 4 * day, 'lapsed'],
    ['is cancelled', { cancelledAt: 1 }, same, 20 * day, 'cancelled'],
    ['stays completed', { completedAt: 4 * day }, { isSame: false, consentStands: false }, 20 * day, 'completed'],
  ] as const)('%s', (_, changes, circumstances, now, status) => {
    expect(recoveryStatus(recovery(changes), circumstances, now)).toBe(status);
  });
  it.each([
    [{ joinedAt: 5, role: 'admin' }, true],
    [{ joinedAt: 5, role: 'admin', removedAt: 9 }, false],
    [{ joinedAt: 6, role: 'admin' }, false],
    [{ joinedAt: 5, role: 'user' }, false],
    [undefined, false],
  ] as const)('is of the membership as it was: %j is the same: %s', (member, same) => {
    expect(isRecoveryOf(recovery(), member)).toBe(same);
  });
});

describe('a recovery is completed', () => {
  const other = { subject: 'sub-2', userId: undefined, email: 'ada@acme.example' };
  const may = (changes: Partial<Recovery>, person: Parameters<typeof mayComplete>[1], now = 4 * day) =>
    mayComplete(recovery(changes), person, now);

  it('by another sign-in with the address, whether or not the service knows it', () => {
    expect(may({}, other)).toBe(true);
    expect(may({}, { ...other, userId: 'usr_new' })).toBe(true);
  });
  it.each([
    ['another address', { ...other, email: 'eve@acme.example' }],
    ['no verified address', { subject: 'sub-2', userId: undefined }],
    ['the member itself', { ...other, userId: 'usr_ada' }],
    ['the vendor who started it', { ...other, subject: 'sub-v' }],
  ])('by nobody with %s', (_, person) => {
    expect(may({}, person)).toBe(false);
    expect(may(consented, person)).toBe(false);
  });
  it('by nobody who consented to it, or started it as a member', () => {
    expect(may(consented, { ...other, userId: 'usr_bob' })).toBe(false);
    expect(may(consented, { ...other, userId: 'usr_new' })).toBe(true);
    expect(may({ startedBy: 'user#usr_bob' }, { ...other, userId: 'usr_bob' })).toBe(false);
  });
  it.each([
    ['before its time, without consent', {}, 3 * day - 1, false],
    ['from its time on', {}, 3 * day, true],
    ['before its time, with consent', consented, day, true],
    ['until its end', {}, 14 * day - 1, true],
    ['at its end', {}, 14 * day, false],
    ['after a cancellation', { cancelledAt: 1 }, 4 * day, false],
  ])('%s: %j at %d: %s', (_, changes, now, allowed) => {
    expect(may(changes, other, now)).toBe(allowed);
  });
});

describe('consent to a recovery', () => {
  it.each([
    ['another member', 'usr_bob', undefined, {}, true],
    ['another member than the one who also is the vendor', 'usr_bob', 'usr_vi', {}, true],
    ['the member concerned', 'usr_ada', undefined, {}, false],
    ['a member who is the vendor that started it', 'usr_vi', 'usr_vi', {}, false],
    ['the member who started it', 'usr_bob', undefined, { startedBy: 'user#usr_bob' }, false],
  ] as const)('by %s', (_, userId, starter, changes, allowed) => {
    expect(mayConsent(recovery(changes), userId, starter)).toBe(allowed);
  });
});
