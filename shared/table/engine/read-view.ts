import { crowdSize, everySeat, type Look, merge, type View, windowSize } from '../../domain/seat-view.ts';
import { readSeatPage, readSeats } from '../items/seats.ts';
import type { Pool } from '../store/keys.ts';
import type { Table } from '../store/table.ts';

/** A window: the seats from a number on, as many as are cheap to read. */
export const lookFrom = (table: Table, pool: Pool, first: number): Promise<View> =>
  readView(table, pool, { first, limit: windowSize });

/**
 * Reads the first seats of a crowded pool, at half the price of a strongly consistent read. The view may be late by a moment.
 * That is good enough to choose a number, since a claim has its condition, and for the first of the two reads that prove a
 * pool full.
 */
export const lookAtCrowd = (table: Table, pool: Pool): Promise<View> =>
  readView(table, pool, { first: 1, limit: crowdSize, consistent: false });

const readView = async (
  table: Table,
  pool: Pool,
  { first, ...options }: { first: number; limit: number; consistent?: boolean },
): Promise<View> => {
  const { seats, next } = await readSeatPage(table, pool, { first, ...options });
  return { ranges: [{ first, last: next ? (seats.at(-1)?.number ?? first) : everySeat.last }], seats };
};

/** What a look shows, its parts read side by side. */
export const look = async (table: Table, pool: Pool, wanted: Look): Promise<View> => {
  if ('ranges' in wanted) return { ranges: wanted.ranges, seats: await readSeats(table, pool, wanted.ranges) };
  const views = await Promise.all(wanted.windows.map((first) => lookFrom(table, pool, first)));
  return views.reduce(merge);
};
