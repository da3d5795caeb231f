import type { LimitName } from '../../contracts/schemas/limits.ts';
import type { LimitReached, Window } from '../../domain/limits.ts';
import { type Key, keys } from '../store/keys.ts';
import { inName, type Table, transact, update } from '../store/table.ts';

/** What one window of a limit is counted for. */
export interface Counted {
  limit: LimitName;
  /** Of what in the organization: an address, a product; empty if of all. */
  of: string;
  window: Window;
  /** At most so many in the window. */
  value: number;
}

const windowKey = (organizationId: string, { limit, of, window }: Counted): Key =>
  keys.limitWindow(organizationId, { limit, of, startsAt: window.startsAt });

/**
 * Counts what is about to be done, in all of these windows or in none. A transaction, since its own repetition after a
 * lost answer counts nothing twice. What is counted and then not done stays counted until the window ends.
 *
 * @returns the first limit that is reached, `contended` if others were in the way for too long, or undefined
 */
export const countAll = async (
  table: Table,
  organizationId: string,
  counts: readonly (Counted & { amount: number })[],
): Promise<LimitReached | 'contended' | undefined> => {
  const reached = ({ limit, value, window: { endsAt } }: Counted): LimitReached => ({ limit, value, endsAt });
  const tooMany = counts.find(({ amount, value }) => amount > value);
  if (tooMany) return reached(tooMany);
  const counted = await transact(
    table,
    counts.map((count) => ({
      Update: inName(table, {
        TableName: table.name,
        Key: windowKey(organizationId, count),
        UpdateExpression: 'SET endsAt = :endsAt ADD counted :amount',
        ConditionExpression: 'attribute_not_exists(counted) OR counted <= :room',
        ExpressionAttributeValues: {
          ':endsAt': count.window.endsAt,
          ':amount': count.amount,
          ':room': count.value - count.amount,
        },
      }),
    })),
  );
  if (counted.done) return undefined;
  const [first] = counted.refused;
  return first === undefined ? 'contended' : reached(counts[first] as Counted);
};

/**
 * Counts one thing by its ID: the same one is counted once, however often.
 *
 * @returns the limit, if it is reached
 */
export const countOnce = async (
  table: Table,
  organizationId: string,
  count: Counted,
  id: string,
): Promise<LimitReached | undefined> => {
  const { limit, value, window } = count;
  const reached = { limit, value, endsAt: window.endsAt };
  if (value < 1) return reached;
  const { done } = await update(table, {
    Key: windowKey(organizationId, count),
    UpdateExpression: 'SET endsAt = :endsAt ADD ids :id',
    ConditionExpression: 'attribute_not_exists(ids) OR size(ids) < :value OR contains(ids, :one)',
    ExpressionAttributeValues: { ':endsAt': window.endsAt, ':id': new Set([id]), ':one': id, ':value': value },
  });
  return done ? undefined : reached;
};
