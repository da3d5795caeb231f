import { describe, expect, it } from 'vitest';
import type { Subscription } from '../../client/index.ts';
import { consequencesOf, type Terms } from '../../console/pages/vendor/describe-terms.ts';

const now = Date.parse('2027-01-31T12:00:00Z');
const floating: Subscription = {
  organizationId: 'org_01k9z4m6c8t2v0x5y7w3q1n8rb',
  product: 'KRE',
  productName: 'Runner',
  licenseType: 'floating',
  status: 'active',
  quota: 10,
  available: 7,
  inUse: { licensedUsers: 0, online: 2, offline: 1 },
  queue: { length: 0, longestWaitSeconds: null },
  machineQuota: 10,
  registeredMachines: 3,
  expiresAt: '2028-01-31T00:00:00.000Z',
  leaseSeconds: 120,
  offline: { allowed: true, maxDays: 60, reserveOnline: 1 },
  idleTimeoutMinutes: null,
};
const perUser: Subscription = {
  ...floating,
  licenseType: 'per-user',
  inUse: { licensedUsers: 3, online: 1, offline: 0 },
};
const past = '2027-01-30T00:00:00.000Z';

/** Returns the sentences of a change of a subscription. */
const told = (before: Subscription, changes: Partial<Terms>): string[] =>
  consequencesOf(before, { ...before, status: before.suspended ? 'suspended' : 'active', ...changes }, now);

describe('the review of a change says what becomes of', () => {
  it.each<[string, Subscription, Partial<Terms>, string[]]>([
    ['nobody', floating, {}, []],
    ['more licenses', floating, { quota: 12 }, ['9 licenses can be taken from then on; 3 are in use.']],
    [
      'a quota below the use of sessions',
      floating,
      { quota: 2, machineQuota: 2 },
      [
        '3 licenses are in use, more than 2: nobody loses one, but no new session gets one until fewer than 2 are in use.',
        '3 machines are registered, more than 2: they go on, but no other one can be added, and one that nobody uses may not come back, until fewer are.',
      ],
    ],
    [
      'a quota below the use of one',
      { ...floating, inUse: { licensedUsers: 0, online: 1, offline: 0 }, registeredMachines: 1 },
      { quota: 0, machineQuota: 0 },
      [
        '1 license is in use, more than 0: nobody loses one, but no new session gets one any more.',
        '1 machine is registered, more than 0: it goes on, but no other can be added, and one that nobody uses may not come back, until fewer are.',
        'Every license is kept for online use: no offline license can be created.',
      ],
    ],
    [
      'a quota below the licensed users',
      perUser,
      { quota: 2 },
      ['3 licenses are in use, more than 2: nobody loses one, but none can be assigned until fewer than 2 are in use.'],
    ],
    [
      'a suspension',
      floating,
      { status: 'suspended' },
      [
        'The subscription is suspended at once: activations are refused, and 2 online licenses in use end at the next heartbeat.',
        '1 offline license can’t be taken back: it stays valid, and counts, until it expires.',
      ],
    ],
    [
      'a suspension while nobody works',
      { ...perUser, inUse: { licensedUsers: 3, online: 0, offline: 0 } },
      { status: 'suspended' },
      ['The subscription is suspended at once: activations are refused, and no online license is in use.'],
    ],
    [
      // Nobody goes on with a machine, a lease or a license that ends.
      'a suspension with fewer licenses: the end alone',
      floating,
      {
        status: 'suspended',
        quota: 1,
        machineQuota: 1,
        leaseSeconds: 60,
        offline: { ...floating.offline, reserveOnline: 0 },
      },
      [
        'The subscription is suspended at once: activations are refused, and 2 online licenses in use end at the next heartbeat.',
        '1 offline license can’t be taken back: it stays valid, and counts, until it expires.',
      ],
    ],
    [
      'an earlier end',
      perUser,
      { expiresAt: '2027-06-30T00:00:00.000Z' },
      ['The subscription ends earlier: no license stays in use longer than that.'],
    ],
    [
      'an end in the past',
      perUser,
      { expiresAt: past },
      [
        'The subscription is over at once: activations are refused, and 1 online license in use ends at the next heartbeat.',
      ],
    ],
    [
      'a renewal of what has expired',
      { ...perUser, status: 'expired', expiresAt: past },
      { expiresAt: '2028-06-30T00:00:00.000Z' },
      ['Its licenses can be used again at once. Ended sessions have to be started again.'],
    ],
    [
      'a renewal of what has expired while it was suspended',
      { ...perUser, status: 'expired', suspended: true, expiresAt: past },
      { expiresAt: '2028-06-30T00:00:00.000Z' },
      ['The subscription stays suspended: activations are refused until you resume it.'],
    ],
    ['another lease', floating, { leaseSeconds: 60 }, ['Running sessions take the new lease at their next heartbeat.']],
  ])('%s', (_, before, changes, sentences) => {
    expect(told(before, changes)).toEqual(sentences);
  });
});

it('the review of a sale says whether it can be used', () => {
  const { status: _, ...terms } = floating;
  const opening = (changes: Partial<Terms>) =>
    consequencesOf(undefined, { ...terms, status: 'active', ...changes }, now);
  expect(opening({})).toEqual(['Owners and admins see the subscription at once, and its licenses can be used.']);
  expect(opening({ status: 'suspended' })).toEqual([
    'The subscription begins suspended: nobody can use it before you resume it.',
  ]);
  expect(opening({ expiresAt: past })).toEqual(['Nobody can use the subscription: its end is past.']);
});
