import type { HolderRecord } from '../../domain/holder-record.ts';
import { aheadIn } from '../../domain/queue.ts';
import { isClaim, isHeld, type Seat } from '../../domain/seat.ts';
import { everySeat, freeNumbers, maxPoolReads, type PoolRead, poolReadOf, provesFull } from '../../domain/seat-view.ts';
import { readSeats } from '../items/read-seats.ts';
import { readSubscription } from '../items/subscriptions.ts';
import { type Clock, systemClock } from '../store/clock.ts';
import type { Table } from '../store/table.ts';
import type { Claimant, Refused } from './claimant.ts';
import { checkEligibility, readRequestState } from './request-state.ts';

export type DryRunResult = { outcome: 'accepted' } | Exclude<Refused, { outcome: 'contended' | 'stale' }>;

/** Returns the answer that `acquire` would give now. Writes nothing. */
export const dryRun = async <R extends HolderRecord>(
  table: Table,
  claimant: Claimant<R>,
  clock: Clock = systemClock,
): Promise<DryRunResult> => {
  const { pool, holder } = claimant;
  const { record, view, found, ...state } = await readRequestState(table, claimant, clock.now());
  // A block's copy may be older than the subscription.
  if (state.block !== undefined) state.subscription = await readSubscription(table, pool);
  const now = clock.now();
  const eligibility = checkEligibility(claimant, state.subscription, record, now);
  if (eligibility.outcome !== 'eligible') return eligibility;
  const { subscription } = eligibility;
  const violation = claimant.precondition?.violation(found, subscription, now);
  // Only a claim can be stale.
  if (violation && violation.outcome !== 'stale') return violation;
  if (record?.status === 'active') {
    const [seat] = await readSeats(table, pool, [{ first: record.number, last: record.number }]);
    if (isClaim(seat, { number: record.number, fence: record.fence, holder }) && isHeld(seat, now))
      return { outcome: claimant.isSameRequest(record) ? 'accepted' : 'conflict' };
  }
  const head = await claimant.queue?.read(subscription, record, now);
  if (head === 'conflict') return { outcome: 'conflict' };
  const line = head && (await claimant.queue?.readOn(head, subscription.quota, now));
  const aheadOf = (seats: readonly Seat[]) => (line ? aheadIn(line, seats, now) : 0);
  const first = aheadOf(view.seats);
  if (freeNumbers(view, subscription.claimable, now, { ahead: first }).length > first) return { outcome: 'accepted' };
  let before: PoolRead | undefined;
  for (let reads = 1; ; reads++) {
    const read = poolReadOf(await readSeats(table, pool, [everySeat]), now);
    const held = [...read.held];
    const ahead = aheadOf(held);
    if (held.length + ahead < subscription.quota || held.some((seat) => seat.hold.holder === holder))
      return { outcome: 'accepted' };
    if (provesFull(before, read) || reads >= maxPoolReads)
      return { outcome: 'exhausted', subscription, held, ahead: ahead + (line?.unread ?? 0) };
    if (before) await clock.pause(50 * reads);
    before = read;
  }
};
