import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EndedReason } from '../../../shared/contracts/schemas/activation.ts';
import { mayComeBack } from '../../../shared/domain/holder-record.ts';
import { findSession } from '../../../shared/table/activations/list-online.ts';
import { deactivateSession } from '../../../shared/table/removals/deactivate.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { explored } from '../../depth.ts';
import { createDatabase, createPool, type TestPool } from '../support/database.ts';
import { activate, clockAt, heartbeat, heldSeats, holders, userId } from '../support/sessions.ts';

// Random sequences of commands against the engine, and against a model of what users rely on: a plain map.
interface Modelled {
  seat: number;
  fence: number;
  until: number;
  ended?: EndedReason;
}

class Model {
  now = Date.now();
  quota = 2;
  leaseSeconds = 60;
  suspended = false;
  expiresAt = this.now + 3_600_000;
  sessions = new Map<string, Modelled>();

  live = (id: string) => {
    const session = this.sessions.get(id);
    return session && !session.ended && session.until > this.now ? session : undefined;
  };
  held = () => [...this.sessions.keys()].filter((id) => this.live(id));
  status = () => (this.expiresAt <= this.now ? 'expired' : this.suspended ? 'suspended' : 'active');
  leaseEnd = () => Math.min(this.now + this.leaseSeconds * 1000, this.expiresAt);
}

interface Real {
  table: Table;
  pool: TestPool;
}

type Command = fc.AsyncCommand<Model, Real>;
const always = { check: () => true };

const agreed = async (model: Model, { table, pool }: Real) => {
  expect(await holders(table, pool, model.now)).toEqual(model.held().sort());
  for (const seat of await heldSeats(table, pool, model.now))
    expect([...model.sessions.values()]).toContainEqual(
      expect.objectContaining({ seat: seat.number, fence: seat.fence }),
    );
};

const activation = (id: string): Command => ({
  ...always,
  toString: () => `activate(${id})`,
  run: async (model, real) => {
    const before = model.sessions.get(id);
    const live = model.live(id);
    const full = model.held().length >= model.quota;
    const result = await activate(
      real.table,
      real.pool,
      id,
      clockAt(() => model.now),
    );
    if (model.status() !== 'active') expect(result.outcome).toBe(model.status());
    else if (before?.ended && !mayComeBack(before.ended)) expect(result.outcome).toBe('ended');
    else if (live) {
      expect(result).toMatchObject({ outcome: 'renewed', seat: { number: live.seat, fence: live.fence } });
      live.until = model.leaseEnd();
    } else if (result.outcome === 'renewed') {
      // A lease that ended and was not closed is revived by its own session, as by a heartbeat.
      expect(before).toMatchObject({ seat: result.seat.number, fence: result.seat.fence });
      expect(before?.ended).toBeUndefined();
      Object.assign(before as Modelled, { until: model.leaseEnd() });
    } else if (full) expect(result.outcome).toBe('exhausted');
    else {
      if (result.outcome !== 'acquired') throw new Error(`a false refusal: ${result.outcome}`);
      expect(result.seat.fence).toBeGreaterThan(before?.fence ?? 0);
      const { number: seat, fence } = result.seat;
      model.sessions.set(id, { seat, fence, until: model.leaseEnd() });
    }
    await agreed(model, real);
  },
});

const beat = (id: string, stale: boolean): Command => ({
  check: (model) => model.sessions.has(id),
  toString: () => `heartbeat(${id}${stale ? ', stale' : ''})`,
  run: async (model, real) => {
    const session = model.sessions.get(id) as Modelled;
    const live = model.live(id);
    const claim = { number: session.seat, fence: stale ? session.fence - 1 : session.fence };
    const result = await heartbeat(real.table, real.pool, id, claim, model.now);
    if (stale) expect(result.outcome).toBe('ended');
    else if (session.ended) expect(result).toEqual({ outcome: 'ended', reason: session.ended });
    else if (model.status() !== 'active' && (live || result.outcome === 'ended')) {
      // Either the subscription's end, or that the lease had ended and somebody has the seat since.
      const reason = result.outcome === 'ended' ? result.reason : undefined;
      expect(live ? [`subscription-${model.status()}`] : [`subscription-${model.status()}`, 'lease-expired']).toContain(
        reason,
      );
      session.ended = reason;
    } else if (live || result.outcome === 'extended') {
      expect(result).toMatchObject({ outcome: 'extended', seat: { hold: { availableAt: model.leaseEnd() } } });
      session.until = model.leaseEnd();
    } else {
      expect(result).toEqual({ outcome: 'ended', reason: 'lease-expired' });
      session.ended = 'lease-expired';
    }
    await agreed(model, real);
  },
});

const ending = (id: string, forced: boolean): Command => ({
  ...always,
  toString: () => `${forced ? 'force' : 'release'}(${id})`,
  run: async (model, real) => {
    const session = model.sessions.get(id);
    const by = { sessionId: id, userId: forced ? 'usr_admin' : userId, mayForce: forced };
    const result = await deactivateSession(real.table, real.pool, by, model.now);
    expect(result).toBe(session ? 'ended' : 'missing');
    if (session) session.ended ??= forced ? 'license-removed' : 'released';
    await agreed(model, real);
  },
});

const look = (id: string): Command => ({
  ...always,
  toString: () => `look(${id})`,
  run: async (model, real) => {
    const found = await findSession(real.table, real.pool, id, { now: model.now });
    const session = model.sessions.get(id);
    if (!session) return expect(found).toBeUndefined();
    const reason = found?.session.endedReason;
    if (session.ended || (model.live(id) && model.status() !== 'expired')) expect(reason).toBe(session.ended);
    else {
      // A lease that was cut by the subscription's end; or one that ended, then or before: who has the seat since hides when.
      const cut = session.until >= model.expiresAt ? ['subscription-expired'] : [];
      expect(model.live(id) ? cut : ['lease-expired', ...cut]).toContain(reason);
      // Told as ended is ended for good.
      session.ended = reason;
    }
    await agreed(model, real);
  },
});

const passing = (seconds: number): Command => ({
  ...always,
  toString: () => `pass ${seconds} s`,
  run: async (model) => {
    model.now += seconds * 1000;
  },
});

const setting = (changes: {
  quota?: number;
  leaseSeconds?: number;
  suspended?: boolean;
  endsIn?: number;
}): Command => ({
  ...always,
  toString: () => `set ${JSON.stringify(changes)}`,
  run: async (model, real) => {
    const { endsIn, ...terms } = changes;
    Object.assign(model, terms);
    if (endsIn !== undefined) model.expiresAt = model.now + endsIn * 1000;
    const { quota, leaseSeconds, suspended, expiresAt } = model;
    expect(await real.pool.set({ quota, leaseSeconds, suspended, expiresAt })).toMatchObject({ outcome: 'changed' });
    await agreed(model, real);
  },
});

describe('the engine', () => {
  let table: Table;
  beforeAll(async () => {
    table = (await createDatabase()).client();
  });

  it('does what a plain map says, whatever is asked of it in whatever order', async () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const commands = [
      id.map(activation),
      id.map(activation),
      fc.tuple(id, fc.boolean()).map(([who, stale]) => beat(who, stale)),
      id.map((who) => beat(who, false)),
      fc.tuple(id, fc.boolean()).map(([who, forced]) => ending(who, forced)),
      id.map(look),
      fc.constantFrom(1, 20, 59, 60, 61, 1000).map(passing),
      fc
        .record(
          {
            quota: fc.integer({ min: 0, max: 4 }),
            leaseSeconds: fc.constantFrom(30, 60, 90),
            suspended: fc.boolean(),
            endsIn: fc.constantFrom(0, 50, 3600, 86_400),
          },
          { requiredKeys: [] },
        )
        .map(setting),
    ];
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 40, size: '+1' }), async (sequence) => {
        const pool = await createPool(table, { quota: 2, leaseSeconds: 60 });
        const setup = () => ({ model: new Model(), real: { table, pool } });
        const { model, real } = setup();
        await real.pool.set({ quota: model.quota, leaseSeconds: model.leaseSeconds, expiresAt: model.expiresAt });
        await fc.asyncModelRun(() => ({ model, real }), sequence);
      }),
      explored(40),
    );
  });
});
