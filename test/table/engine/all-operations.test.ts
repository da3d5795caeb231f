import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { isRecordOf } from '../../../shared/domain/holder-record.ts';
import { settleAllDue } from '../../../shared/table/schedule/settle-due.ts';
import type { Clock } from '../../../shared/table/store/clock.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { explored } from '../../depth.ts';
import { createDatabase, createPool, type Database, type TestPool } from '../support/database.ts';
import { differences, inconsistencies, observed, readPool, type Snapshot } from '../support/model/pool-at-rest.ts';
import {
  type Answer,
  type Draft,
  drafts,
  type Operation,
  perform,
  type Terms,
} from '../support/model/pool-operations.ts';
import { after, asked, type Reference } from '../support/model/reference-pool.ts';
import { runInOrder } from '../support/requests/request-orders.ts';
import { fastClock } from '../support/sessions.ts';
import { openDueFeed } from '../support/stream/due-feed.ts';

// Random mixes of all operations on a pool, compared with a plain reference after every step. Of several operations at once
// the answers, and what the pool is then, must be those of some order in which they could have been made one by one.
//
// Read a failure of `npm run test:long` with care: the reference knows too little of a request that saw the old terms in its
// first step and the new ones in a later step.

let database: Database;
let table: Table;
let feed: Awaited<ReturnType<typeof openDueFeed>>;
beforeAll(async () => {
  database = await createDatabase({ stream: true });
  table = database.client();
  feed = await openDueFeed(database);
});

const createPeopledPool = async (floating: boolean): Promise<{ pool: TestPool; state: Reference }> => {
  const now = Date.now();
  const terms = {
    quota: 2,
    machineQuota: 2,
    leaseSeconds: 60,
    suspended: false,
    reserveOnline: 0,
    expiresAt: now + 86_400_000,
    idleTimeoutMinutes: null,
  };
  const { reserveOnline, ...others } = terms;
  const offline = { allowed: true, maxDays: null, reserveOnline };
  const licenseType = floating ? 'floating' : 'per-user';
  const pool = await createPool(table, { ...others, offline, licenseType }, { members: 3 });
  return {
    pool,
    state: { floating, now, terms, sessions: {}, licenses: {}, offline: [], machines: {}, blocked: {}, removed: [] },
  };
};

/** A clock that stands still, but for who has waited for others far too long. */
const stillClock = (now: number): Clock => {
  let pauses = 0;
  return {
    now: () => (pauses > 300 ? now + 30_000 : now),
    pause: async () => {
      pauses++;
      await setImmediate();
    },
  };
};

type Step = { at: 'once'; drafts: Draft[] } | { at: 'later'; seconds: number };

const steps = (floating: boolean, most: number): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc
          .array(drafts(floating), { minLength: 1, maxLength: most })
          .map((made): Step => ({ at: 'once', drafts: made })),
      },
      { weight: 1, arbitrary: fc.constantFrom(1, 30, 60, 61, 4000).map((seconds): Step => ({ at: 'later', seconds })) },
    ),
    { minLength: 1, maxLength: 14, size: 'max' },
  );

const claims = (operation: Operation) => ['activate', 'issue', 'grant'].includes(operation.kind);
const usesMachine = (operation: Operation) =>
  ['activate', 'issue', 'transfer-session', 'remove-machine'].includes(operation.kind);

interface Answered {
  operation: Operation;
  answer: Answer;
}

/** Every state in which a pool can be after these answers, in any order; or, if there is none, why not. */
const explain = (state: Reference, answered: readonly Answered[]): { states: Reference[]; complaints: string[] } => {
  const slack = {
    others: answered.length - 1,
    issuing: answered.flatMap(({ operation }) => (operation.kind === 'issue' ? [operation.machine] : [])),
    claims: Math.max(0, answered.filter(({ operation }) => claims(operation)).length - 1),
    machines: Math.max(0, answered.filter(({ operation }) => usesMachine(operation)).length - 1),
    terms: answered.length > 1 && answered.some(({ operation }) => operation.kind === 'set'),
  };
  const states = new Map<string, Reference>();
  const complaints = new Set<string>();
  const search = (from: Reference, left: readonly Answered[]): void => {
    if (left.length === 0) states.set(JSON.stringify(from), from);
    for (const next of left) {
      const judged = after(from, next.operation, next.answer, slack);
      if (typeof judged === 'string') complaints.add(`${describeAnswer(next)}: ${judged}`);
      else
        search(
          judged,
          left.filter((other) => other !== next),
        );
    }
  };
  search(state, answered);
  return { states: [...states.values()], complaints: [...complaints] };
};

const describeAnswer = ({ operation, answer }: Answered) => `${JSON.stringify(operation)} → ${JSON.stringify(answer)}`;

const play = async (s: fc.Scheduler, floating: boolean, sequence: Step[]) => {
  const created = await createPeopledPool(floating);
  const { pool } = created;
  let { state } = created;
  const story: string[] = [];
  for (const step of sequence) {
    if (step.at === 'later') {
      state = { ...state, now: state.now + step.seconds * 1000 };
      story.push(`${step.seconds} s later`);
    } else {
      const operations = step.drafts.flatMap((draft) => asked(state, draft) ?? []);
      if (operations.some(({ kind }) => kind === 'schedule')) await feed.catchUp();
      const answered: Answered[] = [];
      await runInOrder(
        database,
        s,
        pool,
        operations.map((operation, index) => ({
          who: `${index} ${operation.kind}`,
          work: async (client) => {
            const answer = await perform(client, pool, operation, stillClock(state.now));
            answered.push({ operation, answer });
            return { outcome: answer.outcome };
          },
        })),
      );
      story.push(answered.map(describeAnswer).join('\n    '));
      const { states, complaints } = explain(state, answered);
      const snapshot = await readPool(table, pool, state.now);
      expect(inconsistencies(snapshot), story.join('\n')).toEqual([]);
      if (states.length === 0)
        throw new Error(`No order explains it:\n${complaints.join('\n')}\n\n${story.join('\n')}`);
      const wrong: unknown[] = [];
      const next = states.map((one) => {
        const known = observed(one, snapshot, pool.users);
        const differing = typeof known === 'string' ? [known] : differences(known, snapshot, pool.users);
        if (typeof known !== 'string' && differing.length === 0) return known;
        wrong.push(differing);
        return undefined;
      });
      const agreed = next.find((one) => one !== undefined);
      if (!agreed) throw new Error(`No order leads to it:\n${JSON.stringify(wrong, null, 1)}\n\n${story.join('\n')}`);
      state = agreed;
    }
  }
};

/** What is known of a pool from its items, where it is not known who was answered what. */
const stateOf = (
  before: Reference,
  { now, subscription, sessions }: Snapshot,
  users: readonly string[],
): Reference => ({
  ...before,
  now,
  terms: { ...subscription, reserveOnline: subscription.offline.reserveOnline },
  sessions: Object.fromEntries(
    sessions.map(({ sessionId, userId, machineId: machine, number, fence }) => [
      sessionId,
      { user: users.indexOf(userId), machine, number, fence, until: now },
    ]),
  ),
});

interface Risky {
  draft: Draft;
  /** At which of its requests it dies, if it does; and whether its client then repeats it. */
  dies: { at: number; repeated: boolean } | null;
}

/** A session that was told that it has a license has it, or its record tells why not. */
const untold = (activated: readonly Answered[], { sessions }: Snapshot): string[] =>
  activated.flatMap(({ operation, answer: { seat } }) => {
    if (operation.kind !== 'activate' || !seat) return [];
    const session = sessions.find(({ sessionId }) => sessionId === operation.session);
    const known =
      session &&
      (isRecordOf(session, seat) || session.previous.some((end) => isRecordOf({ ...session, ...end }, seat)));
    return known ? [] : [`${operation.session} had ${JSON.stringify(seat)}: ${JSON.stringify(session)}`];
  });

const playWithDeaths = async (s: fc.Scheduler, floating: boolean, batches: Risky[][]) => {
  const created = await createPeopledPool(floating);
  const { pool } = created;
  let state = { ...created.state, terms: { ...created.state.terms, leaseSeconds: 7200 } };
  const story: string[] = [];
  const toldSo: Answered[] = [];
  const settle = async () => {
    await feed.catchUp();
    expect((await settleAllDue(table, { now: state.now, most: 1000, until: () => false })).failed).toEqual([]);
  };
  const once = async (operations: { operation: Operation; crashAt?: number }[]) => {
    const traces = await runInOrder(
      database,
      s,
      pool,
      operations.map(({ operation, crashAt }) => ({
        who: operation.kind,
        crashAt,
        work: async (client) => {
          const answer = await perform(client, pool, operation, fastClock(state.now));
          story.push(`    ${describeAnswer({ operation, answer })}`);
          toldSo.push({ operation, answer });
          return { outcome: answer.outcome };
        },
      })),
    );
    traces.forEach(({ outcome }, index) => {
      if (outcome === 'crashed') story.push(`    ${JSON.stringify(operations[index])} died`);
    });
  };
  for (const batch of batches) {
    story.push(`${new Date(state.now).toISOString()}`);
    const risky = batch.flatMap(({ draft, dies }) => {
      const operation = asked(state, draft);
      return operation ? [{ operation, crashAt: dies?.at, repeated: dies?.repeated }] : [];
    });
    if (risky.some(({ operation }) => operation.kind === 'schedule')) await feed.catchUp();
    await once(risky);
    // Repeated at once, or left for the schedule.
    await once(risky.filter(({ repeated }) => repeated).map(({ operation }) => ({ operation })));
    for (let minute = 0; minute < 3; minute++) {
      state = { ...state, now: state.now + 61_000 };
      await settle();
    }
    const snapshot = await readPool(table, pool, state.now);
    expect([...inconsistencies(snapshot), ...untold(toldSo, snapshot)], story.join('\n')).toEqual([]);
    state = stateOf(state, snapshot, pool.users);
  }
  await expectNothingLost(pool, state, story);
};

/** What is not in use can be used: no seat and no machine's place is lost. */
const expectNothingLost = async (pool: TestPool, { now, terms }: Reference, story: readonly string[]) => {
  const issue = async (machine: string) =>
    (await perform(table, pool, { kind: 'issue', machine, forSeconds: 60 }, fastClock(now))).outcome;
  const set = (changes: Partial<Terms>) =>
    perform(
      table,
      pool,
      {
        kind: 'set',
        terms: { ...terms, suspended: false, reserveOnline: 0, expiresAt: now + 3_600_000, ...changes },
      },
      fastClock(now),
    );
  await set({ quota: 20, machineQuota: 6 });
  const before = (await readPool(table, pool, now)).figures;
  const outcomes: string[] = [];
  for (let machine = 0; machine <= 6 - before.registeredMachines; machine++) outcomes.push(await issue(`x${machine}`));
  const full = (await readPool(table, pool, now)).figures;
  expect([outcomes, full.registeredMachines], story.join('\n')).toEqual([
    [...Array(6 - before.registeredMachines).fill('issued'), 'machines-exhausted'],
    6,
  ]);
  const used = full.quota - full.available;
  await set({ quota: used + 2, machineQuota: 6 });
  const last = [await issue('x0'), await issue('x0'), await issue('x0')];
  expect(last, story.join('\n')).toEqual(['issued', 'issued', 'exhausted']);
};

describe.each([
  { pool: 'a floating pool', floating: true },
  { pool: 'a pool of named users', floating: false },
])('all operations on $pool', ({ floating }) => {
  it('one by one do what the reference says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), steps(floating, 1), (s, sequence) => play(s, floating, sequence)),
      explored(15),
    );
  });

  it('several at once do what some order of them does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), steps(floating, 5), (s, sequence) => play(s, floating, sequence)),
      explored(12),
    );
  });

  it('of which some die anywhere are completed by their repetition or the schedule', async () => {
    const risky = fc.record({
      draft: drafts(floating),
      dies: fc.option(fc.record({ at: fc.integer({ min: 1, max: 16 }), repeated: fc.boolean() })),
    });
    const batches = fc.array(fc.array(risky, { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 8,
      size: 'max',
    });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), batches, (s, played) => playWithDeaths(s, floating, played)),
      explored(5),
    );
  });
});
