import pMap from 'p-map';
import { blockOf, blockSize, rangeOf } from '../../domain/census.ts';
import type { Seat } from '../../domain/seat.ts';
import { everySeat, type Range } from '../../domain/seat-view.ts';
import { isInBlocks, type Subscription } from '../../domain/subscription.ts';
import {
  beginningOf,
  blockAt,
  type KeyRange,
  keys,
  type Page,
  type PageRequest,
  type Pool,
  ranges,
} from '../store/keys.ts';
import { getItem, readAll, readPage, type Table } from '../store/table.ts';
import { blockFor } from './blocks.ts';

interface ReadOptions {
  consistent?: boolean;
}

/** Reads every seat of these ranges that was ever claimed, strongly consistent by default. */
export const readSeats = async (
  table: Table,
  pool: Pool,
  wanted: readonly Range[],
  options: ReadOptions = {},
): Promise<Seat[]> => {
  const read = wanted
    .filter(({ first, last }) => first <= last)
    .map((range) => (range.last < everySeat.last ? readRange : readToTheEnd)(table, pool, range, options));
  return (await Promise.all(read)).flat();
};

const readRange = async (table: Table, pool: Pool, { first, last }: Range, options: ReadOptions): Promise<Seat[]> => {
  const lastBlock = await blockFor(table, pool, last);
  if (lastBlock === undefined) return readAll(table, ranges.seats(pool, first, last), options);
  return readBlocks(table, pool, { first, last }, options);
};

/** How many blocks a request reads at once. */
const blocksAtOnce = 16;

/** Reads a range of a pool that is in blocks. */
const readBlocks = async (table: Table, pool: Pool, { first, last }: Range, options: ReadOptions): Promise<Seat[]> => {
  const { blockSize: size } = table;
  const [from, to] = [blockOf(first, size), blockOf(last, size)];
  const read = await pMap(
    Array.from({ length: to - from + 1 }, (_, index) => from + index),
    (block) => {
      const range = rangeOf(block, last, size);
      return readAll(table, ranges.seats(pool, Math.max(first, range.first), range.last, block), options);
    },
    { concurrency: blocksAtOnce },
  );
  return read.flat();
};

/** A seat, or at the end of a pool's partition the number of its blocks. */
type SeatOrBlocks = Seat | { blocks: number };
const isSeat = <T extends SeatOrBlocks>(item: T): item is T & Seat => 'number' in item;

/** Returns the seats of a read of a pool's partition, and the number of its blocks. */
const seatsIn = <T extends SeatOrBlocks>(items: readonly T[], { blockSize: size = blockSize }: Table) => {
  const { blocks = 1 } = items.find((item): item is T & { blocks: number } => !isSeat(item)) ?? {};
  const seats = items.filter(isSeat);
  // A request of the time before the blocks may have left a claim that nobody verified.
  return { blocks, seats: blocks > 1 ? seats.filter(({ number }) => number <= size) : seats };
};

/** Reads all seats from a number on. A pool that has no blocks costs no more than its partition. */
const readToTheEnd = async (table: Table, pool: Pool, { first }: Range, options: ReadOptions): Promise<Seat[]> => {
  const { blockSize: size = blockSize } = table;
  const { blocks, seats } = seatsIn(await readAll(table, ranges.seatsAndBlocks(pool, first), options), table);
  if (blocks <= 1) return seats;
  const range = { first: Math.max(first, size + 1), last: blocks * size };
  return [...seats, ...(range.first <= range.last ? await readBlocks(table, pool, range, options) : [])];
};

/** A pool, or its subscription as just read: that saves a request for each block. */
type PoolOfSeats = Pool & Pick<Subscription, 'blocks'>;

/** Reads a page of a range. */
type Read<T> = (
  table: Table,
  range: KeyRange<SeatOrBlocks>,
  options: Partial<PageRequest> & ReadOptions,
) => Promise<Page<T>>;

/**
 * Reads a page of a pool's seats in order, strongly consistent by default, block after block. A page before the end may be empty.
 *
 * @param read the read of one partition, for example with the actors of the seats
 */
export const readSeatPageBy = async <T extends SeatOrBlocks>(
  read: Read<T>,
  table: Table,
  pool: PoolOfSeats,
  { after, ...options }: PageRequest & ReadOptions,
): Promise<Page<T & Seat>> => {
  const block = after ? blockAt(after) : 1;
  const start = after?.sk ? { after } : {};
  const beginNext = (blocks: number) => (block < blocks ? { next: beginningOf(pool, block + 1) } : {});
  if (block === 1) {
    const page = await read(table, ranges.seatsAndBlocks(pool, everySeat.first), { ...options, ...start });
    const { blocks, seats } = seatsIn(page.items, table);
    return { items: seats, ...(page.next ? { next: page.next } : beginNext(blocks)) };
  }
  const { first, last } = rangeOf(block, everySeat.last, table.blockSize);
  const page = await read(table, ranges.seats(pool, first, last, block), { ...options, ...start });
  const items = page.items.filter(isSeat);
  if (page.next) return { items, next: page.next };
  const { blocks = 1 } = isInBlocks(pool) ? pool : ((await getItem(table, keys.blocks(pool))) ?? {});
  return { items, ...beginNext(blocks) };
};

/** Reads a page of a pool's seats: `readSeatPageBy`. */
export const readSeatPage = (
  table: Table,
  pool: PoolOfSeats,
  options: PageRequest & ReadOptions,
): Promise<Page<Seat>> => readSeatPageBy<SeatOrBlocks>(readPage, table, pool, options);
