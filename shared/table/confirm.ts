import { type HolderRecord, previousEnds } from '../domain/record.ts';
import type { Claim, HeldSeat } from '../domain/seat.ts';
import type { Claimant, Clock, Got, Refused } from './claimant.ts';
import { putRecord } from './records.ts';
import { freeSeat, renewSeat } from './seats.ts';
import { judge } from './standing.ts';
import { readSubscription } from './subscriptions.ts';
import type { Table } from './table.ts';

/**
 * When a claim without a record passes for a crash's leftover, ms after the claim: it may then be re-claimed by its own
 * holder, and is closed by the schedule.
 */
export const claimLimitMs = 15_000;
/** Until when a request may begin to record its claim: the rest is for the tries of that one write. */
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

  const subscription = await readSubscription(table, pool);
  const now = clock.now();
  const judged = judge(claimant, subscription, undefined, now);
  if (judged) return giveBack(judged);
  if (!subscription || claim.number > subscription.claimable) return giveBack({ outcome: 'again' as const });
  // Too late: its record would come when it passes for a leftover, or when somebody else has the seat.
  if (now - seat.hold.claimedAt >= recordLimitMs || now >= seat.hold.availableAt)
    return giveBack({ outcome: 'again' as const });

  const record = claimant.record(
    {
      status: 'active',
      number: claim.number,
      fence: claim.fence,
      revision: (asRead?.revision ?? 0) + 1,
      userId: seat.hold.userId,
      previous: previousEnds(asRead, now),
    },
    seat.hold,
    subscription,
  );
  if ((await putRecord(table, claimant.recordKey, record, asRead)) === 'lost')
    return giveBack({ outcome: 'again' as const });
  if (!claimant.holdUntil) return { outcome: 'acquired', seat, record, subscription };
  const held = await renewSeat(table, pool, claim, { until: claimant.holdUntil(subscription) });
  if (held.outcome === 'lost') return { outcome: 'again' };
  return { outcome: 'acquired', seat: held.seat, record, subscription };
};
