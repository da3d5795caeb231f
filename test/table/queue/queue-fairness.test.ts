import { beforeAll, describe, expect, it } from 'vitest';
import { type Activated, activateFloating } from '../../../shared/table/activations/activate-floating.ts';
import type { Clock } from '../../../shared/table/store/clock.ts';
import type { Pool } from '../../../shared/table/store/keys.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { createDatabase, createPool } from '../support/database.ts';
import { clockAt, heldSeats, release, userId } from '../support/sessions.ts';

let table: Table;
beforeAll(async () => {
  table = (await createDatabase()).client();
});

/** Asks for a license, willing to wait for a day. */
const ask = (pool: Pool, sessionId: string, clock: Clock): Promise<Activated> =>
  activateFloating(
    table,
    pool,
    { sessionId, userId, machineId: 'runner-07', waitSeconds: 86_400, key: { id: sessionId } },
    clock,
  );

describe('200 runners on 5 licenses, some of which die, come back, or poll late', () => {
  // Time is the test's own, in whole milliseconds: it goes from poll to poll. Polls that are due within a second are made
  // together.
  it('are served in the order of their arrival, all who live are, and never more than 5 at once', async () => {
    const quota = 5;
    const pool = await createPool(table, { quota, leaseSeconds: 8, expiresAt: Date.now() + 30 * 86_400_000 });
    let seed = 4711;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31;
    };
    const start = Date.now();
    interface Runner {
      id: string;
      /** When it does something next; undefined: it is done, or dead for good. */
      at: number | undefined;
      /** When it took the place that it has now. */
      arrivedAt?: number;
      lastPoll: number;
      /** How it will fare: it may die while it waits, or while it runs, or be slow, or restart (a duplicate poll). */
      fate: 'well' | 'dies-waiting' | 'dies-running' | 'slow' | 'restarts';
      polls: number;
      served?: number;
    }
    const fates = ['well', 'well', 'well', 'slow', 'restarts', 'dies-waiting', 'dies-running'] as const;
    const runners: Runner[] = Array.from({ length: 200 }, (_, index) => ({
      id: `r${index}`,
      at: start + index * 20,
      lastPoll: 0,
      fate: fates[Math.floor(random() * fates.length)]!,
      polls: 0,
    }));
    for (;;) {
      const at = Math.min(...runners.map((runner) => runner.at ?? Number.POSITIVE_INFINITY));
      if (at === Number.POSITIVE_INFINITY) break;
      const due = runners.filter((runner) => runner.at !== undefined && runner.at <= at + 1000);
      const clock = clockAt(at);
      const done = await Promise.all(
        due.map(async (runner) => {
          if (runner.served !== undefined) return { runner, released: await release(table, pool, runner.id, at) };
          const again = runner.fate === 'restarts' && runner.polls % 5 === 1;
          const [result] = await Promise.all([
            ask(pool, runner.id, clock),
            ...(again ? [ask(pool, runner.id, clock)] : []),
          ]);
          return { runner, result: result as Activated };
        }),
      );
      const held = await heldSeats(table, pool, at);
      expect(held.length).toBeLessThanOrEqual(quota);
      for (const { runner, result } of done) {
        if (!result) {
          runner.at = undefined;
          continue;
        }
        runner.polls++;
        runner.lastPoll = at;
        if (result.outcome === 'waiting') {
          const { ticket, ahead } = result.place;
          // It never loses its place while it polls.
          if (runner.arrivedAt !== undefined) expect(ticket.arrivedAt, runner.id).toBe(runner.arrivedAt);
          runner.arrivedAt = ticket.arrivedAt;
          const interval = Math.min(30, 4 + Math.floor(ahead / 4)) * 1000;
          const slow = runner.fate === 'slow' ? 1.9 * interval : 0;
          runner.at = Math.round(at + interval * (0.5 + random() / 2) + slow);
          if (runner.fate === 'dies-waiting' && runner.polls > 3 + random() * 10) runner.at = undefined;
        } else {
          expect(['acquired', 'renewed']).toContain(result.outcome);
          runner.served = at;
          runner.arrivedAt ??= at;
          // It works for less than its lease; one that dies gives nothing back.
          runner.at = runner.fate === 'dies-running' ? undefined : at + 500 + Math.round(random() * 2_500);
        }
      }
      // Who was served now, while how many who live and came before still wait? Each of these has a license left to it.
      const servedNow = done.filter(({ runner, result }) => result && runner.served === at).map(({ runner }) => runner);
      for (const runner of servedNow) {
        const before = runners.filter(
          (other) =>
            other.served === undefined &&
            other.at !== undefined &&
            other.arrivedAt !== undefined &&
            other.arrivedAt < (runner.arrivedAt ?? at),
        );
        expect(before.length, `before ${runner.id}`).toBeLessThanOrEqual(quota - held.length);
      }
    }
    const living = runners.filter(({ fate }) => fate !== 'dies-waiting');
    expect(living.filter(({ served }) => served === undefined)).toEqual([]);
    expect(
      runners.filter(({ fate, served }) => fate === 'dies-waiting' && served === undefined).length,
    ).toBeGreaterThan(5);
  });
});
