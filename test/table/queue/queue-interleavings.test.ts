import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { activateFloating } from '../../../shared/table/activations/activate-floating.ts';
import { readEntries } from '../../../shared/table/items/line-entries.ts';
import { readTickets } from '../../../shared/table/items/queue-tickets.ts';
import type { Clock } from '../../../shared/table/store/clock.ts';
import { explored } from '../../depth.ts';
import { createDatabase, createPool, type Database, type TestPool } from '../support/database.ts';
import { type Operation, runInOrder } from '../support/requests/request-orders.ts';
import { activate, clockAt, fastClock, heldSeats, holders, release, seatOf, userId } from '../support/sessions.ts';

let database: Database;
beforeAll(async () => {
  database = await createDatabase();
});

const ask = (
  table: Parameters<Operation>[0],
  pool: TestPool,
  sessionId: string,
  { waitSeconds = 3600, clock }: { waitSeconds?: number; clock: Clock },
) => activateFloating(table, pool, { sessionId, userId, machineId: 'runner-07', waitSeconds }, clock);

const isServed = (outcome: string) => outcome === 'acquired' || outcome === 'renewed';

/** What may happen at once to a pool of two licenses that are in use, while a, b and c wait for one, in this order. */
const polls = ['a', 'a again', 'b', 'c', 'c again'] as const;
const others = ['release first', 'release second', 'b leaves', 'newcomer', 'late'] as const;
type Step = (typeof polls)[number] | (typeof others)[number];

const working = (step: Step, start: number): Operation => {
  const [who = '', does] = step.split(' ');
  const clock = fastClock(start);
  if (who === 'release') return async (table, pool) => ({ outcome: await release(table, pool, does ?? '', start) });
  if (does === 'leaves') return async (table, pool) => ({ outcome: await release(table, pool, who, start) });
  const waitSeconds = who === 'newcomer' ? 0 : 3600;
  return async (table, pool) => ({ outcome: (await ask(table, pool, who, { waitSeconds, clock })).outcome });
};

describe('every order of requests of those who wait, by clocks that differ, and of what happens meanwhile', () => {
  it('the quota holds, nobody is overtaken, who lives is served once a license is left to it, nothing stays', async () => {
    const table = database.client();
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.uniqueArray(fc.constantFrom<Step>(...polls), { minLength: 2, maxLength: 3 }),
        fc.uniqueArray(fc.constantFrom<Step>(...others), { minLength: 1, maxLength: 3 }),
        // The lead of each request's clock, ms.
        fc.array(fc.constantFrom(0, 15_000, 30_000), { minLength: 6, maxLength: 6 }),
        fc.record({ isSilent: fc.boolean(), crashAt: fc.option(fc.integer({ min: 1, max: 7 }), { nil: undefined }) }),
        async (s, polling, happening, ahead, { isSilent, crashAt }) => {
          const pool = await createPool(table, { quota: 2, leaseSeconds: 3600 });
          const start = Date.now();
          const ago = (ms: number) => clockAt(start - ms);
          for (const id of ['first', 'second']) seatOf(await activate(table, pool, id, ago(60_000)));
          // Who has been silent for so long has lost its place.
          await ask(table, pool, 'a', { clock: ago(isSilent ? 60_000 : 3000) });
          for (const id of ['b', 'c']) await ask(table, pool, id, { clock: ago(2000) });

          const leaves = happening.includes('b leaves');
          const gone = new Set([...(isSilent ? ['a'] : []), ...(leaves ? ['b'] : [])]);
          const steps = [...polling, ...happening].filter(
            (step) => step === 'b leaves' || !gone.has(step.split(' ')[0] ?? ''),
          );
          // Only the poll of one that asks again can die: what a newcomer leaves is free when its lease ends.
          const dies = steps.find((step) => (polls as readonly string[]).includes(step));
          const traces = await runInOrder(
            database,
            s,
            pool,
            steps.map((who, index) => ({
              who,
              // Not ahead where it may die: what it leaves would hold its session up until that time comes.
              work: working(who, who === dies ? start : start + ahead[index]!),
              ...(who === dies && { crashAt }),
            })),
          );

          const inLine = ['a', 'b', 'c', 'late', 'newcomer'].filter((id) => !gone.has(id));
          const seated = async () => new Set(await holders(table, pool, start));
          const held = await seated();
          const free = 2 - held.size;
          expect(free).toBeGreaterThanOrEqual(0);
          for (const { who, outcome } of traces)
            if (isServed(outcome)) expect(held, `${who} was told that it has one`).toContain(who.split(' ')[0]);
          const living = inLine.slice(0, 3 - gone.size);
          for (const [place, id] of inLine.entries())
            if (held.has(id)) {
              const overtaken = living.slice(0, place).filter((other) => !held.has(other));
              expect(overtaken.length, `${overtaken} before ${id}, with ${free} left`).toBeLessThanOrEqual(free);
            }

          // All of them poll, whoever died too: each for which a license is left gets it, and no other.
          const waiting = new Set((await readTickets(table, pool)).map(({ sessionId }) => sessionId));
          let left = inLine.filter((id) => waiting.has(id) && !gone.has(id));
          for (let round = 0; left.length > 0; round++) {
            expect(round).toBeLessThan(5);
            const now = await seated();
            const next = left.filter((id) => !now.has(id)).slice(0, 2 - now.size);
            const served: string[] = [];
            for (const id of left) {
              const { outcome } = await ask(table, pool, id, { clock: fastClock(start + 1000) });
              if (isServed(outcome)) served.push(id);
              else expect(outcome).toBe('waiting');
            }
            expect(served).toEqual(left.filter((id) => now.has(id) || next.includes(id)));
            left = left.filter((id) => !served.includes(id));
            for (const id of await holders(table, pool, start)) await release(table, pool, id, start + 2000);
          }
          const { items: entries } = await readEntries(table, pool, { limit: 100, consistent: true });
          const places = [...(await readTickets(table, pool)), ...entries];
          expect(places.filter(({ sessionId }) => !gone.has(sessionId))).toEqual([]);
          for (const id of await holders(table, pool, start)) await release(table, pool, id, start + 2000);
          expect(await heldSeats(table, pool, start)).toEqual([]);
        },
      ),
      explored(40),
    );
  });
});
