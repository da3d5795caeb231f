import { activateFloating } from '../../shared/table/activations/activate-floating.ts';
import { readEntry } from '../../shared/table/items/line-entries.ts';
import { readTicket } from '../../shared/table/items/queue-tickets.ts';
import { keys, type Pool } from '../../shared/table/store/keys.ts';
import type { Table } from '../../shared/table/store/table.ts';
import { createPool, heldSeat, metered, putAll } from './database.ts';
import { load, type Sample, sampleOf } from './load.ts';

export interface Polls {
  waiting: number;
  sample: Sample;
  requests: number;
  read: number;
  write: number;
}

const session = (at: number) => `build-4711-${at}-linux-x64`;

const poll = (table: Table, pool: Pool, at: number) =>
  activateFloating(table, pool, {
    sessionId: session(at),
    userId: 'usr_ada',
    machineId: 'runner-07',
    waitSeconds: 3600,
  });

/** The polls of sessions that wait in line for the one license of a pool, one at a time. */
export const measurePolls = async (
  table: Table,
  endpoint: string,
  { waiting: lengths, count }: { waiting: readonly number[]; count: number },
): Promise<Polls[]> => {
  const counted = metered(table, endpoint);
  const polls: Polls[] = [];
  for (const waiting of lengths) {
    const pool = await lineUp(table, waiting);
    const ask = async (by: Table, index: number) => {
      const { outcome } = await poll(by, pool, (index * 7919) % waiting);
      if (outcome !== 'waiting') throw new Error(`A poll in a line of ${waiting}: ${outcome}`);
    };
    const sample = sampleOf([await load({ count, concurrency: 1 }, (index) => ask(table, index))]);
    const { bill } = await counted.of(() => load({ count, concurrency: 1 }, (index) => ask(counted.table, index)));
    polls.push({
      waiting,
      sample,
      requests: bill.requests / count,
      read: bill.read / count,
      write: bill.write / count,
    });
  }
  return polls;
};

/** Puts so many sessions into line, a millisecond apart: the first comes by itself, the others are copies of its place. */
const lineUp = async (table: Table, waiting: number): Promise<Pool> => {
  const pool = await createPool(table, 1);
  await putAll(table, [heldSeat(pool, 1)]);
  await poll(table, pool, 0);
  const ticket = await readTicket(table, pool, session(0));
  const entry = ticket && (await readEntry(table, pool, ticket));
  if (!entry) throw new Error('The first session got no place.');
  const places = Array.from({ length: waiting - 1 }, (_, index) => {
    const arrivedAt = ticket.arrivedAt + index + 1;
    const place = { sessionId: session(index + 1), arrivedAt, aliveUntil: arrivedAt + 600_000, actor: table.actor };
    return [
      { ...keys.ticket(pool, place.sessionId), ...ticket, ...place },
      { ...keys.entry(pool, place), ...entry, ...place, ordinal: index + 2 },
    ];
  });
  await putAll(table, places.flat());
  return pool;
};
