import type { Pool } from '../../shared/table/store/keys.ts';
import type { Table } from '../../shared/table/store/table.ts';
import { activate, heartbeat, release, seatOf } from '../table/support/sessions.ts';

/** The answer to an activation. */
export interface Told {
  seat: number;
  fence: number;
}

/** A way to the service. Each call throws unless it is answered as it should be. */
export interface Way {
  activate: (sessionId: string) => Promise<Told>;
  heartbeat: (sessionId: string, told: Told) => Promise<void>;
  release: (sessionId: string) => Promise<void>;
}

let sessions = 0;
/** Session IDs as long as they usually are, never the same twice. */
export const newSession = (): string => `build-4711-${++sessions}-linux-x64`;

const must = (holds: boolean, what: string, answer: unknown) => {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(answer)}`);
};

/** Straight through the engine. */
export const throughEngine = (table: Table, pool: Pool): Way => ({
  activate: async (sessionId) => {
    const { number, fence } = seatOf(await activate(table, pool, sessionId));
    return { seat: number, fence };
  },
  heartbeat: async (sessionId, { seat, fence }) => {
    const result = await heartbeat(table, pool, sessionId, { number: seat, fence });
    must(result.outcome === 'extended', 'heartbeat', result);
  },
  release: async (sessionId) => {
    const result = await release(table, pool, sessionId);
    must(result === 'ended', 'release', result);
  },
});
