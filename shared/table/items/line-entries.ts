import type { Entry } from '../../domain/queue.ts';
import { keys, type Page, type Pool, ranges } from '../store/keys.ts';
import { getItem, put, readPage, remove, type Table, update } from '../store/table.ts';

/** An entry's name: it is never given to another. */
export type Arrival = Pick<Entry, 'arrivedAt' | 'sessionId'>;

/**
 * Reads a page of the line, in order of arrival, dead entries too.
 *
 * @param options.after read on after this entry
 * @param options.upTo read up to this entry, and no further
 * @param options.consistent strongly consistent; half the price otherwise
 */
export const readEntries = (
  table: Table,
  pool: Pool,
  { after, upTo, ...options }: { after?: Arrival; upTo?: Arrival | undefined; limit: number; consistent: boolean },
): Promise<Page<Entry>> =>
  readPage(table, upTo ? ranges.entriesTo(pool, upTo) : ranges.entries(pool), {
    ...options,
    ...(after && { after: keys.entry(pool, after) }),
  });

/** How many entries one look back reads. Mostly the last one has its ordinal. */
const lookBack = 25;

/** Reads the entries before one, the last one first, back to one that has an ordinal, or to the beginning of the line. */
export const readBackToOrdinal = async (
  table: Table,
  pool: Pool,
  { arrivedAt, sessionId }: Arrival,
): Promise<Entry[]> => {
  const before: Entry[] = [];
  let after: Arrival | undefined = { arrivedAt, sessionId };
  while (after) {
    const { items, next }: Page<Entry> = await readPage(table, ranges.entries(pool), {
      limit: lookBack,
      backwards: true,
      after: keys.entry(pool, after),
    });
    before.push(...items);
    after = next && !items.some(({ ordinal }) => ordinal !== undefined) ? items.at(-1) : undefined;
  }
  return before;
};

/** Reads the last entry of the line, eventually consistent. */
export const readLastEntry = async (table: Table, pool: Pool): Promise<Entry | undefined> =>
  (await readPage(table, ranges.entries(pool), { limit: 1, backwards: true, consistent: false })).items[0];

/** Reads a session's entry, also a dead one, strongly consistent. */
export const readEntry = (table: Table, pool: Pool, entry: Arrival): Promise<Entry | undefined> =>
  getItem(table, keys.entry(pool, entry));

/**
 * Puts an entry, unless it is there.
 *
 * @returns the current entry
 */
export const putEntry = async (table: Table, pool: Pool, entry: Entry): Promise<Entry> => {
  const { item } = await put(table, {
    Item: { ...keys.entry(pool, entry), ...entry },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  return item ?? entry;
};

/** Gives an entry its ordinal, if the entry is there. */
export const numberEntry = async (table: Table, pool: Pool, entry: Arrival, ordinal: number): Promise<void> => {
  await update(table, {
    Key: keys.entry(pool, entry),
    UpdateExpression: 'SET ordinal = :ordinal',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':ordinal': ordinal },
  });
};

const asRead = 'aliveUntil = :asRead';

/**
 * Sets until when an entry counts (epoch ms), if it is as it was read: a late write takes nothing from an entry that was
 * renewed since.
 *
 * @returns the current entry; undefined if it is gone
 */
export const renewEntry = async (
  table: Table,
  pool: Pool,
  entry: Entry,
  aliveUntil: number,
): Promise<Entry | undefined> => {
  const { item } = await update(table, {
    Key: keys.entry(pool, entry),
    UpdateExpression: 'SET aliveUntil = :until',
    ConditionExpression: asRead,
    ExpressionAttributeValues: { ':until': aliveUntil, ':asRead': entry.aliveUntil },
  });
  return item;
};

/** Removes an entry. */
export const removeEntry = async (table: Table, pool: Pool, entry: Arrival): Promise<void> => {
  await remove(table, { Key: keys.entry(pool, entry) });
};

/**
 * Removes an entry that counts no more, unless its session came back.
 *
 * @returns whether the entry is gone
 */
export const removeDeadEntry = async (table: Table, pool: Pool, entry: Entry): Promise<boolean> => {
  const { done, item } = await remove(table, {
    Key: keys.entry(pool, entry),
    ConditionExpression: asRead,
    ExpressionAttributeValues: { ':asRead': entry.aliveUntil },
  });
  return done || !item;
};
