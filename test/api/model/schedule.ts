import type fc from 'fast-check';
import { expect } from 'vitest';
import { followChanges, settleDue } from '../../../infra/functions.ts';
import { listSessions } from '../../../shared/contracts/list-sessions.ts';
import { settleAllDue } from '../../../shared/table/schedule/settle-due.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { WrittenPlans } from '../../../shared/table/store/written-plans.ts';
import type { openChanges } from '../../table/support/stream/changes.ts';
import { followRecord } from '../../table/support/stream/follow.ts';
import { withGrant } from '../support/grants.ts';
import { clock, type Json } from '../support/harness.ts';
import { longPage, type Service } from './call.ts';
import { endGrantsAndUses } from './members.ts';
import { end, isLive, type Model, type Organization, type Pool } from './state.ts';

/** Runs the stream function for all that was written before, then the schedule, then the stream function again. */
export const schedule = (table: Table, changes: Awaited<ReturnType<typeof openChanges>>) => async (): Promise<void> => {
  const follow = async () => {
    const written = new WrittenPlans();
    for (const record of await changes.next()) {
      // The clock of the model runs ahead of the database's.
      const at = Number(record.after?.writtenAt ?? Date.now());
      await withGrant(followChanges, () =>
        followRecord({ ...table, actor: 'service#stream' }, { ...record, at }, { written, now: at }),
      );
    }
  };
  await follow();
  await withGrant(settleDue, () =>
    settleAllDue({ ...table, actor: 'service#schedule' }, { now: Date.now(), most: 10_000, until: () => false }),
  );
  await follow();
};

/** Ends the sessions whose leases ended, those of revoked keys, and all that a recovery took from the earlier sign-in. */
const settle = (organization: Organization, now: number): void => {
  const { members, recoveries, keys, pools } = organization;
  const left = recoveries.filter(({ isDue, isSettled }) => isDue && !isSettled);
  for (const pool of pools.values()) {
    pool.mayForgetMachines = true;
    for (const session of pool.sessions.values()) {
      if (session.status === 'ended') continue;
      const isOfRevokedKey = keys.some(({ id, isRevoked, isDue }) => id === session.by && isRevoked && isDue);
      const isLapsed = !isLive(session, pool, now);
      if (!isLapsed && !isOfRevokedKey) continue;
      end(pool, session, 'license-removed', now);
      if (left.some(({ userId }) => userId === session.userId)) session.reason = undefined;
      else if (isLapsed && !isOfRevokedKey && !session.isReasonOpen)
        session.reason = session.leaseEnd >= pool.expiresAt ? 'subscription-expired' : 'lease-expired';
    }
  }
  for (const recovery of left) {
    recovery.isSettled = true;
    if (!members.has(recovery.userId)) endGrantsAndUses(organization, recovery.userId, now);
  }
};

/** Expects the history to have each answered claim of a session once, with its end. */
const expectHistory = async (
  { people }: Model,
  { world }: Service,
  { id, members }: Organization,
  pool: Pool,
): Promise<void> => {
  const now = Date.now();
  const owner = people.find(({ userId }) => members.get(userId)?.role === 'owner');
  const as = { bearer: owner?.bearer ?? '' };
  const path = { organizationId: id, product: pool.product };
  const { items, nextCursor } = await world.got(200, listSessions, { as, path, query: longPage });
  expect(nextCursor).toBeUndefined();
  const nameOf = ({ sessionId, seat, fence }: { sessionId: string; seat: number; fence: number }) =>
    `${sessionId} ${seat} ${fence}`;
  const shown = new Map<string, Json>(items.map((item: Json) => [nameOf(item), item]));
  expect(shown.size).toBe(items.length);
  expect([...shown.keys()].sort()).toEqual(pool.past.map(nameOf).sort());
  for (const session of pool.past) {
    const { userId, machineId, reason } = session;
    const status = isLive(session, pool, now) ? 'active' : 'ended';
    expect(shown.get(nameOf(session)), nameOf(session)).toMatchObject({
      userId,
      machineId,
      status,
      ...(reason !== undefined && { endedReason: reason }),
    });
  }
};

/** The schedule runs: all that it ends has ended, and no figure and no list says otherwise. */
export class Schedule implements fc.AsyncCommand<Model, Service> {
  /** Not if a person came back whose membership a recovery gave away: the model does not tell what it had before from the rest. */
  check = ({ organizations }: Readonly<Model>): boolean =>
    organizations.every(({ members, recoveries }) =>
      recoveries.every(({ userId, isDue, isSettled }) => !isDue || isSettled || !members.has(userId)),
    );
  async run(model: Model, service: Service): Promise<void> {
    clock.advance(10);
    service.story.push('the schedule runs');
    await service.schedule();
    const now = Date.now();
    for (const organization of model.organizations) {
      settle(organization, now);
      for (const { product } of organization.pools.values()) await service.check(model, organization, product);
      for (const pool of organization.pools.values()) await expectHistory(model, service, organization, pool);
    }
  }
  toString = (): string => 'the schedule runs';
}
