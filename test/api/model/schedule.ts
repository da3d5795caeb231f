import type fc from 'fast-check';
import { expect } from 'vitest';
import { followChanges, settleDue } from '../../../infra/functions.ts';
import { listAuditEvents } from '../../../shared/contracts/list-audit-events.ts';
import { listSessions } from '../../../shared/contracts/list-sessions.ts';
import { settleAllDue } from '../../../shared/table/schedule/settle-due.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { WrittenPlans } from '../../../shared/table/store/written-plans.ts';
import type { StreamRecord } from '../../../shared/table/stream/change.ts';
import type { openChanges } from '../../table/support/stream/changes.ts';
import { followRecord } from '../../table/support/stream/follow.ts';
import { withGrant } from '../support/grants.ts';
import { clock, type Json } from '../support/harness.ts';
import { longPage, type Service } from './call.ts';
import { endGrantsAndUses } from './members.ts';
import { end, isLive, type Model, type Organization, type Pool, type Session } from './state.ts';

/** Opens the stream function and the schedule of a table: both work when the model says so. */
export const openSchedule = (table: Table, changes: Awaited<ReturnType<typeof openChanges>>): Service['schedule'] => {
  let noted: StreamRecord[] = [];
  const note = async (): Promise<void> => {
    // The clock of the model runs ahead of the database's.
    for (const record of await changes.next())
      noted.push({ ...record, at: Number(record.after?.writtenAt ?? Date.now()) });
  };
  const follow = async (): Promise<void> => {
    await note();
    const written = new WrittenPlans();
    const stream: Table = { ...table, actor: 'service#stream' };
    for (const record of noted)
      await withGrant(followChanges, () => followRecord(stream, record, { written, now: record.at }));
    noted = [];
  };
  return {
    note,
    forget: async () => {
      await note();
      noted = [];
    },
    run: async () => {
      await follow();
      await withGrant(settleDue, () =>
        settleAllDue({ ...table, actor: 'service#schedule' }, { now: Date.now(), most: 10_000, until: () => false }),
      );
      await follow();
    },
  };
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

const nameOf = ({ sessionId, seat, fence }: Pick<Session, 'sessionId' | 'seat' | 'fence'>): string =>
  `${sessionId} ${seat} ${fence}`;

/** Expects the history to have each answered claim of a session once, with its end. */
const expectPastSessions = (items: Json[], pool: Pool, now: number): void => {
  const shown = new Map<string, Json>(items.map((item) => [nameOf(item), item]));
  expect(items.map(nameOf).sort()).toEqual(pool.past.map(nameOf).sort());
  for (const session of pool.past) {
    const { userId, machineId, reason: endedReason } = session;
    const status = isLive(session, pool, now) ? 'active' : 'ended';
    const known = { userId, machineId, status, ...(endedReason !== undefined && { endedReason }) };
    expect(shown.get(nameOf(session)), nameOf(session)).toMatchObject(known);
  }
};

/** Returns the audit events that the changes of an organization make, by action and target, as far as the model tells them. */
const eventsOf = ({ events, keys, webhooks, invitations, recoveries, pools }: Organization, now: number): string[] => [
  ...events,
  ...keys.flatMap(({ id, isRevoked }) => [`api-key.created ${id}`, ...(isRevoked ? [`api-key.revoked ${id}`] : [])]),
  ...webhooks.flatMap(({ id, isConfirmed, isRemoved, secrets }) => [
    `webhook.created ${id}`,
    ...(isConfirmed ? [`webhook.confirmed ${id}`] : []),
    ...secrets.slice(1).map(() => `webhook.secret-rotated ${id}`),
    ...(isRemoved ? [`webhook.removed ${id}`] : []),
  ]),
  ...invitations.flatMap(({ id, acceptedBy }) => [
    `invitation.created ${id}`,
    ...(acceptedBy === undefined ? [] : [`invitation.accepted ${id}`]),
  ]),
  ...recoveries.flatMap(({ userId, isCancelled, completedAs }) => [
    `member.recovery-started ${userId}`,
    ...(isCancelled ? [`member.recovery-cancelled ${userId}`] : []),
    ...(completedAs === undefined ? [] : [`member.recovery-completed ${userId}`]),
  ]),
  ...[...pools.values()].flatMap((pool) => [
    ...pool.events,
    ...pool.offline.flatMap(({ id, isVoided }) => [
      `offline-license.issued ${id}`,
      ...(isVoided ? [`offline-license.voided ${id}`] : []),
    ]),
    ...pool.past.flatMap((session) => [
      `activation.${session.isMoved ? 'transferred' : 'started'} ${nameOf(session)}`,
      // The event of a move tells both.
      ...(isLive(session, pool, now) || session.hasLeft ? [] : [`activation.ended ${nameOf(session)}`]),
    ]),
  ]),
];

const told = new Set([
  ...['api-key.created', 'api-key.revoked', 'invitation.created', 'invitation.accepted'],
  ...['webhook.created', 'webhook.confirmed', 'webhook.secret-rotated', 'webhook.removed'],
  ...['member.added', 'member.role-changed', 'member.removed'],
  ...['member.recovery-started', 'member.recovery-cancelled', 'member.recovery-completed'],
  ...['license.granted', 'license.transferred', 'license.removed', 'offline-license.issued', 'offline-license.voided'],
]);

/** Names the events in an item of the list. A start may tell the end of an earlier claim, whose lapse nobody had noticed. */
const shownEvents = ({ action, target: { id: sessionId }, details }: Json): string[] => {
  if (told.has(action)) return [`${action} ${sessionId}`];
  // The end of a session that only waited has no seat.
  if (!action.startsWith('activation.') || details.seat === null) return [];
  const { ended } = details;
  return [
    `${action} ${nameOf({ ...details, sessionId })}`,
    ...(ended ? [`activation.ended ${nameOf({ ...ended, sessionId })}`] : []),
  ];
};

/** Expects the past sessions and the audit events of an organization to be those of the model. */
const expectHistory = async ({ people }: Model, { world }: Service, organization: Organization): Promise<void> => {
  const now = Date.now();
  const { id: organizationId, members, pools } = organization;
  const owner = people.find(({ userId }) => members.get(userId)?.role === 'owner');
  const all = async (operation: typeof listSessions | typeof listAuditEvents, path: object) => {
    const items: Json[] = [];
    for (let cursor: object | undefined = {}; cursor; ) {
      const query: Record<string, string> = { ...longPage, ...cursor };
      const page = await world.got(200, operation, {
        as: { bearer: owner?.bearer ?? '' },
        path: { organizationId, ...path },
        query,
      });
      items.push(...page.items);
      cursor = page.nextCursor && { cursor: page.nextCursor };
    }
    return items;
  };
  for (const pool of pools.values()) expectPastSessions(await all(listSessions, { product: pool.product }), pool, now);
  const shown = (await all(listAuditEvents, {})).flatMap(shownEvents).sort();
  const expected = eventsOf(organization, now).sort();
  const missing = expected.filter((event) => !shown.includes(event));
  const unknown = shown.filter((event) => !expected.includes(event));
  expect(shown, `missing: ${missing}; not of the model: ${unknown}`).toEqual(expected);
};

/** The schedule runs: all that it ends has ended, and no figure and no list says otherwise. */
export class Schedule implements fc.AsyncCommand<Model, Service> {
  /**
   * Returns false if a person is a member again whose membership a recovery gave away: the model cannot tell which of its sessions
   * the schedule ends.
   */
  check = ({ organizations }: Readonly<Model>): boolean =>
    organizations.every(({ members, recoveries }) =>
      recoveries.every(({ userId, isDue, isSettled }) => !isDue || isSettled || !members.has(userId)),
    );
  async run(model: Model, service: Service): Promise<void> {
    clock.advance(10);
    service.story.push('the schedule runs');
    await service.schedule.run();
    const now = Date.now();
    for (const organization of model.organizations) {
      settle(organization, now);
      for (const { product } of organization.pools.values()) await service.check(model, organization, product);
      await expectHistory(model, service, organization);
    }
  }
  toString = (): string => 'the schedule runs';
}
