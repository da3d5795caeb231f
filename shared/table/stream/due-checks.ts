import { checkAttemptsAt, type Retried } from '../../domain/outbox/retry-schedule.ts';
import type { Claim } from '../../domain/seat.ts';
import { checkClaimAfterMs } from '../engine/unrecorded-claims.ts';
import type { Due } from '../items/due-items.ts';
import type { Change } from './change.ts';

/**
 * How long after the end of a right a request can still take a seat, ms: the gateway keeps the authorizer's answer for 30 s,
 * and a request tries for 24 s. The check after that ends sessions and grants from in between, and finishes an interrupted
 * removal.
 */
export const rightLingersMs = 60_000;

/** Returns the check of a claim, at the time when a request that changed it at `since` (epoch ms) is complete. */
export const claimCheck = ({ pool }: Pick<Change, 'pool'>, claim: Claim, since: number): Due & { kind: 'claim' } => ({
  kind: 'claim',
  pool,
  at: since + checkClaimAfterMs,
  claim,
});

/** Returns the check at the end of an item's time (epoch ms). After a change of that end the check does nothing. */
export const expiryCheck = ({ key }: Pick<Change, 'key'>, at: number): Due => ({ kind: 'end', at, key });

/** Returns when to check a message (epoch ms); undefined if that check was planned before. */
export const newAttemptsCheck = (before: Retried | undefined, after: Retried): number | undefined => {
  const at = checkAttemptsAt(after);
  return before && checkAttemptsAt(before) === at ? undefined : at;
};
