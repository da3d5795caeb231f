import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { nextUseFence } from '../../shared/domain/license.ts';

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
