import { setImmediate } from 'node:timers/promises';
import { type HeldSeat, holderId, isHeld, type Seat, sessionHolder } from '../../../shared/domain/seat.ts';
import { everySeat } from '../../../shared/domain/seat-view.ts';
import { type Activated, activateFloating } from '../../../shared/table/activations/activate-floating.ts';
import { heartbeatFloating } from '../../../shared/table/activations/heartbeat-floating.ts';
import { readSeats } from '../../../shared/table/items/read-seats.ts';
import { type Claimed, claimSeat } from '../../../shared/table/items/seats.ts';
import { deactivateSession } from '../../../shared/table/removals/deactivate.ts';
import type { Clock } from '../../../shared/table/store/clock.ts';
import { systemClock } from '../../../shared/table/store/clock.ts';
import type { Pool } from '../../../shared/table/store/keys.ts';
import type { Table } from '../../../shared/table/store/table.ts';

export const userId = 'usr_ada';
const machineId = 'runner-07';

/** A clock that stands still, or that a test moves. */
export const clockAt = (now: number | (() => number)): Clock => ({
  now: typeof now === 'number' ? () => now : now,
  pause: systemClock.pause,
});

/** A clock at a tenth of the speed, pauses included, so that a slow machine costs no request its patience. */
export const slowClock = (): Clock => {
  const start = Date.now();
  return {
    now: () => start + (Date.now() - start) / 10,
    pause: (ms) => systemClock.pause(ms * 10),
  };
};

/** A clock for which a pause takes no time, but time passes. */
export const fastClock = (start = Date.now()): Clock => {
  let now = start;
  return {
    now: () => now,
    pause: async (ms) => {
      now += Math.max(1, ms);
      await setImmediate();
    },
  };
};

/** Activates a session. By default the request's clock stands still, so that a slow machine costs it no patience. */
export const activate = (
  table: Table,
  pool: Pool,
  sessionId: string,
  clock = clockAt(Date.now()),
): Promise<Activated> => activateFloating(table, pool, { sessionId, userId, machineId }, clock);

/** Activates s0, s1, … at once. */
export const activateMany = (table: Table, pool: Pool, count: number, clock?: Clock): Promise<Activated[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => activate(table, pool, `s${index}`, clock)));

/** The seat that an activation got; throws what it got instead. */
export const seatOf = (result: Activated): HeldSeat => {
  if (result.outcome === 'acquired' || result.outcome === 'renewed') return result.seat;
  throw new Error(`no seat: ${JSON.stringify(result)}`);
};

/** Claims a seat for an hour, as a request of a session does that dies before it puts the record. */
export const claimAndDie = async (
  table: Table,
  pool: Pool,
  number: number,
  sessionId: string,
  claimedAt: number,
): Promise<Claimed> => {
  const [asRead] = await readSeats(table, pool, [{ first: number, last: number }]);
  const lease = { claimedAt, availableAt: claimedAt + 3_600_000, leaseMs: 3_600_000 };
  const hold = { holder: sessionHolder(sessionId), userId, machineId, ...lease };
  return claimSeat(table, pool, number, hold, { claimId: sessionId, fence: (asRead?.fence ?? 0) + 1, asRead });
};

export const heartbeat = (
  table: Table,
  pool: Pool,
  sessionId: string,
  { number, fence }: Pick<Seat, 'number' | 'fence'>,
  now = Date.now(),
) => heartbeatFloating(table, pool, { sessionId, userId, seat: number, fence }, now);

export const release = (table: Table, pool: Pool, sessionId: string, now = Date.now()) =>
  deactivateSession(table, pool, { sessionId, userId, mayForce: false }, now);

/** Every seat that is held, straight from the table. */
export const heldSeats = async (table: Table, pool: Pool, now = Date.now()): Promise<HeldSeat[]> =>
  (await readSeats(table, pool, [everySeat])).filter((seat): seat is HeldSeat => isHeld(seat, now));

/** Who holds a seat, sorted; the same session twice if it stands on two. */
export const holders = async (table: Table, pool: Pool, now?: number): Promise<string[]> =>
  (await heldSeats(table, pool, now)).map((seat) => holderId(seat.hold.holder)).sort();
