import { dayWindow, minuteWindow } from '../domain/accounts/limits.ts';
import { readLimits } from '../table/accounts/organizations.ts';
import { countAll, type LimitCount } from '../table/items/limit-counters.ts';
import type { Table } from '../table/store/table.ts';
import { limitReached } from './problems/problem.ts';

/**
 * Counts a message that somebody sends by hand: a redelivery, a test event or a test alert. Throws a 429 at a limit.
 *
 * @param message.isAlert whether the message is a test alert, which has a limit for the day, too
 */
export const countByHand = async (
  table: Table,
  organizationId: string,
  { isAlert = false, now }: { isAlert?: boolean; now: number },
): Promise<void> => {
  const { redeliveriesPerMinute, alertTestsPerDay } = await readLimits(table, organizationId);
  const minute = { limit: 'redeliveriesPerMinute', window: minuteWindow(now), value: redeliveriesPerMinute } as const;
  const day = { limit: 'alertTestsPerDay', window: dayWindow(now), value: alertTestsPerDay } as const;
  const counts: Omit<LimitCount, 'of'>[] = isAlert ? [minute, day] : [minute];
  const reached = await countAll(
    table,
    organizationId,
    counts.map((count) => ({ ...count, of: '', amount: 1 })),
  );
  if (reached) throw limitReached(reached, 'Send the next one later.', now);
};
