import { utc } from '../../domain/activation.ts';
import { lowestOfflineNumber } from '../../domain/offline.ts';
import type { Issued } from '../../table/offline/offline-licenses.ts';
import { activationProblem, quotaExceeded } from './activation-problem.ts';
import { ForbiddenByState, invalid, limitReached, Problem, yourVendor } from './problem.ts';

/** Returns the problem for a refused request for an offline license. */
export const offlineProblem = (
  refused: Exclude<Issued, { outcome: 'issued' }>,
  { product, now }: { product: string; now: number },
): Problem => {
  switch (refused.outcome) {
    case 'other':
      return invalid('/headers/idempotency-key', 'was used for another request: make a new one');
    case 'not-allowed':
      return new ForbiddenByState(
        `The ${product} subscription does not allow offline licenses. Ask ${yourVendor()} for them.`,
      );
    case 'past':
      return invalid('/body/expiresAt', 'must be in the future');
    case 'too-late':
      return invalid('/body/expiresAt', `can be ${utc(refused.latest)} at the latest`);
    case 'limited':
      return limitReached(refused.reached, `No more ${product} licenses are issued today (UTC).`, now);
    case 'exhausted': {
      const { quota, offline } = refused.subscription;
      if (offline.reserveOnline === 0 || quota === 0) break;
      const lowestNumber = lowestOfflineNumber(refused.subscription);
      const fields = quotaExceeded(refused, { includeHolders: true, now, lowestNumber });
      const when = fields.nextFreeAt === null ? '' : ` The next may be free at ${fields.nextFreeAt}.`;
      return new Problem(
        'license-quota-exceeded',
        `No ${product} license is free for offline use: ${offline.reserveOnline} of ${quota} are kept for online use ` +
          `(${fields.inUse} held in all).${when} For more, ask ${yourVendor()}.`,
        fields,
      );
    }
  }
  // The refusals of every claim of a seat.
  return activationProblem(refused, { product, sessionId: '', includeHolders: true, now });
};
