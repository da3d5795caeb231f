import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { expect } from 'vitest';
import { isRecordOf, type Session } from '../../../shared/domain/holder-record.ts';
import type { License } from '../../../shared/domain/license.ts';
import { isClaim, userHolder } from '../../../shared/domain/seat.ts';
import { activateLicensed } from '../../../shared/table/activations/activate-licensed.ts';
import { readLicenses, seatClaimOf } from '../../../shared/table/items/licenses.ts';
import { readAllMachines, slotOf } from '../../../shared/table/items/machines.ts';
import { claimOf } from '../../../shared/table/items/sessions.ts';
import { keys, type Pool, slotsOf } from '../../../shared/table/store/keys.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { createPool, type TestPool } from './database.ts';
import { clockAt, heldSeats } from './sessions.ts';

/** A new organization with a per-user subscription, and members that may be granted its licenses. */
export const createLicensedPool = (table: Table, quota: number, members: number): Promise<TestPool> =>
  createPool(table, { licenseType: 'per-user', quota }, { members });

/** Activates a user's session. By default the request's clock stands still, so that a slow machine costs it no patience. */
export const activateAs = (table: Table, pool: Pool, userId: string, sessionId: string, clock = clockAt(Date.now())) =>
  activateLicensed(table, pool, { sessionId, userId, machineId: `machine-of-${sessionId}` }, clock);

/** Every session record of a pool, straight from the table. */
const sessionsOf = async (table: Table, pool: Pool): Promise<Session[]> => {
  const { Items = [] } = await table.client.send(
    new ScanCommand({
      TableName: table.name,
      ConsistentRead: true,
      FilterExpression: 'begins_with(pk, :pk)',
      ExpressionAttributeValues: { ':pk': keys.session(pool, '').pk },
    }),
  );
  return Items as Session[];
};

/** The users who hold a license, once nothing is left half done: seats, licenses, sessions, slots and
 * machines tell the same. */
export const licensedUsers = async (table: Table, pool: Pool): Promise<string[]> => {
  const licenses = await readLicenses(table, pool);
  // Far in the future only what has no end is held.
  const held = await heldSeats(table, pool, Date.now() + 86_400_000);
  expect(licenses.filter(({ status }) => status === 'pending')).toEqual([]);
  const active = licenses.filter(({ status }) => status === 'active');
  for (const license of active)
    expect(
      held.some((seat) => isClaim(seat, seatClaimOf(license))),
      `the seat of ${license.userId}`,
    ).toBe(true);
  expect(held.map(({ hold }) => hold.holder).sort()).toEqual(active.map(({ userId }) => userHolder(userId)).sort());
  const machines = await readAllMachines(table, pool);
  const slots = await heldSeats(table, slotsOf(pool));
  const registered = machines.filter(({ status }) => status === 'active');
  for (const machine of registered)
    expect(
      slots.some((slot) => isClaim(slot, slotOf(machine))),
      `the slot of ${machine.machineId}`,
    ).toBe(true);
  const sessions = await sessionsOf(table, pool);
  for (const { number, inUse } of active) {
    if (!inUse) continue;
    expect(registered.map(({ machineId }) => machineId)).toContain(inUse.machineId);
    const record = sessions.find(({ sessionId }) => sessionId === inUse.sessionId);
    expect(record && isRecordOf(record, { ...inUse, number }), `the record of ${inUse.sessionId}`).toBe(true);
  }
  for (const session of sessions) {
    const license = licenses.find(({ userId }) => userId === session.userId) as License;
    const inUse = license.status === 'active' ? license.inUse : undefined;
    const standing = inUse && claimOf({ ...inUse, number: license.number });
    expect(session.status === 'active', `session ${session.sessionId}`).toBe(
      standing !== undefined && isRecordOf(session, standing),
    );
  }
  return active.map(({ userId }) => userId).sort();
};
