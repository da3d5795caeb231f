import { describe, expect, it } from 'vitest';
import {
  defaultReserveOnline,
  holdsUntil,
  isOfRequest,
  licenseClaims,
  licenseFileName,
  lowestOfflineNumber,
  type OfflineLicense,
  offlineStatus,
  offlineTerms,
  onlineChoice,
  voidedOffline,
} from '../../shared/domain/offline.ts';
import { type Hold, offlineHolder } from '../../shared/domain/seat.ts';
import type { Subscription } from '../../shared/domain/subscription.ts';

const now = Date.parse('2027-01-01T00:00:00Z');
const day = 86_400_000;
const subscription = (changes: Partial<Subscription> = {}) =>
  ({
    licenseType: 'floating',
    suspended: false,
    expiresAt: now + 100 * day,
    offline: { allowed: true, maxDays: null, reserveOnline: 0 },
    ...changes,
  }) as Subscription;
const upTo = (maxDays: number) => subscription({ offline: { allowed: true, maxDays, reserveOnline: 0 } });

describe('the terms of an offline license', () => {
  it('end with the subscription, or after the days that it allows if that is earlier', () => {
    expect(offlineTerms(subscription(), null, now)).toEqual({ outcome: 'allowed', expiresAt: now + 100 * day });
    expect(offlineTerms(upTo(60), null, now)).toEqual({ outcome: 'allowed', expiresAt: now + 60 * day });
    expect(offlineTerms(upTo(101), null, now)).toEqual({ outcome: 'allowed', expiresAt: now + 100 * day });
  });
  it.each([
    ['now', now, { outcome: 'past' }],
    ['in the past', now - 1, { outcome: 'past' }],
    ['in an instant', now + 1, { outcome: 'allowed', expiresAt: now + 1 }],
    ['at the latest time', now + 60 * day, { outcome: 'allowed', expiresAt: now + 60 * day }],
    ['an instant after it', now + 60 * day + 1, { outcome: 'too-late', latest: now + 60 * day }],
  ])('can be asked to end only earlier, and in the future: %s', (_, asked, terms) => {
    expect(offlineTerms(upTo(60), asked, now)).toEqual(terms);
  });
  it('require an active subscription that allows offline licenses', () => {
    expect(offlineTerms(subscription({ expiresAt: now }), null, now)).toEqual({ outcome: 'expired' });
    expect(offlineTerms(subscription({ suspended: true }), null, now)).toEqual({ outcome: 'suspended' });
    const offline = { allowed: false, maxDays: null, reserveOnline: 0 };
    expect(offlineTerms(subscription({ offline }), null, now)).toEqual({ outcome: 'not-allowed' });
    // An expiry in the past is wrong in any case, so it is reported first; an expiry that is too late, last.
    expect(offlineTerms(subscription({ offline }), now - 1, now)).toEqual({ outcome: 'past' });
    expect(offlineTerms(subscription({ offline }), now + 101 * day, now)).toEqual({ outcome: 'not-allowed' });
  });
});

describe('the seat number that an online holder takes', () => {
  const keeping = (reserveOnline: number, allowed = true) =>
    subscription({ offline: { allowed, maxDays: null, reserveOnline } });
  it('is a number that is kept for online use, if few are free', () => {
    expect(onlineChoice([1, 2, 3], keeping(1))).toEqual([1]);
    expect(onlineChoice([2, 4, 5, 9], keeping(4))).toEqual([2, 4]);
    const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
    expect([8, 16].map((last) => onlineChoice(upTo(last), keeping(last / 8)).length)).toEqual([1, 2]);
  });
  it('is any number, if many are free, no kept number is free, or the product has no offline licenses', () => {
    const many = Array.from({ length: 9 }, (_, index) => index + 1);
    expect(onlineChoice(many, keeping(1))).toEqual(many);
    expect(onlineChoice([2, 3], keeping(1))).toEqual([2, 3]);
    expect(onlineChoice([1, 2], keeping(1, false))).toEqual([1, 2]);
  });
});

describe('the name of the file', () => {
  it.each([
    ['press-3', 'KSE_press-3.lic'],
    ['A.b_c~d-1', 'KSE_A.b_c~d-1.lic'],
    ['00:1A:2B', 'KSE_00%3A1A%3A2B.lic'],
    ['ada@laptop=1+2', 'KSE_ada%40laptop%3D1%2B2.lic'],
    ['..', 'KSE_...lic'],
    ['CON', 'KSE_CON.lic'],
  ])('%s: %s', (machineId, name) => {
    expect(licenseFileName('KSE', machineId)).toBe(name);
  });
  it('is never too long for a file system, and differs for each machine', () => {
    const product = 'P'.repeat(32);
    const names = [':', '@'].map((end) => licenseFileName(product, ':'.repeat(127) + end));
    for (const name of names) {
      expect(name).toHaveLength(255);
      expect(name).toMatch(/^P{32}_[A-Za-z0-9._~%-]+~[0-9a-f]{16}\.lic$/);
    }
    expect(names[0]).not.toBe(names[1]);
    const ofLength = (length: number) => licenseFileName('P', 'm'.repeat(length));
    expect(ofLength(249)).toBe(`P_${'m'.repeat(249)}.lic`);
    expect([249, 250, 252].map((length) => ofLength(length).length)).toEqual([255, 255, 255]);
    expect(licenseFileName('P', 'm'.repeat(128))).toBe(`P_${'m'.repeat(128)}.lic`);
  });
});

const license: OfflineLicense = {
  status: 'active',
  number: 3,
  fence: 1,
  revision: 2,
  previous: [],
  userId: 'usr_owner',
  id: 'off_1',
  machineId: 'press-3',
  usedBy: null,
  description: null,
  licenseType: 'floating',
  issuedAt: now + 999,
  expiresAt: now + day + 999,
  askedExpiry: null,
};

describe('the claims of a license file', () => {
  const pool = { organizationId: 'org_1', product: 'KSE' };
  it('have whole seconds, and never end later than the seat', () => {
    expect(licenseClaims(pool, license, 'urn:leasehold')).toEqual({
      iss: 'urn:leasehold',
      sub: 'press-3',
      jti: 'off_1',
      iat: now / 1000,
      nbf: now / 1000,
      exp: (now + day) / 1000,
      product: 'KSE',
      organizationId: 'org_1',
      machineId: 'press-3',
      licenseType: 'floating',
    });
  });
  it('name the member for whom the license was issued', () => {
    expect(licenseClaims(pool, { ...license, usedBy: 'usr_ada' }, 'urn:leasehold')).toMatchObject({
      userId: 'usr_ada',
    });
  });
});

it('one license is kept for online use by default, and an offline license takes a number above those kept', () => {
  expect([0, 1, 2, 100].map(defaultReserveOnline)).toEqual([0, 0, 1, 1]);
  expect(lowestOfflineNumber(subscription({ offline: { allowed: true, maxDays: null, reserveOnline: 3 } }))).toBe(4);
});

it('an offline license that the vendor has voided holds no seat from then on, expired or not', () => {
  const voided = { ...license, voidedAt: now };
  expect([holdsUntil(license), holdsUntil(voided)]).toEqual([license.expiresAt, 0]);
  expect([now, license.expiresAt].map((at) => offlineStatus(voided, at))).toEqual(['voided', 'voided']);
});

it('a claim that never became an offline license is recorded as ended, with its machine if it has one', () => {
  const hold = { holder: offlineHolder('off_1'), userId: '', claimedAt: now - 5, availableAt: now, leaseMs: 0 };
  const record = (of: Hold) => voidedOffline({ number: 3, fence: 1, hold: of }, now);
  expect(record({ ...hold, machineId: 'press-3' })).toEqual({
    ...license,
    status: 'ended',
    endedReason: 'lease-expired',
    endedAt: now,
    revision: 1,
    userId: '',
    issuedAt: now - 5,
    expiresAt: now,
  });
  expect(record(hold).machineId).toBe('');
});

it('an offline license is expired from the instant of its expiry on', () => {
  expect(offlineStatus(license, license.expiresAt - 1)).toBe('active');
  expect(offlineStatus(license, license.expiresAt)).toBe('expired');
});

it.each([{ machineId: 'other' }, { usedBy: 'usr_ada' }, { description: 'x' }, { askedExpiry: now }])(
  'a license is of another request, if that differed in %j',
  (change) => {
    expect(isOfRequest(license, license)).toBe(true);
    expect(isOfRequest(license, { ...license, ...change })).toBe(false);
  },
);
