import { type HolderRecord, recordOf } from '../domain/record.ts';
import type { Claim, HeldSeat } from '../domain/seat.ts';
import type { Claimant, Clock, Got, Refused } from './claimant.ts';
import { putRecord } from './records.ts';
import { freeSeat, renewSeat } from './seats.ts';
import { judge } from './standing.ts';
import { readSubscription } from './subscriptions.ts';
import type { Table } from './table.ts';

/**
 * When a claim without a record passes for a crash's leftover, ms after the claim: its own holder may then claim it
 * anew, and the schedule closes it. A courtesy to requests that are only slow: whoever does so first voids the claim
 * (`voidClaim`), so that it can't be recorded any more, however late its author wakes up.
 */
export const claimLimitMs = 15_000;
/** Until when a request begins to record its claim: later it would most likely find it voided. */
const recordLimitMs = 10_000;

export type Confirmed<R extends HolderRecord> =
  | ({ outcome: 'acquired' } & Got<R>)
  | Refused
  /** It may not be claimed, or another request of this holder was first: the seat was given back. */
  | { outcome: 'again' };

/**
 * The second half of an acquisition. Verify: may the claimed number be claimed, now that the claim is made? Record: on
 * condition that the record is as it was read. Otherwise the seat is given back.
 *
 * @param asRead the record as it was read before the claim
 */
export const confirm = async <R extends HolderRecord>(
  table: Table,
  claimant: Claimant<R>,
  seat: HeldSeat,
  asRead: R | undefined,
  clock: Clock,
): Promise<Confirmed<R>> => {
  const { pool, holder } = claimant;
  const claim: Claim = { number: seat.number, fence: seat.fence, holder };
  const giveBack = async <T>(outcome: T): Promise<T> => {
    await freeSeat(table, pool, claim);
    return outcome;
  };

  const read = await readSubscription(table, pool);
  const now = clock.now();
  const judged = judge(claimant, read, undefined, now);
  if (judged.outcome !== 'fit') return giveBack(judged);
  const { subscription } = judged;
  if (claim.number > subscription.claimable) return giveBack({ outcome: 'again' as const });
  // Too late: it passes for a leftover soon, or somebody else may have the seat.
  if (now - seat.hold.claimedAt >= recordLimitMs || now >= seat.hold.availableAt)
    return giveBack({ outcome: 'again' as const });

  const record = claimant.record(recordOf(seat, asRead, now), seat.hold);
  if ((await putRecord(table, claimant.recordKey, record, asRead)) === 'lost')
    return giveBack({ outcome: 'again' as const });
  if (!claimant.holdUntil) return { outcome: 'acquired', seat, record, subscription };
  const held = await renewSeat(table, pool, claim, { from: now, until: claimant.holdUntil(subscription) });
  if (held.outcome === 'lost') return { outcome: 'again' };
  return { outcome: 'acquired', seat: held.seat, record, subscription };
};
