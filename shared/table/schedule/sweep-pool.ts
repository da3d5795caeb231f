import pMap from 'p-map';
import { isRecordOf } from '../../domain/holder-record.ts';
import { licenseUses } from '../../domain/license.ts';
import { type HeldSeat, hasHolder, holderId, holderKind, seatClaim } from '../../domain/seat.ts';
import type { Subscription } from '../../domain/subscription.ts';
import { nextSweepAfter } from '../../domain/sweep.ts';
import { settleSession } from '../activations/settle-session.ts';
import { claimLimitMs } from '../engine/confirm-claim.ts';
import { type Due, planDue, type Swept } from '../items/due-items.ts';
import { readLicensePage } from '../items/licenses.ts';
import { readSeatPage } from '../items/read-seats.ts';
import { keys, type Page, type Pool, type Position } from '../store/keys.ts';
import { readItems, type Table } from '../store/table.ts';

type Sweep = Due & { kind: 'sweep' };

/** Returns the items on which the sessions of a product stand. */
export const sweptOf = ({ licenseType }: Pick<Subscription, 'licenseType'>): Swept =>
  licenseType === 'per-user' ? 'licenses' : 'seats';

/** The most items of a page. */
const perPage = 500;

/** Reads a page of the seats, or of the licenses in the form of seats, that sessions hold. Eventually consistent. */
export const readHeldPage = async (
  table: Table,
  pool: Pool,
  of: Swept,
  after: Position | undefined,
): Promise<Page<HeldSeat>> => {
  const page = { limit: perPage, after, consistent: false };
  if (of === 'licenses') {
    const { items, next } = await readLicensePage(table, pool, page);
    return { items: licenseUses(items), next };
  }
  const { items, next } = await readSeatPage(table, pool, page);
  return { items: items.filter(hasHolder).filter(({ hold }) => holderKind(hold.holder) === 'session'), next };
};

/**
 * Returns whether a claim may have no record, although its request is over. A heartbeat needs the fence, which a request
 * tells only once it has recorded its claim.
 */
const mayBeUnrecorded = ({ hold: { claimedAt, renewedAt } }: HeldSeat, now: number): boolean =>
  renewedAt === claimedAt && claimedAt + claimLimitMs <= now;

/** Returns the seats of a page on which a session has lapsed, was left unrecorded, or is about to move. */
const unsettled = async (table: Table, pool: Pool, seats: readonly HeldSeat[], now: number): Promise<HeldSeat[]> => {
  const recordKey = ({ hold }: HeldSeat) => keys.session(pool, holderId(hold.holder));
  const mayBeOver = ({ hold }: HeldSeat) => hold.availableAt <= now || hold.moveId !== undefined;
  const doubtful = new Set(seats.filter((seat) => mayBeUnrecorded(seat, now) && !mayBeOver(seat)));
  const records = await readItems(table, [...doubtful].map(recordKey), { consistent: false });
  return seats.filter((seat) => {
    if (!doubtful.has(seat)) return mayBeOver(seat);
    const record = records.get(recordKey(seat));
    return record?.status !== 'active' || !isRecordOf(record, seat);
  });
};

/** Settles sessions of a page. A session that fails delays no other: its error joins `failures`. */
export const settleAll = <T>(
  seats: readonly HeldSeat[],
  settle: (seat: HeldSeat) => Promise<T>,
  failures: unknown[],
): Promise<(T | undefined)[]> => {
  const settleOne = (seat: HeldSeat) =>
    settle(seat).catch((error: unknown) => {
      failures.push(error);
      return undefined;
    });
  return pMap(seats, settleOne, { concurrency: 10 });
};

/**
 * Ends a walk over pages. The due item of a walk with failures stays, so the next run repeats the walk.
 *
 * @param rest the rest of the walk, if the time is over before: a walk with failures plans it, its caller otherwise
 * @throws AggregateError if sessions could not be settled
 */
export const endWalk = async (table: Table, rest: Due | undefined, failures: readonly unknown[]): Promise<void> => {
  if (failures.length === 0) return;
  if (rest) await planDue(table, rest);
  throw new AggregateError(failures, `${failures.length} sessions could not be settled`);
};

/**
 * Settles the sessions of a pool whose leases have ended, and claims that were left without a record. No guarantee waits
 * for a sweep: a seat is free, and a session told as ended, the instant its lease ends.
 *
 * @returns the next sweep, as long as a session uses the pool; or the rest of this one, if the time is over before
 * @throws AggregateError after the sweep, if sessions could not be settled
 */
export const sweepPool = async (
  table: Table,
  sweep: Sweep,
  { now, until }: { now: number; until: () => boolean },
): Promise<Sweep | undefined> => {
  const { kind, pool, of, at, rest } = sweep;
  let { after, live, calm } = rest ?? { after: undefined, live: false, calm: true };
  const failures: unknown[] = [];
  do {
    const page = await readHeldPage(table, pool, of, after);
    const open = await unsettled(table, pool, page.items, now);
    const settled = await settleAll(
      open,
      (seat) => settleSession(table, pool, seatClaim(seat), { now, hold: seat.hold }),
      failures,
    );
    live ||= open.length < page.items.length || settled.some((again) => again !== undefined);
    calm &&= open.length === 0;
    after = page.next;
  } while (after && !until());
  // At a later time: this due item is deleted.
  const left = after && ({ kind, pool, of, at: now + 1, rest: { after, live, calm } } as const);
  await endWalk(table, left, failures);
  if (left) return left;
  return live ? { kind, pool, of, at: nextSweepAfter(at, { calm, now }) } : undefined;
};
