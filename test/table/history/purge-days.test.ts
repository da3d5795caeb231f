import { BatchWriteCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { describe, expect, it } from 'vitest';
import { followChanges, settleDue } from '../../../infra/functions.ts';
import { dayMs } from '../../../shared/domain/dates.ts';
import { purgeHistory } from '../../../shared/table/history/purge.ts';
import { planRetentionDay, type RetentionDay } from '../../../shared/table/history/retention-days.ts';
import { keys, type Pool } from '../../../shared/table/store/keys.ts';
import { put } from '../../../shared/table/store/table.ts';
import { WrittenPlans } from '../../../shared/table/store/written-plans.ts';
import type { StreamRecord } from '../../../shared/table/stream/change.ts';
import { withGrant } from '../../api/support/grants.ts';
import { type Around, createDatabase } from '../support/database.ts';
import { putRecords, ran, refusal } from '../support/past-sessions.ts';
import { meter } from '../support/requests/metering.ts';
import { deathsOf, dying } from '../support/requests/places.ts';
import { followRecord } from '../support/stream/follow.ts';

const database = await createDatabase();
const table = database.client();
const hour = dayMs / 24;
/** A day long ago, and the end of it: since then it is history. */
const day = Date.UTC(2025, 2, 10);
const over = day + dayMs;
/** Two more days later. */
const last = over + 2 * dayMs;

let pools = 0;
const newPool = (): Pool => ({ organizationId: `org_${++pools}`, product: 'KRE' });
const purgeAt = (before: number, by = table, until = () => false) =>
  withGrant(settleDue, () => purgeHistory(by, { before, most: 1000, until }));

interface Run {
  sessionId: string;
  startedAt: number;
  endedAt: number;
}
/** The changes of an activation that runs from its start to its end. */
const changesOf = (pool: Pool, run: Run): [StreamRecord, StreamRecord] =>
  ran(pool, [{ machineId: `m-${run.sessionId}`, ...run }]).map((change) => ({
    ...change,
    id: `${run.sessionId}-${change.id}`,
  })) as [StreamRecord, StreamRecord];
const follow = (changes: readonly StreamRecord[], written?: WrittenPlans) =>
  pMap(changes, (change) => withGrant(followChanges, () => followRecord(table, change, { written, now: change.at })), {
    concurrency: 50,
  });
const runAll = async (pool: Pool, runs: readonly Run[], written?: WrittenPlans) => {
  const changes = runs.flatMap((run) => changesOf(pool, run));
  await putRecords(table, changes);
  await follow(changes, written);
};
/** A refusal that was noted, and followed. */
const refused = async (pool: Pool, sessionId: string, at: number) => {
  const noted = refusal(pool, at, sessionId);
  const item = { ...keys.refusal(pool, sessionId, noted.reason), ...noted };
  await put(table, { Item: item });
  await follow([{ id: `${pool.organizationId}-${sessionId}-${at}`, at, before: undefined, after: item }]);
};

/** Puts what is kept of activations that began on the day and were over on it, four items each: following each takes minutes. */
const filled = async (pool: Pool, count: number) => {
  const { organizationId } = pool;
  const items = Array.from({ length: count }, (_, at) => {
    const session = { sessionId: `s${at}`, fence: 1, startedAt: day + at, endedAt: day + hour };
    const of = { userId: 'usr_ada', machineId: `m${at}`, number: 1 };
    const copies = [{}, { userId: of.userId }, { machineId: of.machineId }];
    return [
      keys.auditEvent(organizationId, day + at, `e${at}`),
      ...copies.map((copy) => ({ ...keys.formerEndedSession(pool, session, copy), ...session, ...of })),
    ];
  }).flat();
  const batches = Array.from({ length: Math.ceil(items.length / 25) }, (_, at) => items.slice(at * 25, at * 25 + 25));
  await pMap(
    batches,
    (batch) =>
      table.client.send(
        new BatchWriteCommand({ RequestItems: { [table.name]: batch.map((Item) => ({ PutRequest: { Item } })) } }),
      ),
    { concurrency: 8 },
  );
  const plan = (past: RetentionDay) => planRetentionDay(table, past, new WrittenPlans(), last);
  await plan({ kind: 'events', organizationId, day, since: over });
  await plan({ kind: 'sessions', pool, day, since: over });
};

/** What is stored of an organization's history, by its kinds, and the plans to purge its days. */
const stored = async ({ organizationId }: Pool): Promise<Record<string, number>> => {
  const found: Record<string, number> = {};
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await table.client.send(
      new ScanCommand({ TableName: table.name, ConsistentRead: true, ExclusiveStartKey }),
    );
    for (const { pk, sk } of page.Items ?? []) {
      const [key] = [`${pk}|${sk}`];
      if (!key.includes(`#${organizationId}#`)) continue;
      // Of the single items that are planned to go, and of what is due, other tests tell.
      if (pk.startsWith('DUE#') || (pk.startsWith('PAST#') && !key.includes('DAY#'))) continue;
      const kind = pk.startsWith('HISTORY#')
        ? [sk.split('#')[0], ...pk.split('#').slice(3, 4)].join(' of ')
        : pk.split('#')[0];
      found[kind] = (found[kind] ?? 0) + 1;
    }
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return found;
};
const nothing = {};

describe('a day of the history', () => {
  it('goes as a whole once its end is as long ago as history is kept, and not before', async () => {
    const pool = newPool();
    await runAll(pool, [
      { sessionId: 'a', startedAt: day, endedAt: day + hour },
      { sessionId: 'b', startedAt: over - hour, endedAt: over - 1 },
    ]);
    await refused(pool, 'c', over - 1);
    const all = { AUDIT: 5, LASTED: 2, SESSION: 2, REFUSAL: 1, REFUSED: 1, PAST: 3 };
    expect(await stored(pool)).toEqual(all);
    await purgeAt(over - 1);
    expect(await stored(pool)).toEqual(all);
    await purgeAt(over);
    expect(await stored(pool)).toEqual(nothing);
  });

  it('keeps an activation from its end on, however long ago it began', async () => {
    const pool = newPool();
    await runAll(pool, [
      { sessionId: 'short', startedAt: day, endedAt: day + hour },
      { sessionId: 'night', startedAt: over - hour, endedAt: over },
      { sessionId: 'long', startedAt: day, endedAt: day + 40 * dayMs + 1 },
    ]);
    const kept = async () => {
      const { AUDIT: _, PAST: __, ...sessions } = await stored(pool);
      return sessions;
    };
    await purgeAt(over);
    expect(await kept()).toEqual({ LASTED: 2, SESSION: 2 });
    await purgeAt(over + dayMs);
    expect(await kept()).toEqual({ LASTED: 1, SESSION: 1 });
    await purgeAt(day + 41 * dayMs - 1);
    expect(await kept()).toEqual({ LASTED: 1, SESSION: 1 });
    await purgeAt(day + 41 * dayMs);
    expect(await stored(pool)).toEqual(nothing);
  });

  it('keeps an activation from the earlier of two ends on, whichever was heard of first', async () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
    ]) {
      const pool = newPool();
      const [begins, ends] = changesOf(pool, { sessionId: 'a', startedAt: day, endedAt: last - hour });
      const after = { ...ends.after, revision: 3, endedAt: day + hour };
      const dated: StreamRecord = { ...ends, id: 'dated', before: ends.after, after };
      await putRecords(table, [dated]);
      for (const index of order) await follow([[begins, ends, dated][index]!]);
      const one = { LASTED: 1, SESSION: 1 };
      const kept = async () => {
        const { PAST: _, ...rest } = await stored(pool);
        return rest;
      };
      expect(await kept()).toEqual({ AUDIT: 2, ...one });
      await purgeAt(over - 1);
      expect(await kept()).toEqual({ AUDIT: 2, ...one });
      await purgeAt(over);
      // The event tells when it was released.
      expect(await kept()).toEqual({ AUDIT: 1 });
      await purgeAt(last);
      expect(await stored(pool)).toEqual(nothing);
    }
  });

  it('takes the record of a session with it, unless that stands for another claim by then', async () => {
    const pool = newPool();
    const run = { startedAt: day, endedAt: day + hour };
    await runAll(
      pool,
      ['gone', 'again', 'voided'].map((sessionId) => ({ sessionId, ...run })),
    );
    const record = (sessionId: string, changes: object) => {
      const [, { after }] = changesOf(pool, { sessionId, ...run });
      return put(table, { Item: { ...keys.session(pool, sessionId), ...after, ...changes } });
    };
    await record('gone', {});
    await record('again', { status: 'active', fence: 2 });
    await record('voided', { fence: 2 });
    await purgeAt(over - 1);
    expect(await stored(pool)).toMatchObject({ SESSION: 3 });
    await purgeAt(over);
    expect(await stored(pool)).toEqual({ SESSION: 2 });
  });

  it('is an organization’s own, also where two did the same', async () => {
    const [one, other] = [newPool(), newPool()];
    await runAll(one, [{ sessionId: 'a', startedAt: day, endedAt: day + hour }]);
    await runAll(other, [{ sessionId: 'a', startedAt: day + dayMs, endedAt: day + dayMs + hour }]);
    const kept = await stored(other);
    await purgeAt(over);
    expect(await stored(one)).toEqual(nothing);
    expect(await stored(other)).toEqual(kept);
  });

  it('keeps the note of a refusal that was made anew', async () => {
    const pool = newPool();
    await refused(pool, 'a', day);
    await refused(pool, 'a', day + 400 * dayMs);
    await purgeAt(over);
    expect(await stored(pool)).toEqual({ AUDIT: 1, REFUSAL: 1, REFUSED: 1, PAST: 2 });
  });

  it('is planned once by an instance, and anew for what comes after its end', async () => {
    const pool = newPool();
    const written = new WrittenPlans();
    const { request, of } = meter();
    const by = database.client({
      request: (asked, send) => (asked.input.Item?.mark === undefined ? send() : request(asked, send)),
    });
    const runs = Array.from({ length: 50 }, (_, at) => ({ sessionId: `s${at}`, startedAt: day, endedAt: day + at }));
    const { bill } = await of(async () => {
      for (const change of runs.flatMap((run) => changesOf(pool, run)))
        await followRecord(by, change, { written, now: day + hour });
    });
    // Of the day's events and of its activations.
    expect(bill.requests).toBe(2);
    await purgeAt(over);
    const [, late] = changesOf(pool, { sessionId: 'late', startedAt: day, endedAt: day + hour });
    await followRecord(table, late, { written, now: over });
    expect(await stored(pool)).toMatchObject({ LASTED: 1, AUDIT: 1, PAST: 2 });
    await purgeAt(over);
    expect(await stored(pool)).toEqual(nothing);
  });
});

describe('a run over days of the history', () => {
  const runs = Array.from({ length: 60 }, (_, at) => ({
    sessionId: `s${at}`,
    startedAt: day + at,
    endedAt: day + (at % 3) * dayMs + hour,
  }));

  it('twice at once leaves nothing and fails with nothing', async () => {
    const pool = newPool();
    await runAll(pool, runs);
    await refused(pool, 'r', day);
    const reports = await Promise.all([purgeAt(last), purgeAt(last), purgeAt(last)]);
    expect(reports.flatMap(({ failed }) => failed)).toEqual([]);
    expect(await stored(pool)).toEqual(nothing);
  });

  it('that comes a week late deals with all the days at once', async () => {
    const pool = newPool();
    for (let late = 0; late < 7; late++)
      await runAll(pool, [
        { sessionId: `s${late}`, startedAt: day + late * dayMs, endedAt: day + late * dayMs + hour },
        { sessionId: `n${late}`, startedAt: over + late * dayMs - 1, endedAt: over + late * dayMs + hour },
      ]);
    await purgeAt(over + 7 * dayMs);
    expect(await stored(pool)).toEqual(nothing);
  });

  it('that dies anywhere leaves the rest to the next', async () => {
    const prepared = async () => {
      const pool = newPool();
      await runAll(pool, runs.slice(0, 3));
      await refused(pool, 'r', day);
      return pool;
    };
    await prepared();
    const deaths = await deathsOf(database, (by) => purgeAt(last, by));
    expect(deaths.length).toBeGreaterThan(3);
    for (const death of deaths) {
      const pool = await prepared();
      await purgeAt(last, dying(database, death)).catch(() => {});
      expect(await purgeAt(last)).toMatchObject({ failed: [] });
      expect(await stored(pool), JSON.stringify(death)).toEqual(nothing);
    }
  });

  it('asks again for what DynamoDB left unprocessed', async () => {
    const pool = newPool();
    await runAll(pool, runs);
    let throttled = 0;
    const request: Around = async ({ name, input }, send) => {
      if (name !== 'BatchWriteItem' || throttled++ % 2 > 0) return send();
      const [first, ...rest] = input.RequestItems[table.name];
      input.RequestItems[table.name] = [first];
      await send();
      return { UnprocessedItems: rest.length > 0 ? { [table.name]: rest } : {} };
    };
    expect(await purgeAt(last, database.client({ request }))).toMatchObject({ failed: [] });
    expect(throttled).toBeGreaterThan(4);
    expect(await stored(pool)).toEqual(nothing);
  });

  it('does not forget a day into which something came after it had looked', async () => {
    const pool = newPool();
    await runAll(pool, runs.slice(0, 1));
    const [, late] = changesOf(pool, { sessionId: 'late', startedAt: day, endedAt: day + hour });
    let isTold = false;
    const request: Around = async ({ name, input }, send) => {
      const output = await send();
      const isOfLate = name === 'Query' && input.ExpressionAttributeValues[':from'].startsWith('LASTED#1');
      if (isOfLate && !isTold) {
        isTold = true;
        await withGrant(followChanges, () => followRecord(table, late, { now: last }));
      }
      return output;
    };
    await purgeAt(last, database.client({ request }));
    expect(await stored(pool)).toMatchObject({ LASTED: 1, AUDIT: 1 });
    await purgeAt(last);
    expect(await stored(pool)).toEqual(nothing);
  });

  it('carries on where its time was over: 10,000 items in bounded runs, some 20 a request', async () => {
    const pool = newPool();
    await filled(pool, 2500);
    const { request, of } = meter();
    const by = database.client({ request });
    let runs = 0;
    const { bill } = await of(async () => {
      for (let more = true; more; runs++) {
        let asked = 0;
        // Each shard asks once, and then each page of a day.
        const report = await purgeAt(last, by, () => asked++ > 10);
        expect(report.failed).toEqual([]);
        ({ more } = report);
      }
    });
    expect(runs).toBeGreaterThan(5);
    expect(await stored(pool)).toEqual(nothing);
    // A session's record goes on a condition, alone.
    expect(bill.write).toBe(10_000 + 2500 + 2);
    // Eight shards are asked in each run.
    expect(bill.requests).toBeLessThanOrEqual(10_000 / 20 + 2500 + 8 * runs);
  });
});
