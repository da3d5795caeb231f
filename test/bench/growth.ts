import type { Pool } from '../../shared/table/store/keys.ts';
import type { Table } from '../../shared/table/store/table.ts';
import { activate } from '../table/support/sessions.ts';
import { createPool, heldSeat, metered, putAll } from './database.ts';
import { load, type Sample, sampleOf } from './load.ts';
import { newSession, throughEngine } from './sessions.ts';

/** The seats held before: none; 90 %, all over the pool; 90 %, the lowest numbers; all. */
const fills = ['empty', '90% scattered', '90% lowest', 'full'] as const;
type Fill = (typeof fills)[number];

export interface Growth {
  quota: number;
  fill: Fill;
  outcome: 'acquired' | 'exhausted';
  sample: Sample;
  requests: number;
  read: number;
  write: number;
}

const heldNumbers = (quota: number, fill: Fill): number[] => {
  const numbers = Array.from({ length: quota }, (_, index) => index + 1);
  if (fill === 'empty') return [];
  if (fill === 'full') return numbers;
  const most = Math.floor(quota * 0.9);
  if (fill === '90% lowest') return numbers.slice(0, most);
  // The same order each time, with no run in it: 7919 is a prime that divides no quota.
  return numbers.map((number) => ((number * 7919) % quota) + 1).slice(0, most);
};

/**
 * How an activation that nobody contends for, and a refusal, grow with the quota: one at a time, released at once, so
 * that the pool stays as it is. In turns over all pools.
 *
 * @param mostMs how long a turn at one pool may take
 */
export const measureGrowth = async (
  table: Table,
  endpoint: string,
  { quotas, rounds, count, mostMs }: { quotas: readonly number[]; rounds: number; count: number; mostMs: number },
): Promise<Growth[]> => {
  const cells: { quota: number; fill: Fill; pool: Pool; loads: Awaited<ReturnType<typeof load>>[] }[] = [];
  for (const quota of quotas)
    for (const fill of fills) {
      const pool = await createPool(table, quota);
      await putAll(
        table,
        heldNumbers(quota, fill).map((number) => heldSeat(pool, number)),
      );
      cells.push({ quota, fill, pool, loads: [] });
    }

  const once = async (through: Table, pool: Pool, fill: Fill) => {
    const result = await activate(through, pool, newSession());
    const expected = outcomeOf(fill);
    if (result.outcome !== expected) throw new Error(`${fill}: ${result.outcome} instead of ${expected}`);
    return result.outcome === 'acquired' ? result.record.sessionId : undefined;
  };
  /** Between two, and not timed. */
  const giveBack = async (pool: Pool, sessionId: string | undefined) => {
    if (sessionId) await throughEngine(table, pool).release(sessionId);
  };

  for (let round = -1; round < rounds; round++)
    for (const { fill, pool, loads } of cells) {
      // The first round warms up: the engine learns how far to spread in each pool.
      const times = round < 0 ? Math.min(count, 8) : count;
      const latencies: number[] = [];
      await load({ count: times, concurrency: 1, mostMs }, async () => {
        const begin = performance.now();
        const sessionId = await once(table, pool, fill);
        latencies.push(performance.now() - begin);
        await giveBack(pool, sessionId);
      });
      if (round >= 0) loads.push({ latencies, elapsedMs: latencies.reduce((sum, ms) => sum + ms, 0) });
    }

  const counted = metered(table, endpoint);
  const growth: Growth[] = [];
  for (const { quota, fill, pool, loads } of cells) {
    const total = { requests: 0, read: 0, write: 0 };
    const times = 12;
    for (let time = 0; time < times; time++) {
      const { result: sessionId, bill } = await counted.of(() => once(counted.table, pool, fill));
      for (const what of ['requests', 'read', 'write'] as const) total[what] += bill[what] / times;
      await giveBack(pool, sessionId);
    }
    growth.push({ quota, fill, outcome: outcomeOf(fill), sample: sampleOf(loads), ...total });
  }
  return growth;
};

const outcomeOf = (fill: Fill) => (fill === 'full' ? 'exhausted' : 'acquired');
