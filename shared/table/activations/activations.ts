import type { SessionRequest } from '../../domain/activation.ts';
import { isHeld } from '../../domain/seat.ts';
import type { Occupancy } from '../engine/claimant.ts';
import type { DryRunResult } from '../engine/dry-run.ts';
import { noteRefusal } from '../history/refusals.ts';
import { readSeatPage } from '../items/read-seats.ts';
import { type Clock, systemClock } from '../store/clock.ts';
import { type Pool, poolText } from '../store/keys.ts';
import type { Table } from '../store/table.ts';
import { type Activated, activateFloating, dryRunFloating } from './activate-floating.ts';
import { activateLicensed, dryRunLicensed } from './activate-licensed.ts';
import { type Heartbeat, type HeartbeatResult, heartbeatFloating } from './heartbeat-floating.ts';
import { heartbeatLicensed } from './heartbeat-licensed.ts';

// A request does not name the license type of its product, and a subscription never changes it. So a process tries the
// floating way first, and remembers the pools whose licenses belong to users.

const perUser = new Set<string>();

const isPerUser = (pool: Pool): boolean => perUser.has(poolText(pool));
const rememberPerUser = (pool: Pool): void => {
  if (perUser.size > 10_000) perUser.clear();
  perUser.add(poolText(pool));
};

/**
 * Gets a license for a session: a seat of its own, a place in the queue for one, or its user's license. Notes a refusal by a
 * quota before the answer; a place in the queue is no refusal.
 */
export const startActivation = async (
  table: Table,
  pool: Pool,
  request: SessionRequest,
  clock: Clock = systemClock,
): Promise<Activated> => {
  let result = isPerUser(pool) ? undefined : await activateFloating(table, pool, request, clock);
  if (!result || result.outcome === 'not-licensed') {
    rememberPerUser(pool);
    result = await activateLicensed(table, pool, request, clock);
  }
  if (result.outcome !== 'waiting') await noteRefusal(table, pool, request, result, clock.now());
  return result;
};

/** Returns a refusal with the first holders by number, at most `most`, if the censuses told it without them. */
export const withHolders = async <R extends Occupancy>(
  table: Table,
  pool: Pool,
  refused: R,
  { most, now }: { most: number; now: number },
): Promise<R> => {
  if (!refused.census) return refused;
  const { items } = await readSeatPage(table, pool, { limit: most, consistent: false });
  return { ...refused, held: items.filter((seat) => isHeld(seat, now)) };
};

/** Returns the answer that `startActivation` would give. Writes nothing. */
export const dryRunStart = async (
  table: Table,
  pool: Pool,
  request: SessionRequest,
  clock?: Clock,
): Promise<DryRunResult> => {
  const result = isPerUser(pool) ? undefined : await dryRunFloating(table, pool, request, clock);
  if (result && result.outcome !== 'not-licensed') return result;
  rememberPerUser(pool);
  return dryRunLicensed(table, pool, request, clock);
};

/** Extends the lease of a session, floating or licensed. */
export const extendActivation = async (
  table: Table,
  pool: Pool,
  beat: Heartbeat,
  now: number,
): Promise<HeartbeatResult> => {
  const result = isPerUser(pool) ? undefined : await heartbeatFloating(table, pool, beat, now);
  if (result && result.outcome !== 'per-user') return result;
  rememberPerUser(pool);
  return heartbeatLicensed(table, pool, beat, now);
};
