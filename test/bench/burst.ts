import type { Table } from '../../shared/table/store/table.ts';
import { activate } from '../table/support/sessions.ts';
import { createPool, metered } from './database.ts';
import { median } from './load.ts';
import { newSession } from './sessions.ts';

export interface Burst {
  sessions: number;
  quota: number;
  winners: number;
  refused: number;
  requestsPerSession: number;
  triesPerWinner: number;
  wallMs: number;
}

/** All sessions at once on a fresh pool, several times: the medians. Throws if the quota was not met exactly. */
export const measureBurst = async (
  table: Table,
  endpoint: string,
  { sessions, quota, times }: { sessions: number; quota: number; times: number },
): Promise<Burst> => {
  const bursts: Burst[] = [];
  for (let time = 0; time < times; time++) bursts.push(await burst(table, endpoint, { sessions, quota }));
  const of = (what: keyof Burst) => median(bursts.map((one) => one[what]));
  return {
    sessions,
    quota,
    winners: of('winners'),
    refused: of('refused'),
    requestsPerSession: of('requestsPerSession'),
    triesPerWinner: of('triesPerWinner'),
    wallMs: of('wallMs'),
  };
};

const burst = async (
  table: Table,
  endpoint: string,
  { sessions, quota }: { sessions: number; quota: number },
): Promise<Burst> => {
  const counted = metered(table, endpoint);
  const pool = await createPool(table, quota);
  const begin = performance.now();
  const { result, bill } = await counted.of(() =>
    Promise.all(Array.from({ length: sessions }, () => activate(counted.table, pool, newSession()))),
  );
  const wallMs = performance.now() - begin;
  const winners = result.filter(({ outcome }) => outcome === 'acquired');
  const refused = result.filter(({ outcome }) => outcome === 'exhausted');
  if (winners.length !== quota || refused.length !== sessions - quota)
    throw new Error(
      `${winners.length} of ${sessions} sessions got one of ${quota} seats; ${refused.length} were refused`,
    );
  return {
    sessions,
    quota,
    winners: winners.length,
    refused: refused.length,
    requestsPerSession: bill.requests / sessions,
    triesPerWinner: winners.reduce((sum, { races }) => sum + races + 1, 0) / winners.length,
    wallMs,
  };
};
