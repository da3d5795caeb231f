import { blockOf } from '../../../shared/domain/census.ts';
import { dayMs, dayOf, hourMs } from '../../../shared/domain/dates.ts';
import { historyOf } from '../../../shared/domain/history/session-history.ts';
import type { Session } from '../../../shared/domain/holder-record.ts';
import { hash32, sessionHolder } from '../../../shared/domain/seat.ts';
import { keyOfEnded } from '../../../shared/table/history/ended-sessions.ts';
import { type Key, keys, type Pool } from '../../../shared/table/store/keys.ts';
import { changeOf } from '../../../shared/table/stream/change.ts';
import { storedTrailsOf } from '../../../shared/table/stream/event-draft.ts';
import { reactionsTo } from '../../../shared/table/stream/reactions-by-kind.ts';

/** The leases of the demo's live sessions last for a day: nothing sends their heartbeats. */
const leaseSeconds = 86_400;

const projects = ['checkout-service', 'payments-gateway', 'mobile-app-android', 'mobile-app-ios', 'reporting-nightly'];

/** Returns a number of 0..`below` - 1, the same for the same text. */
const pick = (text: string, below: number) => hash32(text) % below;

const sessionOf = (
  name: string,
  { userIds, number, activatedAt }: { userIds: readonly string[]; number: number; activatedAt: number },
): Session => {
  const machineId = `ci-runner-${projects[pick(name, projects.length)]}-${String(number).padStart(4, '0')}`;
  const userId = userIds[pick(`user ${name}`, userIds.length)] as string;
  return {
    sessionId: `${projects[pick(name, projects.length)]}-build-${name}`,
    machineId,
    hostname: `${machineId}.eu-central-1.compute.internal.example`,
    userId,
    status: 'active',
    number,
    fence: 1,
    revision: 1,
    activatedAt,
    startedBy: `user#${userId}`,
    leaseSeconds,
    previous: [],
  };
};

/** Returns the items of a change's audit event, one for each trail that stores it, as the stream function writes them. */
export const eventItems = (record: Pick<Parameters<typeof changeOf>[0], 'at' | 'before' | 'after'>): Key[] => {
  const change = changeOf({ id: crypto.randomUUID(), ...record });
  const event = change && reactionsTo(change).event();
  if (!event) return [];
  return storedTrailsOf(change, event).map(
    (trail) => ({ ...keys.auditEvent(trail, event.at, event.id), event }) as Key,
  );
};

const withKey = <T extends object>(key: Key<T>, item: T): Key<T> & T => ({ ...key, ...item });

/**
 * Returns the items of sessions that run at `now` on the seats 1..`count`: seats and records.
 *
 * @param options.events whether the history tells their starts as audit events
 */
export const liveSessions = (
  pool: Pool,
  { count, userIds, now, events }: { count: number; userIds: readonly string[]; now: number; events: boolean },
): Key[] =>
  Array.from({ length: count }, (_, index) => index + 1).flatMap((number) => {
    const activatedAt = now - pick(`since ${number}`, 5 * hourMs);
    const { startedBy, ...begun } = sessionOf(`${48_000 + number}`, { userIds, number, activatedAt });
    const session = { ...begun, ...(events && { startedBy }) };
    const { sessionId, machineId, hostname, userId, fence } = session;
    const hold = { holder: sessionHolder(sessionId), machineId, hostname, userId, claimedAt: activatedAt };
    const lease = { renewedAt: now, availableAt: now + leaseSeconds * 1000, leaseMs: leaseSeconds * 1000 };
    return [
      { ...keys.seat(pool, number, blockOf(number)), fence, ...hold, ...lease } as Key,
      withKey(keys.session(pool, sessionId), session),
    ];
  });

const actedBy = (userId: string, item: object) => ({ ...item, actor: `user#${userId}` });

/** Returns how many licenses a day takes at most: fewer at weekends, and more from month to month. */
const licensesOn = (day: number, busy: number, ago: number): number => {
  const weekday = new Date(day).getUTCDay();
  const share = weekday === 0 || weekday === 6 ? 0.2 : 0.55 + 0.15 * (weekday % 3) + 0.15 * (1 - ago / 90);
  return Math.max(1, Math.min(busy, Math.round(busy * share)));
};

/** Returns the items of `days` past days of a pool: sessions with their waits and events, and refusals at the full hours. */
export const pastDays = (
  pool: Pool,
  {
    days,
    busy,
    quota,
    userIds,
    until,
  }: { days: number; busy: number; quota: number; userIds: readonly string[]; until: number },
): Key[] =>
  Array.from({ length: days }, (_, index) => days - index).flatMap((ago) => {
    const day = dayOf(until) - ago * dayMs;
    const count = licensesOn(day, busy, ago);
    const sessions = Array.from({ length: count }, (_, at) => {
      const name = `${ago * 100 + at}`;
      const activatedAt = day + (6 + pick(name, 7)) * hourMs + pick(`minute ${name}`, hourMs);
      const waitedSeconds = count === busy && at % 4 === 0 ? 30 + pick(`wait ${name}`, 900) : undefined;
      const begun = { ...sessionOf(name, { userIds, number: at + 1, activatedAt }), waitedSeconds };
      const endedAt = activatedAt + (1 + pick(`hours ${name}`, 7)) * hourMs;
      const endedReason = (['released', 'released', 'released', 'lease-expired', 'license-removed'] as const)[
        pick(`end ${name}`, 5)
      ];
      return pastSession(pool, begun, {
        ...begun,
        status: 'ended',
        revision: 2,
        endedAt,
        endedReason,
        endedBy: begun.startedBy,
      });
    });
    const refused = count === busy ? 1 + pick(`refused ${ago}`, 6) : 0;
    const refusals = Array.from({ length: refused }, (_, at) =>
      refusalItems(pool, { at: day + 9 * hourMs + at * 60_000, quota, userIds }),
    );
    return [...sessions, ...refusals].flat();
  });

const pastSession = (pool: Pool, begun: Session, over: Session): Key[] => {
  const { ended } = historyOf(begun, over);
  return [
    withKey(keys.session(pool, begun.sessionId), over),
    ...(ended ? [withKey(keyOfEnded(pool, ended), ended)] : []),
  ];
};

const refusalItems = (
  pool: Pool,
  { at, quota, userIds }: { at: number; quota: number; userIds: readonly string[] },
): Key[] => {
  const { organizationId, product } = pool;
  const [userId = '', sessionId] = [userIds[pick(`${at}`, userIds.length)], `release-build-${at / 60_000}`];
  const refusal = {
    ...{ organizationId, product, sessionId, userId, machineId: `ci-runner-${pick(`machine ${at}`, 30)}`, at },
    ...{ reason: 'license-quota' as const, quota, inUse: quota },
  };
  const first = withKey(keys.refusal(pool, sessionId, refusal.reason), refusal);
  return [
    first,
    withKey(keys.refused(pool, at, sessionId, refusal.reason), refusal),
    ...eventItems({ at, before: undefined, after: actedBy(userId, first) }),
  ];
};
