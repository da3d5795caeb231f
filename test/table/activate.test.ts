import { beforeAll, describe, expect, it } from 'vitest';
import { activateSession } from '../../shared/table/activate.ts';
import { deactivateSession } from '../../shared/table/deactivate.ts';
import { heartbeatSession } from '../../shared/table/heartbeat.ts';
import { createDatabase, createPool } from './database.ts';
import type { Table } from '../../shared/table/table.ts';

let table: Table;
beforeAll(async () => {
  table = (await createDatabase()).client();
});
const request = (sessionId: string) => ({ sessionId, userId: 'usr_a', machineId: 'm1' });

describe('smoke', () => {
  it('works', async () => {
    const pool = await createPool(table, { quota: 2 });
    const a = await activateSession(table, pool, request('a'));
    expect(a.outcome).toBe('acquired');
    const again = await activateSession(table, pool, request('a'));
    expect(again.outcome).toBe('renewed');
    expect((await activateSession(table, pool, request('b'))).outcome).toBe('acquired');
    const c = await activateSession(table, pool, request('c'));
    expect(c).toMatchObject({ outcome: 'exhausted' });
    if (a.outcome !== 'acquired') throw a;
    const { number: seat, fence } = a.seat;
    expect(await heartbeatSession(table, pool, { sessionId: 'a', userId: 'usr_a', seat, fence }, Date.now())).toMatchObject({ outcome: 'extended' });
    expect(await deactivateSession(table, pool, { sessionId: 'a', userId: 'usr_a', mayForce: false }, Date.now())).toBe('ended');
    expect(await heartbeatSession(table, pool, { sessionId: 'a', userId: 'usr_a', seat, fence }, Date.now())).toEqual({ outcome: 'ended', reason: 'released' });
    expect((await activateSession(table, pool, request('c'))).outcome).toBe('acquired');
  });
  it('burst', async () => {
    const pool = await createPool(table, { quota: 100 });
    console.time('burst');
    const results = await Promise.all(Array.from({ length: 500 }, (_, i) => activateSession(table, pool, request(`s${i}`))));
    console.timeEnd('burst');
    console.log(Object.groupBy(results, r => r.outcome + r.races) && Object.fromEntries(Object.entries(Object.groupBy(results, (r: any) => r.outcome + r.races)).map(([k, v]) => [k, v!.length])));
    expect(results.filter((r) => r.outcome === 'acquired').length).toBe(100);
  });
});
