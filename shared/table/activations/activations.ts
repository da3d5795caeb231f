import type { SessionRequest } from '../../domain/activation.ts';
import type { DryRunResult } from '../engine/dry-run.ts';
import { noteRefusal } from '../history/refusals.ts';
import { type Clock, systemClock } from '../store/clock.ts';
import { type Pool, poolText } from '../store/keys.ts';
import type { Table } from '../store/table.ts';
import { type Activated, activateFloating, dryRunFloating } from './activate-floating.ts';
import { activateLicensed, dryRunLicensed } from './activate-licensed.ts';
import { type Heartbeat, type HeartbeatResult, heartbeatFloating } from './heartbeat-floating.ts';
import { heartbeatLicensed } from './heartbeat-licensed.ts';

// A request does not say whether the product's licenses float or belong to users. What the subscription says never changes,
// so a process asks only once; floating ones, which are the many, are asked for first.

/** The pools whose licenses belong to users, as far as this process knows. */
const perUser = new Set<string>();

const byLicenseType = async <T>(
  pool: Pool,
  { floating, user }: { floating: () => Promise<T | 'per-user'>; user: () => Promise<T> },
): Promise<T> => {
  if (!perUser.has(poolText(pool))) {
    const result = await floating();
    if (result !== 'per-user') return result;
    if (perUser.size > 10_000) perUser.clear();
    perUser.add(poolText(pool));
  }
  return user();
};

/**
 * Gets a license for a session: a seat of its own, a place in the queue for one, or its user's license, for which nobody has
 * to wait. That a quota refused is noted before it is answered; to be asked to wait is no refusal.
 */
export const startActivation = async (
  table: Table,
  pool: Pool,
  request: SessionRequest,
  clock: Clock = systemClock,
): Promise<Activated> => {
  const result = await byLicenseType<Activated>(pool, {
    floating: async () => {
      const result = await activateFloating(table, pool, request, clock);
      return result.outcome === 'not-licensed' ? 'per-user' : result;
    },
    user: () => activateLicensed(table, pool, request, clock),
  });
  if (result.outcome !== 'waiting') await noteRefusal(table, pool, request, result, clock.now());
  return result;
};

/** What `startActivation` would answer, with nothing written. */
export const dryRunStart = (table: Table, pool: Pool, request: SessionRequest, clock?: Clock): Promise<DryRunResult> =>
  byLicenseType(pool, {
    floating: async () => {
      const result = await dryRunFloating(table, pool, request, clock);
      return result.outcome === 'not-licensed' ? 'per-user' : result;
    },
    user: () => dryRunLicensed(table, pool, request, clock),
  });

/** Extends the lease of a session, whatever it stands on. */
export const extendActivation = (table: Table, pool: Pool, beat: Heartbeat, now: number): Promise<HeartbeatResult> =>
  byLicenseType(pool, {
    floating: async () => {
      const result = await heartbeatFloating(table, pool, beat, now);
      return result.outcome === 'per-user' ? 'per-user' : result;
    },
    user: () => heartbeatLicensed(table, pool, beat, now),
  });
