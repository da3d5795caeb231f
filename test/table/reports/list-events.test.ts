import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../shared/domain/dates.ts';
import { eventsOfActivation } from '../../../shared/domain/history/activation-events.ts';
import { type AuditEvent, type EventFilter, isWanted, vendorTrail } from '../../../shared/domain/history/audit.ts';
import { type HistorySession, isEnded } from '../../../shared/domain/history/session-history.ts';
import { sessionHolder } from '../../../shared/domain/seat.ts';
import { recordEvent } from '../../../shared/table/history/audit-events.ts';
import { keyOfEnded } from '../../../shared/table/history/ended-sessions.ts';
import { purgeHistory } from '../../../shared/table/history/purge.ts';
import { deactivateSession } from '../../../shared/table/removals/deactivate.ts';
import { listEvents } from '../../../shared/table/reports/list-events.ts';
import { keys, type Pool, type Position } from '../../../shared/table/store/keys.ts';
import { asActor, type Item, put } from '../../../shared/table/store/table.ts';
import { changeOf } from '../../../shared/table/stream/change.ts';
import { followChange } from '../../../shared/table/stream/follow-change.ts';
import { explored } from '../../depth.ts';
import { createDatabase, createPool, putMany } from '../support/database.ts';
import { meter } from '../support/requests/metering.ts';
import { activate, clockAt, release, seatOf, userId } from '../support/sessions.ts';
import { openChanges } from '../support/stream/changes.ts';
import { followRecord } from '../support/stream/follow.ts';

// The starts and ends of activations are no items of their own: the trail derives them from the history.
const database = await createDatabase({ stream: true });
const table = database.client();
const changes = await openChanges(database);

/** An activation in the history. */
const activation = (startedAt: number, more: Partial<HistorySession> & { endedAt?: number } = {}): HistorySession => ({
  sessionId: 's',
  fence: 1,
  number: 1,
  userId,
  machineId: 'm',
  licenseType: 'floating',
  leaseSeconds: 60,
  startedAt,
  startedBy: `user#${userId}`,
  ...(more.endedAt !== undefined && { endedReason: 'released', endedBy: 'api-key#k#usr_bot' }),
  ...more,
});
/** The items of an activation: in the history, or its seat. And its session's record. */
const itemsOf = (pool: Pool, session: HistorySession): Item[] => {
  const { sessionId, number, fence, startedAt } = session;
  const record = {
    ...keys.session(pool, sessionId),
    ...session,
    activatedAt: startedAt,
    status: 'active',
    previous: [],
  };
  const hold = { holder: sessionHolder(sessionId), userId, machineId: 'm', claimedAt: startedAt, availableAt: now };
  return isEnded(session)
    ? [{ ...keyOfEnded(pool, session), ...session }, record]
    : [{ ...keys.seat(pool, number), ...hold, fence, leaseMs: 1 }, record];
};
const oldest = ({ at, id }: AuditEvent, other: AuditEvent) => other.at - at || (other.id > id ? 1 : -1);

/** Every page of a list, to its end. */
const pagesOf = async (organizationId: string, options: Parameters<typeof listEvents>[2], by = table) => {
  const pages: AuditEvent[][] = [];
  let after: Position | undefined;
  do {
    const page = await listEvents(by, organizationId, { ...options, ...(after && { after }) });
    pages.push(page.items);
    after = page.next;
  } while (after);
  return pages;
};

const now = Date.UTC(2026, 2, 10, 12);
const always = { from: now - 4 * dayMs, to: now + dayMs, filter: {} };

describe('the pages of a trail', () => {
  const run = fc.record({
    product: fc.constantFrom('KRE', 'KSE'),
    // Few times, so that many are equal.
    ago: fc.oneof(
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 0, max: 6 * 24 }).map((hours) => hours * 3_600_000),
    ),
    lasted: fc.option(
      fc.oneof(fc.constantFrom(0, 1, 899_999, 900_000, 7_200_000, 57_600_001), fc.integer({ min: 0, max: 6 * dayMs })),
    ),
    hasActors: fc.constantFrom(true, true, true, false),
  });

  it('have each start, each end and each other event once, newest first, whatever the filters and the size of a page', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(run, { minLength: 6, maxLength: 30 }),
        fc.array(fc.integer({ min: 0, max: 6 * 24 }), { maxLength: 5 }),
        fc.constantFrom<EventFilter>(
          {},
          { product: 'KSE' },
          { action: 'activation.ended' },
          { action: 'activation.started' },
          { actor: 'usr_bot' },
          { target: 's3' },
          { action: 'product.*' },
        ),
        fc.integer({ min: 2, max: 12 }),
        fc.constantFrom(1, 2, 3, 1000),
        async (runs, others, filter, limit, most) => {
          const { organizationId } = await createPool(table);
          const subscription = { ...keys.subscription({ organizationId, product: 'KSE' }), product: 'KSE' };
          const sessions = runs.map(({ product, ago, lasted, hasActors }, index) => {
            const started = now - ago;
            const more = {
              sessionId: `s${index}`,
              number: index + 1,
              ...(lasted !== null && { endedAt: started + lasted }),
            };
            const session = activation(started, more);
            const { startedBy: _, endedBy: __, ...without } = session as HistorySession & { endedBy?: string };
            return { pool: { organizationId, product }, session: hasActors ? session : (without as HistorySession) };
          });
          const stored = others.map(
            (hours, index): AuditEvent => ({
              id: `e${index}`,
              at: now - hours * 3_600_000,
              organizationId,
              action: 'product.added',
              actor: 'service#tests',
              target: { type: 'product', id: 's3' },
              details: { name: 'n' },
            }),
          );
          await putMany(table, [
            subscription,
            ...sessions.flatMap(({ pool, session }) => itemsOf(pool, session)),
            ...stored.map((event) => ({ ...keys.auditEvent(organizationId, event.at, event.id), event })),
          ]);
          const wanted = [...sessions.flatMap(({ pool, session }) => eventsOfActivation(pool, session)), ...stored]
            .filter((event) => event.at >= always.from && event.at < always.to && isWanted(event, filter))
            .sort(oldest);
          const pages = await pagesOf(organizationId, { ...always, filter, limit, most });
          expect(pages.flat()).toEqual(wanted);
          expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(limit);
        },
      ),
      explored(8),
    );
  });

  it('go on through thousands of starts and ends at one time, at a bounded number of items a request', async () => {
    const pool = await createPool(table);
    const burst = Array.from({ length: 1100 }, (_, index) =>
      activation(now - 60_000, { sessionId: `s${index}`, endedAt: now }),
    );
    const earlier = Array.from({ length: 2000 }, (_, index) => now - dayMs - index * 2000).map((at, index) =>
      activation(at, { sessionId: `e${index}`, endedAt: at + 30_000 }),
    );
    await putMany(
      table,
      [...burst, ...earlier].flatMap((session) => itemsOf(pool, session)),
    );
    let read = 0;
    let most = 0;
    const by = database.client({
      request: async (_, send) => {
        const output = await send();
        read += output.Items?.length ?? 0;
        return output;
      },
    });
    const found = new Set<string>();
    let after: Position | undefined;
    do {
      read = 0;
      const options = { ...always, limit: 1000, most: 1000, ...(after && { after }) };
      const page = await listEvents(by, pool.organizationId, options);
      most = Math.max(most, read);
      for (const { id } of page.items) found.add(id);
      after = page.next;
    } while (after);
    expect(found.size).toBe(2 * 3100);
    // The bound and one more read, or all of one time and of a quarter of an hour.
    expect(most).toBeLessThanOrEqual(2200);
    // Nothing matches: each request stops at the bound.
    read = 0;
    const nobody = await listEvents(by, pool.organizationId, {
      ...always,
      filter: { actor: 'usr_none' },
      limit: 10,
      most: 1000,
    });
    expect(nobody.items).toEqual([]);
    expect(nobody.next).toBeDefined();
    expect(read).toBeLessThanOrEqual(2200);
  });

  it('read no history for an action, or a target, that is no activation, and one product’s for a product', async () => {
    const pool = await createPool(table);
    const subscription = { ...keys.subscription({ ...pool, product: 'KSE' }), product: 'KSE' };
    await putMany(table, [subscription]);
    const read: string[] = [];
    const by = database.client({
      request: ({ name, input }, send) => {
        if (name === 'Query')
          read.push(String(input.ExpressionAttributeValues[':pk']).split('#').slice(0, 3).join('#'));
        return send();
      },
    });
    const pastOf = async (filter: EventFilter) => {
      read.length = 0;
      await listEvents(by, pool.organizationId, { ...always, filter, limit: 10 });
      return [...new Set(read.filter((pk) => pk.startsWith('HISTORY#')))].map((pk) => pk.split('#')[2]).sort();
    };
    expect(await pastOf({})).toEqual(['KRE', 'KSE']);
    expect(await pastOf({ product: 'KRE' })).toEqual(['KRE']);
    expect(await pastOf({ action: 'license.*' })).toEqual([]);
    expect(await pastOf({ action: 'activation.transferred' })).toEqual([]);
    expect(await pastOf({ target: 'usr_ada' })).toEqual([]);
    expect(await pastOf({ target: 's', action: 'activation.*' })).toEqual([]);
    const session = { ...pool, product: 'KSE' };
    await put(table, { Item: { ...keys.session(session, 's'), sessionId: 's' } });
    expect(await pastOf({ target: 's' })).toEqual(['KSE']);
  });
});

describe('the event of an activation', () => {
  const start = Date.now() - 600_000;
  const range = { from: start - 1000, to: start + 1_200_000 };
  /** Follows the changes since, and returns the events that webhooks get. */
  const follow = async (heard?: Awaited<ReturnType<typeof changes.next>>) => {
    const told: AuditEvent[] = [];
    for (const record of heard ?? (await changes.next())) {
      const change = changeOf(record);
      const event = change && (await followChange(table, change));
      if (event?.action.startsWith('activation.')) told.push(event);
    }
    return told;
  };
  const listed = async (trail: string, filter: EventFilter = { action: 'activation.*' }) =>
    (await listEvents(table, trail, { ...range, filter, limit: 100 })).items.reverse();
  const stored = async ({ organizationId }: Pool) =>
    (await changes.next()).filter(({ after }) => String(after?.pk).startsWith(`AUDIT#${organizationId}#`));

  it('is in the trail as webhooks get it, and no item of its own', async () => {
    const pool = await createPool(table, { quota: 1 });
    // Of earlier tests.
    await changes.next();
    seatOf(await activate(asActor(table, 'api-key#k#usr_ada'), pool, 'x', clockAt(start)));
    await release(asActor(table, 'user#usr_ada'), pool, 'x', start + 30_000);
    const heard = await changes.next();
    const told = await follow(heard);
    expect(told.map(({ action, actor, at }) => [action, actor, at - start])).toEqual([
      ['activation.started', 'api-key#k#usr_ada', 0],
      ['activation.ended', 'user#usr_ada', 30_000],
    ]);
    expect(await listed(pool.organizationId)).toEqual(told);
    expect(await follow(heard.toReversed())).toEqual(told.toReversed());
    expect(await listed(pool.organizationId)).toEqual(told);
    expect(await stored(pool)).toEqual([]);
  });

  it('tells a lapse that nobody noticed with the start that ended it', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 60 });
    for (const [session, ms] of [
      ['x', 0],
      ['y', 100_000],
      ['x', 200_000],
    ] as const)
      seatOf(await activate(table, pool, session, clockAt(start + ms)));
    await release(table, pool, 'x', start + 210_000);
    const records = (await changes.next()).filter(({ after }) => after?.sk === 'RECORD');
    const told = await follow(records);
    const ofX = told.filter(({ target }) => target.id === 'x');
    expect(ofX.map(({ action, details }) => [action, details.ended !== undefined])).toEqual([
      ['activation.started', false],
      ['activation.started', true],
      ['activation.ended', false],
    ]);
    expect(await listed(pool.organizationId, { target: 'x' })).toEqual(ofX);
  });

  it('has the earlier end once a release is dated earlier: under the same ID', async () => {
    const pool = await createPool(table, { quota: 1, leaseSeconds: 60 });
    seatOf(await activate(table, pool, 'x', clockAt(start)));
    seatOf(await activate(table, pool, 'y', clockAt(start + 200_000)));
    await release(table, pool, 'x', start + 230_000);
    const told = await follow();
    await follow();
    const isEndOfX = ({ action, target }: AuditEvent) => action === 'activation.ended' && target.id === 'x';
    const [end] = told.filter(isEndOfX);
    expect(end?.at).toBe(start + 230_000);
    expect((await listed(pool.organizationId)).filter(isEndOfX)).toEqual([{ ...end, at: start + 60_000 }]);
  });

  it('is in the vendor’s trail, too, if the vendor ended it', async () => {
    const pool = await createPool(table, { quota: 1 });
    const vendor = `vendor#v${pool.organizationId}` as const;
    seatOf(await activate(table, pool, 'x', clockAt(start)));
    await deactivateSession(asActor(table, vendor), pool, { sessionId: 'x', userId, mayForce: true }, start + 9000);
    const [, end] = await follow();
    expect(end).toMatchObject({ action: 'activation.ended', actor: vendor });
    expect(await listed(vendorTrail, { actor: vendor.slice('vendor#'.length) })).toEqual([end]);
    expect(await listed(pool.organizationId, { action: 'activation.ended' })).toEqual([end]);
  });

  it('is shown once if an earlier release stored it, on whichever side of a page', async () => {
    const pool = await createPool(table);
    const sessions = Array.from({ length: 6 }, (_, index) =>
      activation(start, { sessionId: `s${index}`, endedAt: start + 1000 }),
    );
    await putMany(
      table,
      sessions.flatMap((session) => itemsOf(pool, session)),
    );
    const derived = sessions.flatMap((session) => eventsOfActivation(pool, session));
    for (const [index, event] of derived.entries())
      if (index % 3 !== 0) await recordEvent(table, { ...event, id: `${'0f'[index % 2]}${index}` });
    for (const [limit, most] of [
      [1, 100],
      [2, 2],
      [5, 1],
      [100, 3],
    ] as const) {
      const filter = { action: 'activation.*' };
      const all = (await pagesOf(pool.organizationId, { ...range, filter, limit, most })).flat();
      expect(all.map(({ action, target }) => `${action} ${target.id}`).sort()).toEqual(
        derived.map(({ action, target }) => `${action} ${target.id}`).sort(),
      );
    }
  });

  it('stays a stored event if an earlier release wrote the record', async () => {
    const pool = await createPool(table, { quota: 1 });
    await changes.next();
    seatOf(await activate(table, pool, 'x', clockAt(start)));
    await release(table, pool, 'x', start + 30_000);
    const records = (await changes.next())
      .filter(({ after }) => after?.sk === 'RECORD')
      .map(({ before, after, ...record }) => {
        const noted = { startedBy: undefined, endedBy: undefined, writtenAt: undefined };
        const asOnce = (item: typeof after) => item && { ...item, ...noted };
        return { ...record, before: asOnce(before), after: asOnce(after) };
      });
    const told = await follow(records);
    expect(told.map(({ id }) => id)).toEqual(records.map(({ id }) => id));
    expect(await listed(pool.organizationId)).toEqual(told);
  });

  it('goes with its history', async () => {
    const pool = await createPool(table, { quota: 1 });
    const past = Date.now() - 50 * dayMs;
    seatOf(await activate(table, pool, 'x', clockAt(past)));
    await release(table, pool, 'x', past + 30_000);
    for (const record of await changes.next()) await followRecord(table, record, { now: past + 31_000 });
    const found = async () =>
      (await pagesOf(pool.organizationId, { from: past, to: past + dayMs, filter: {}, limit: 9 })).flat();
    expect(await found()).toHaveLength(2);
    await purgeHistory(table, { before: Date.now() - 40 * dayMs, most: 100, until: () => false });
    expect(await found()).toEqual([]);
  });
});

it('a page of a quiet organization costs a handful of requests', async () => {
  const pool = await createPool(table);
  const metered = meter();
  const by = database.client({ request: metered.request });
  await putMany(
    table,
    Array.from({ length: 60 }, (_, index) => index).flatMap((index) =>
      itemsOf(pool, activation(now - index * 1000, { sessionId: `s${index}`, endedAt: now - index * 1000 + 500 })),
    ),
  );
  const { result, bill } = await metered.of(() => listEvents(by, pool.organizationId, { ...always, limit: 50 }));
  expect(result.items).toHaveLength(50);
  // The products, the seats, the licenses, six classes, and the stored events of two days.
  expect(bill.requests).toBeLessThanOrEqual(11);
  expect(bill.read).toBeLessThanOrEqual(20);
});
