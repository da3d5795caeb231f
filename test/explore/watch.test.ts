import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { Session } from '../../shared/domain/holder-record.ts';
import { startActivation } from '../../shared/table/activations/activations.ts';
import type { Clock } from '../../shared/table/store/clock.ts';
import { type Key, keys, type Pool } from '../../shared/table/store/keys.ts';
import { put, type Table, update } from '../../shared/table/store/table.ts';
import { seeded } from './random.ts';
import { beginning, openPool } from './run.ts';
import { simulateProcesses } from './simulated-process.ts';
import { World } from './world.ts';

beforeAll(simulateProcesses);

const terms = {
  quota: 1,
  machineQuota: 1,
  leaseSeconds: 60,
  suspended: false,
  reserveOnline: 0,
  expiresAt: beginning + 86_400_000,
  idleTimeoutMinutes: null,
};

const set = (table: Table, Key: Key, values: Record<string, unknown>) =>
  update(table, {
    Key,
    UpdateExpression: `SET ${Object.keys(values)
      .map((name) => `#${name} = :${name}`)
      .join(', ')}`,
    ExpressionAttributeValues: Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])),
  });

const end = (table: Table, pool: Pool, endedReason = 'logged-in-elsewhere') =>
  set(table, keys.session(pool, 's1'), { status: 'ended', endedReason, endedAt: 0, revision: 2 });

/** A session on a seat of its own, on another machine, as if the engine had allowed it. */
const seat = async (table: Table, pool: Pool, number: number) => {
  const now = Date.now();
  const hold = { holder: 'session#s2', userId: 'usr_x', machineId: 'm2', claimedAt: now, availableAt: now + 60_000 };
  await put(table, { Item: { ...keys.seat(pool, number), ...hold, fence: 2, leaseMs: 60_000 } });
  const record: Session = {
    ...{ sessionId: 's2', status: 'active', number, fence: 2, revision: 1, userId: 'usr_x', machineId: 'm2' },
    ...{ activatedAt: now, leaseSeconds: 60, previous: [] },
  };
  await put(table, { Item: { ...keys.session(pool, 's2'), ...record } });
};

/** Planted violations in a pool of one license, with session s1 on seat 1. */
const planted: [string, (table: Table, pool: Pool) => Promise<unknown>][] = [
  ['no number above what may be claimed', (table, pool) => seat(table, pool, 2)],
  ['a lease is kept', (table, pool) => seat(table, pool, 1)],
  [
    'the machine quota',
    async (table, pool) => {
      await set(table, keys.subscription(pool), { quota: 2, claimable: 2 });
      await seat(table, pool, 2);
    },
  ],
  ['fences grow', (table, pool) => set(table, keys.seat(pool, 1), { fence: 0 })],
  ['an end was decided', (table, pool) => end(table, pool, 'machine-removed')],
  [
    'an end by decision is for good',
    async (table, pool) => {
      await end(table, pool);
      await set(table, keys.session(pool, 's1'), { status: 'active', fence: 2, revision: 3 });
    },
  ],
  [
    'one reason per end',
    async (table, pool) => {
      await end(table, pool);
      await set(table, keys.session(pool, 's1'), { endedReason: 'released', revision: 3 });
    },
  ],
];

describe('the watcher of a pool notices that', () => {
  it.each(planted)('%s is broken', async (invariant, plant) => {
    const world = await World.create(inject('dynamodb'), beginning, seeded(1));
    const { pool, watch } = await openPool(world, { floating: true, terms }, 0);
    const userId = pool.users[0] as string;
    const request = { sessionId: 's1', userId, machineId: 'm1' };
    const random = seeded(1);
    const over = await world.start('remove-machine', async () => {}, { random });
    watch.decisions.begun(over, { kind: 'remove-machine', machine: 'm1', blockSeconds: undefined }, pool);
    world.pass(1000);
    const work = (table: Table, clock: Clock) => startActivation(table, pool, request, clock);
    const task = await world.start('activate', work, { random });
    while (await world.step(random));
    expect([task.end, watch.violation]).toMatchObject([{ answer: { outcome: 'acquired' } }, undefined]);
    await world.alone((table) => plant(table, pool));
    expect(watch.violation?.invariant).toBe(invariant);
    world.close();
  });
});
