import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { isUnusedSince, type License, nextUseFence } from '../../shared/domain/license.ts';

it('the fence of an activation is above the last ones of its user and its session, and of no other license of its seat', () => {
  const fence = fc.nat({ max: 5000 });
  fc.assert(
    fc.property(fence, fence, fence, fence, fc.integer({ min: 1, max: 999 }), (seat, used, session, before, later) => {
      const next = nextUseFence({ fence: seat, useFence: used }, { fence: session });
      expect(next).toBeGreaterThan(Math.max(used, session));
      expect(next).not.toBe(nextUseFence({ fence: seat + later, useFence: before }, undefined));
    }),
  );
});

it('a license is unused since its grant or its last use; one that was used before its last use was kept counts as used', () => {
  const license: License = {
    status: 'active',
    number: 1,
    fence: 1,
    revision: 1,
    userId: 'usr_1',
    previous: [],
    licensedAt: 100,
    useFence: 0,
    over: [],
  };
  expect([99, 100].map((since) => isUnusedSince(license, since))).toEqual([false, true]);
  const used = { ...license, useFence: 1001, lastUsedAt: 200, lastMachineId: 'm' };
  expect([199, 200].map((since) => isUnusedSince(used, since))).toEqual([false, true]);
  // A license that was granted anew, to a user who had one before.
  expect([299, 300].map((since) => isUnusedSince({ ...used, licensedAt: 300 }, since))).toEqual([false, true]);
  expect(isUnusedSince({ ...license, useFence: 1001 }, 1e15)).toBe(false);
});
