import pMap from 'p-map';
import { blockOf, blockSize } from '../../domain/census.ts';
import type { Seat } from '../../domain/seat.ts';
import { isInBlocks, type Subscription } from '../../domain/subscription.ts';
import { type Key, keys, type Pool, poolText } from '../store/keys.ts';
import { getItem, put, type Table, update } from '../store/table.ts';

// A large pool's seats are in blocks: those above the first block in a partition for each block, beside a copy of the
// subscription. A request verifies its claim by the copy beside the seat, so no item is read by every request. The subscription
// is the truth; no copy ever goes back. `docs/decisions/0044-a-large-pool-is-in-blocks.md` has the protocol.

/** The layout and the terms of a pool, as a process remembers them. */
interface Known {
  /** As in the subscription; 0: all seats are in the pool's partition. */
  blocks: number;
  /** The terms that the process has read last: a hint. */
  terms: Subscription;
}

/** By client, so that two tables in one process stay apart, and by pool. */
const known = new WeakMap<Table['client'], Map<string, Known>>();
const mostKnown = 10_000;

/** Returns the blocks of a pool, if this process knows them. */
export const knownBlocks = (table: Table, pool: Pool): Known | undefined =>
  known.get(table.client)?.get(poolText(pool));

/**
 * Remembers where a pool's seats are, from its subscription or a copy. That never changes once a seat above the first block may
 * have been claimed.
 */
export const learnBlocks = (table: Table, terms: Subscription): void => {
  const { quota, blocks } = terms;
  const { blockSize: size = blockSize } = table;
  if (blocks === 1 || (blocks === undefined && quota <= size)) return;
  const pools = known.get(table.client) ?? new Map<string, Known>();
  if (pools.size > mostKnown) pools.clear();
  known.set(table.client, pools.set(poolText(terms), { blocks: blocks ?? 0, terms }));
};

/** Returns the block of a seat, if the seat is in a partition of its block. */
export const blockFor = async (table: Table, pool: Pool, number: number): Promise<number | undefined> => {
  const block = blockOf(number, table.blockSize);
  if (pool.numbered === 'slots' || block <= 1) return undefined;
  const { blocks = 0 } = knownBlocks(table, pool) ?? (await askedOf(table, pool)) ?? {};
  return blocks > 1 ? block : undefined;
};

const askedOf = async (table: Table, pool: Pool): Promise<Subscription | undefined> => {
  const subscription = await getItem(table, keys.subscription(pool));
  if (subscription) learnBlocks(table, subscription);
  return subscription;
};

/** Returns the key of a seat, or slot. */
export const seatKey = async (table: Table, pool: Pool, number: number): Promise<Key<Seat>> =>
  keys.seat(pool, number, await blockFor(table, pool, number));

/** Reads the terms beside a seat, strongly consistent: the copy of its block, or the subscription. */
export const readTermsOf = async (table: Table, pool: Pool, number: number): Promise<Subscription | undefined> => {
  const block = await blockFor(table, pool, number);
  const copy = block === undefined ? undefined : await getItem(table, keys.terms(pool, block));
  return copy ?? getItem(table, keys.subscription(pool));
};

/** Returns whether a block's copy may be older than the subscription. */
export const isBehind = ({ pushed = 0, version, ...subscription }: Subscription) =>
  isInBlocks(subscription) && pushed < version;

/** How many copies a request writes at once. */
const putsAtOnce = 25;

/**
 * Brings every block's copy of a subscription to its version or a later one, then notes that. Writes nothing if that is noted.
 * Any request may do this, also twice and late.
 */
export const pushTerms = async (table: Table, subscription: Subscription): Promise<void> => {
  if (!isBehind(subscription)) return;
  const { blocks = 0, version } = subscription;
  await noteBlocks(table, subscription);
  const others = Array.from({ length: blocks - 1 }, (_, index) => index + 2);
  await pMap(others, (block) => putCopy(table, subscription, block), { concurrency: putsAtOnce });
  await update(table, {
    Key: keys.subscription(subscription),
    UpdateExpression: 'SET pushed = :version',
    ConditionExpression: 'attribute_exists(blockVersion) AND (attribute_not_exists(pushed) OR pushed < :version)',
    ExpressionAttributeValues: { ':version': version },
  });
};

/** Notes that a pool may have seats in its blocks, before the first copy makes that possible. */
const noteBlocks = async (table: Table, { blocks = 0, ...pool }: Subscription): Promise<void> => {
  await update(table, {
    Key: keys.blocks(pool),
    UpdateExpression: 'SET blocks = :blocks',
    ConditionExpression: 'attribute_not_exists(blocks) OR blocks < :blocks',
    ExpressionAttributeValues: { ':blocks': blocks },
  });
};

const putCopy = async (table: Table, { note: _, pushed: __, ...terms }: Subscription, block: number): Promise<void> => {
  await put(table, {
    Item: { ...keys.terms(terms, block), ...terms },
    ConditionExpression: 'attribute_not_exists(version) OR version < :version',
    ExpressionAttributeValues: { ':version': terms.version },
  });
};

/**
 * Reads a subscription, strongly consistent. If copies may be older, brings them to its version.
 *
 * @param block makes the copy of this block, if it is absent
 */
export const readCurrent = async (table: Table, pool: Pool, block?: number): Promise<Subscription | undefined> => {
  const subscription = await askedOf(table, pool);
  if (!subscription || !isInBlocks(subscription)) return subscription;
  if (isBehind(subscription)) await pushTerms(table, subscription);
  else if (block !== undefined) {
    await noteBlocks(table, subscription);
    await putCopy(table, subscription, block);
  }
  return subscription;
};
