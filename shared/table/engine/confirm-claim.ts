import { blockOf } from '../../domain/census.ts';
import { type HolderRecord, recordOf } from '../../domain/holder-record.ts';
import type { Line } from '../../domain/queue.ts';
import { type HeldSeat, seatClaim } from '../../domain/seat.ts';
import type { View } from '../../domain/seat-view.ts';
import { isInBlocks } from '../../domain/subscription.ts';
import { blockFor, learnBlocks, readCurrent } from '../items/blocks.ts';
import { putRecord } from '../items/holder-records.ts';
import { freeSeat } from '../items/seats.ts';
import type { Clock } from '../store/clock.ts';
import { keys } from '../store/keys.ts';
import type { BeginAgain } from '../store/retry.ts';
import type { Table } from '../store/table.ts';
import { type Claimant, capacityFor, type Holding, type Refused } from './claimant.ts';
import { completePending } from './complete-pending.ts';
import { checkEligibility, readTerms } from './request-state.ts';

/**
 * The age at which a claim without a record counts as a crash's, ms: its holder may claim the seat anew, and the schedule
 * closes it. Both void the claim first (`voidClaim`), so that a slow request can't record it afterwards.
 */
export const claimLimitMs = 15_000;

const again: BeginAgain = { outcome: 'again' };

/**
 * Does the second half of an acquisition: verifies that this number may be claimed, gets what the claimant needs beside it, and
 * records the claim if the record is as it was read. Otherwise gives the seat back.
 *
 * @param asRead the record as it was read before the claim
 * @param line the queue at that time, if there might have been one
 * @param view the seats from which the claim's number was chosen
 */
export const confirmClaim = async <R extends HolderRecord>(
  table: Table,
  claimant: Claimant<R>,
  seat: HeldSeat,
  { asRead, line, view }: { asRead: R | undefined; line: Line | undefined; view: View },
  clock: Clock,
): Promise<({ outcome: 'acquired' } & Holding<R>) | Refused | BeginAgain> => {
  const { pool, recordKey, pendingHold } = claimant;
  const claim = seatClaim(seat);
  const giveBack = async <T>(outcome: T): Promise<T> => {
    await freeSeat(table, pool, claim);
    return outcome;
  };

  const block = await blockFor(table, pool, claim.number);
  /** A block's copy may be older than the subscription, so its refusal is no answer. */
  const refuse = async <T>(outcome: T): Promise<T | BeginAgain> => {
    await freeSeat(table, pool, claim);
    if (block === undefined) return outcome;
    await readCurrent(table, pool, found.get(subscriptionKey) ? undefined : block);
    return again;
  };

  const subscriptionKey = block === undefined ? keys.subscription(pool) : keys.terms(pool, block);
  const found = await readTerms(table, claimant, subscriptionKey, [], clock.now());
  const verifiedAt = clock.now();
  const eligibility = checkEligibility(claimant, found.get(subscriptionKey), undefined, verifiedAt);
  if (eligibility.outcome !== 'eligible') return refuse(eligibility);
  const { subscription } = eligibility;
  const violation = claimant.precondition?.violation(found, subscription, verifiedAt);
  if (violation) return giveBack(violation);
  const { lowest, claimable } = capacityFor(claimant, subscription);
  if (claim.number < lowest || claim.number > claimable) return refuse(again);
  // The claim is in the pool's partition, where this seat is not.
  const isMisplaced = block === undefined && isInBlocks(subscription) && blockOf(claim.number, table.blockSize) > 1;
  if (isMisplaced && pool.numbered !== 'slots') {
    learnBlocks(table, subscription);
    return again;
  }
  // A queue may have formed since the read, or may not be as it was read.
  const isItsTurn = (await claimant.queue?.isItsTurn(subscription, { line, view }, verifiedAt)) ?? true;
  if (!isItsTurn) return giveBack(again);
  const refused = await claimant.acquireDependencies?.(seat, found, subscription, clock);
  if (refused) return giveBack(refused);
  // Too late: another holder may have the seat.
  const now = clock.now();
  if (now >= seat.hold.availableAt) return giveBack(again);

  const waitedMs = line?.own && now - line.own.arrivedAt;
  const base = { ...recordOf(seat, asRead, now), waitedSeconds: waitedMs && Math.round(waitedMs / 1000) };
  const made = claimant.record(base, seat.hold, asRead);
  const record: R = pendingHold ? { ...made, status: 'pending' } : made;
  if ((await putRecord(table, recordKey, record, asRead)) === 'lost') return giveBack(again);
  if (!pendingHold) return { outcome: 'acquired', seat, record, subscription };
  const held = await completePending<R>(table, claimant, claim, { until: pendingHold.until(record), now });
  return held.outcome === 'lost' ? again : { ...held, outcome: 'acquired', subscription };
};
