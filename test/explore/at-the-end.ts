import { dayMs } from '../../shared/domain/dates.ts';
import { type HistorySession, isEnded } from '../../shared/domain/history/session-history.ts';
import { usageOf } from '../../shared/domain/history/usage.ts';
import { sessionHolder } from '../../shared/domain/seat.ts';
import { listEvents } from '../../shared/table/reports/list-events.ts';
import { listHistory } from '../../shared/table/reports/list-sessions.ts';
import type { TestPool } from '../table/support/database.ts';
import { inconsistencies, readPool } from '../table/support/model/pool-at-rest.ts';
import { sessionIds } from './drafts.ts';
import { type Story, textOf } from './stories.ts';
import type { Watch } from './watch.ts';
import type { World } from './world.ts';

/** Checks a pool at rest: no operation is half done. */
export const checkAtRest = async (world: World, pool: TestPool, watch: Watch): Promise<void> => {
  const snapshot = await world.alone((table) => readPool(table, pool, world.now, sessionIds));
  const [wrong] = inconsistencies(snapshot);
  if (wrong) watch.violated('nothing is left half done', wrong);
};

/** Checks that the history, the usage and the audit trail tell the truth. */
export const checkHistory = async (world: World, pool: TestPool, watch: Watch, toleranceMs: number): Promise<void> => {
  const range = { from: (watch.moments[0]?.now ?? 0) - dayMs, to: world.now + dayMs };
  const { items: sessions } = await world.alone((table) => listHistory(table, pool, { range, limit: 1000 }));
  const fail = (detail: string) => watch.violated('the history is what was so', detail);
  const told = watch.stories.every().filter(({ kind, answered }) => kind === 'session' && answered);
  for (const story of told) {
    const rows = sessions.filter(
      ({ sessionId, fence, number }) =>
        sessionHolder(sessionId) === story.holder && fence === story.fence && number === story.number,
    );
    const [row] = rows;
    if (rows.length !== 1 || !row) {
      fail(`${textOf(story)} is told ${rows.length} times`);
      continue;
    }
    const ended = isEnded(row) ? { reason: row.endedReason, at: row.endedAt } : undefined;
    if (ended?.reason !== story.end?.reason)
      fail(`${textOf(story)} ended as ${story.end?.reason}, and is told as ${ended?.reason}`);
    if (
      ended?.reason === 'lease-expired' &&
      !isForgotten(watch, row) &&
      Math.abs(ended.at - Math.max(story.until, row.startedAt)) > toleranceMs
    )
      fail(
        `${textOf(story)}: its lease ended at ${story.until}, and is told to have ended ${ended.at - story.until} ms later`,
      );
  }
  checkOneAtATime(
    sessions.filter((session) => !isForgotten(watch, session)),
    watch,
    { now: world.now, toleranceMs },
  );
  await checkAudit(world, pool, watch, range);
};

/**
 * Returns whether the time at which an activation's lease ended was lost by the time its end was recorded. A seat, like a
 * license, remembers the last claim that lapsed on it, and the stream tells all of them, but may be late: after an end by a
 * decision, which does not ask the seat, the session may be activated again before.
 */
const isForgotten = (watch: Watch, { sessionId, number, fence }: HistorySession): boolean => {
  const story = watch.stories.of(sessionHolder(sessionId), { number, fence });
  const { end, closedSince = Number.POSITIVE_INFINITY } = story ?? {};
  if (!end || closedSince >= end.since) return false;
  const isLater = (other: Story) =>
    other.onSeat === story?.onSeat &&
    other.number === number &&
    other.fence > fence &&
    (other.closedSince ?? Infinity) < end.since;
  const isAgain = (other: Story) => other.holder === story?.holder && other.recorded && other.since > story.since;
  return watch.stories.every().some(end.reason === 'lease-expired' ? isLater : isAgain);
};

/** Checks that the history shows no seat with two sessions at once, and no more seats in use than the quota. */
const checkOneAtATime = (
  sessions: readonly HistorySession[],
  watch: Watch,
  { now, toleranceMs }: { now: number; toleranceMs: number },
): void => {
  const endOf = (session: HistorySession) => (isEnded(session) ? session.endedAt : now);
  const fail = (detail: string) => watch.violated('usage never exceeds the quota', detail);
  const onSeats = sessions.filter(({ licenseType }) => licenseType === 'floating');
  for (const one of onSeats)
    for (const other of onSeats)
      if (one !== other && one.number === other.number && one.startedAt <= other.startedAt) {
        const overlap = Math.min(endOf(one), endOf(other)) - other.startedAt;
        // A request dates its writes by its beginning.
        if (overlap > toleranceMs + 1000)
          fail(`seat ${one.number} is told to be ${one.sessionId}'s and ${other.sessionId}'s for ${overlap} ms`);
      }
  const largest = Math.max(...watch.moments.map(({ terms }) => terms.quota));
  const { peak } = usageOf({ from: 0, to: now }, sessions, []);
  if (toleranceMs === 0 && peak > largest) fail(`a peak of ${peak}, of at most ${largest} licenses`);
};

/** Checks that each start and each end of an activation has one event. */
const checkAudit = async (
  world: World,
  pool: TestPool,
  watch: Watch,
  range: { from: number; to: number },
): Promise<void> => {
  const { items: events } = await world.alone((table) =>
    listEvents(table, pool.organizationId, { ...range, filter: {}, limit: 1000 }),
  );
  const told = new Map<string, number>();
  const count = (what: string) => told.set(what, (told.get(what) ?? 0) + 1);
  for (const { action, target, details } of events) {
    const { seat, fence, ended } = details as {
      seat?: number;
      fence?: number;
      ended?: { seat: number; fence: number };
    };
    if (action === 'activation.started' || action === 'activation.transferred')
      count(`${target.id} on ${seat}/${fence} began`);
    if (action === 'activation.ended' && seat !== null) count(`${target.id} on ${seat}/${fence} ended`);
    if (ended) count(`${target.id} on ${ended.seat}/${ended.fence} ended`);
    if (action === 'offline-license.issued') count(`${target.id} issued`);
  }
  for (const [what, times] of told)
    if (times > 1) watch.violated('each change is told once', `${what}: ${times} times`);
  for (const story of watch.stories.every().filter(({ answered }) => answered)) {
    const id = story.holder.slice(story.holder.indexOf('#') + 1);
    const name = `${id} on ${story.number}/${story.fence}`;
    const wanted =
      story.kind === 'offline'
        ? [`${id} issued`]
        : story.kind !== 'session'
          ? []
          : story.end?.reason === 'license-transferred' || !story.end
            ? [`${name} began`]
            : [`${name} began`, `${name} ended`];
    for (const what of wanted) if (!told.has(what)) watch.violated('each change is told once', `${what}: never`);
  }
};
