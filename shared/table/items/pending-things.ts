import { randomUUID } from 'node:crypto';
import { checkAuthority } from '../store/authority.ts';
import type { Key } from '../store/keys.ts';
import { Contended } from '../store/retry.ts';
import { getItem, put, remove, type Table, update } from '../store/table.ts';

/**
 * An API key, an invitation or a webhook. `pending` names its making until that is complete: until then the thing opens
 * nothing, and no list shows it.
 */
export interface Pending {
  pending?: string;
}

/**
 * Makes a thing under the table's authority: puts it as pending, lets it join the list that bounds how many there are, reads the
 * authority, and completes the thing, in this order. The end of a right first ends, and then lists and ends what the right made,
 * pending things too. So this request reads that its right is gone, or that end finds the pending thing.
 *
 * A repetition completes the pending thing that it finds. The schedule deletes a pending thing that nobody completes.
 *
 * @param made.isSame returns whether a thing that is there already, pending or not, is of the same request and not over
 * @param made.join returns why the pending thing has no place, if so
 * @returns `other` if a thing of another request has this key
 * @throws LostAuthority if the caller's membership, role or key has ended
 * @throws Contended if another write ended the pending thing
 */
export const makeThing = async <T extends Pending, R extends { outcome: string }>(
  table: Table,
  key: Key<T>,
  { thing, isSame, join }: { thing: T; isSame: (before: T) => boolean; join: () => Promise<R | undefined> },
): Promise<{ outcome: 'made'; thing: T } | { outcome: 'other' } | R> => {
  await checkAuthority(table);
  const mine = { ...thing, pending: randomUUID() };
  const { item: before = mine } = await put<T>(table, {
    Item: { ...key, ...mine },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  if (!isSame(before)) return { outcome: 'other' };
  const { pending } = before;
  if (pending === undefined) {
    // The answer may have a secret.
    await checkAuthority(table);
    return { outcome: 'made', thing: before };
  }
  try {
    const refused = await join();
    await checkAuthority(table);
    if (refused) await dropPending(table, key, pending);
    if (refused) return refused;
  } catch (error) {
    await dropPending(table, key, pending);
    throw error;
  }
  const now = await completeThing(table, key, pending);
  if (now && isSame(now) && now.pending === undefined) return { outcome: 'made', thing: now };
  await checkAuthority(table);
  throw new Contended();
};

/** Completes a pending thing, unless it ended meanwhile. Returns the thing as it is then, if there is one. */
export const completeThing = async <T extends Pending>(
  table: Table,
  key: Key<T>,
  pending: string,
): Promise<T | undefined> => {
  const { item } = await update<T>(table, {
    Key: key,
    UpdateExpression: 'REMOVE pending',
    ConditionExpression: 'pending = :pending AND attribute_not_exists(revokedAt) AND attribute_not_exists(removedAt)',
    ExpressionAttributeValues: { ':pending': pending },
  });
  return item;
};

/** Deletes a thing that is still pending, under this name or, without one, under any. */
export const dropPending = async (table: Table, key: Key, pending?: string): Promise<void> => {
  await remove(table, {
    Key: key,
    ConditionExpression: pending === undefined ? 'attribute_exists(pending)' : 'pending = :pending',
    ...(pending !== undefined && { ExpressionAttributeValues: { ':pending': pending } }),
  });
};

/** Returns whether a thing is still pending. */
export const isPending = async (table: Table, key: Key): Promise<boolean> => {
  const thing = await getItem(table, key);
  return typeof thing === 'object' && thing !== null && 'pending' in thing;
};
