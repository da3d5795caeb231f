import { describe, expect, it } from 'vitest';
import { explore, type Step } from './explore.ts';

// Explores exhaustively the order of writes when the schedule closes a use of a user's license that has no record: a
// request of session S, another request of S or of a session T that displaces it, a crash, and the schedule's check of
// each use. No step waits for a use to be old: the order must be right at any time.
type SessionId = 'S' | 'T';
interface Use {
  session: SessionId;
  fence: number;
}
interface Session {
  fence: number;
  live: boolean;
  /** Set if the session was displaced: it never begins anew. */
  displaced?: true;
}
interface Request {
  session: SessionId;
  at:
    | 'license'
    | 'record'
    | 'keep'
    | 'adopt'
    | 'void'
    | 'claim'
    | 'put'
    | 'free'
    | 'tell'
    | 'answered'
    | 'refused'
    | 'gone';
  /** The revision of the license, its use, and the revision of the record, as they were read. */
  license: number;
  use?: Use;
  record: number;
  /** The fence of the use that the request takes or has found. */
  fence: number;
  /** The license's revision when the request took it. */
  taken?: number;
  rounds: number;
}
interface State {
  license: { use?: Use; over?: Use; fence: number; revision: number };
  records: Partial<Record<SessionId, Session>>;
  revisions: Record<SessionId, number>;
  /** The uses that lapsed, or that another session has displaced: by its use `by`, of this request. */
  over: { fence: number; by?: number; request?: number }[];
  requests: Request[];
  due: Use[];
  check?: {
    use: Use;
    at: 'license' | 'void' | 'free' | 'close';
    record?: Session;
    revision: number;
    /** The revision of the license, as it was read, if the license has this use. */
    license?: number;
  };
  deaths: number;
  /** How many leases may end, so that a request of the session on another machine closes the use. */
  lapses: number;
  /** How many requests may find the machine of a use without a record removed. */
  removals: number;
}

const request = (session: SessionId): Request => ({
  session,
  at: 'license',
  license: 0,
  record: 0,
  fence: 0,
  rounds: 0,
});
const initialOf = (sessions: readonly SessionId[]): State => ({
  license: { fence: 0, revision: 0 },
  records: {},
  revisions: { S: 0, T: 0 },
  over: [],
  requests: sessions.map(request),
  due: [],
  deaths: 1,
  lapses: sessions.length === 1 ? 1 : 0,
  removals: 1,
});

/** S has taken the license, and died before it recorded its use: it is asked for again, beside T. */
const retried: State = {
  ...initialOf(['S', 'T']),
  license: { use: { session: 'S', fence: 1 }, fence: 1, revision: 1 },
  due: [{ session: 'S', fence: 1 }],
  deaths: 0,
  removals: 0,
};

const inUse = ({ license }: State, fence: number) => license.use?.fence === fence;

/** Ends the record of a displaced use, also if there is no record yet, unless the record is of a newer use. */
const tellOver = (state: State) => {
  const { over } = state.license;
  const record = over && state.records[over.session];
  if (!over || (record && (record.fence > over.fence || (record.fence === over.fence && !record.live)))) return;
  state.records[over.session] = { fence: over.fence, live: false, displaced: true };
  state.revisions[over.session]++;
};

/** Parts of the order that a test can leave out, to show why they are needed. */
interface Order {
  voiding: boolean;
  voidingLost: boolean;
  adopting: boolean;
  voidingRemoved: boolean;
  readingAfter: boolean;
}
const order: Order = { voiding: true, voidingLost: true, adopting: true, voidingRemoved: true, readingAfter: true };

const requestSteps = (
  state: State,
  index: number,
  step: Step<State>,
  { adopting, voidingRemoved, readingAfter }: Order,
) => {
  const { session, at, rounds } = state.requests[index]!;
  if (at === 'answered' || at === 'refused' || at === 'gone' || rounds > (index === 0 ? 1 : 0)) return;
  const does = (label: string, change: (after: State, me: Request) => void) =>
    step(`${index} (${session}): ${label}`, (after) => change(after, after.requests[index]!));
  const again = (me: Request) => {
    delete me.taken;
    Object.assign(me, { at: 'license', rounds: me.rounds + 1 });
  };
  if (state.deaths > 0 && at !== 'license')
    does(`dies before ${at}`, (after, me) => {
      me.at = 'gone';
      after.deaths--;
    });
  if (at === 'license')
    does('reads the license', (after, me) => {
      const { use, revision } = after.license;
      Object.assign(me, { at: 'record', license: revision, use });
    });
  if (at === 'record')
    does('tells what was displaced, and reads the record', (after, me) => {
      if (readingAfter) tellOver(after);
      const record = after.records[session];
      const { use } = me;
      Object.assign(me, { record: after.revisions[session], fence: use?.fence ?? 0 });
      if (!readingAfter) tellOver(after);
      const isOwn = use?.session === session;
      if (isOwn && record?.fence === use.fence && !record.live) me.at = 'free';
      else if (record?.displaced) me.at = 'refused';
      else me.at = isOwn ? 'keep' : 'claim';
    });
  if (at === 'keep')
    does('renews the use', (after, me) => {
      if (!inUse(after, me.fence)) again(me);
      else
        me.at = after.records[session]?.fence === me.fence && me.record > 0 ? 'answered' : adopting ? 'adopt' : 'put';
    });
  if (at === 'adopt')
    does('adopts the use', (after, me) => {
      if (!inUse(after, me.fence)) return void again(me);
      after.license.revision++;
      me.at = 'put';
    });
  if (at === 'adopt' && state.removals > 0)
    does('finds its machine removed', (after, me) => {
      after.removals--;
      if (voidingRemoved) return void Object.assign(me, { at: 'void', taken: me.license });
      // Free the use at the revision that adopting it leaves.
      if (!inUse(after, me.fence)) return void again(me);
      after.license.revision++;
      Object.assign(me, { at: 'free', taken: after.license.revision });
    });
  if (at === 'void')
    does('voids the use', (after, me) => {
      if (after.revisions[session] !== me.record) return void again(me);
      after.records[session] ??= { fence: me.fence, live: false };
      after.revisions[session]++;
      me.at = 'free';
    });
  if (at === 'claim')
    does('takes the license', (after, me) => {
      const { license } = after;
      if (license.revision !== me.license) return void again(me);
      const fence = Math.max(license.fence, after.records[session]?.fence ?? 0) + 1;
      if (license.use) after.over.push({ fence: license.use.fence, by: fence, request: index });
      const use = { session, fence };
      after.license = { use, ...(license.use && { over: license.use }), fence, revision: license.revision + 1 };
      after.due.push(use);
      Object.assign(me, { at: 'put', fence, taken: after.license.revision });
    });
  if (at === 'put')
    does('records', (after, me) => {
      const record = after.records[session];
      const isRecorded = record?.live && record.fence === me.fence;
      if (!isRecorded && after.revisions[session] !== me.record)
        return void (me.use?.fence === me.fence ? again(me) : Object.assign(me, { at: 'free' }));
      if (!isRecorded) {
        after.records[session] = { fence: me.fence, live: true };
        after.revisions[session]++;
      }
      me.at = 'tell';
    });
  if (at === 'tell')
    does('tells what it displaced, and answers', (after, me) => {
      tellOver(after);
      me.at = 'answered';
    });
  if (at === 'free')
    does('gives the license back', (after, me) => {
      const isUntouched = !adopting || me.taken === undefined || me.taken === after.license.revision;
      if (inUse(after, me.fence) && isUntouched) {
        delete after.license.use;
        after.license.revision++;
      }
      again(me);
    });
};

const scheduleSteps = (state: State, step: Step<State>, { voiding, voidingLost, adopting }: Order) => {
  const { check } = state;
  const settled = (after: State, use: Use) => {
    after.due = after.due.filter(({ fence }) => fence !== use.fence);
    delete after.check;
  };
  if (!check) {
    for (const use of state.due)
      step(`schedule: reads the record of ${use.session}/${use.fence}`, (after) => {
        const record = after.records[use.session];
        after.check = { use, at: 'license', ...(record && { record }), revision: after.revisions[use.session] };
      });
    return;
  }
  const { use, record } = check;
  if (check.at === 'license')
    step('schedule: reads the license, and tells what was displaced', (after) => {
      tellOver(after);
      const stands = inUse(after, use.fence);
      if (record?.fence === use.fence) {
        if (!record.live) after.check = { ...check, at: 'close' };
        // The session is live: the next check is at the end of its lease.
        else if (stands || !after.records[use.session]?.live) settled(after, use);
        else after.check!.at = 'close';
      } else if (stands) after.check = { ...check, at: voiding ? 'void' : 'free', license: after.license.revision };
      else if (!voidingLost || (record && record.fence >= use.fence)) settled(after, use);
      else after.check = { ...check, at: 'void' };
    });
  if (check.at === 'void')
    step('schedule: voids the use', (after) => {
      const now = after.records[use.session];
      const isVoid = !record && now?.fence === use.fence && !now.live;
      if (after.revisions[use.session] !== check.revision && !isVoid) return void delete after.check;
      if (!record && !isVoid) after.records[use.session] = { fence: use.fence, live: false };
      if (!isVoid) after.revisions[use.session]++;
      if (check.license !== undefined) after.check!.at = 'free';
      else settled(after, use);
    });
  if (check.at === 'free')
    step('schedule: frees the license', (after) => {
      const { license } = after;
      if (!inUse(after, use.fence) || (adopting && license.revision !== check.license)) return void delete after.check;
      delete license.use;
      license.revision++;
      settled(after, use);
    });
  if (check.at === 'close')
    step('schedule: closes the use, and ends its record', (after) => {
      if (inUse(after, use.fence)) {
        delete after.license.use;
        after.license.revision++;
      }
      const now = after.records[use.session];
      if (now?.live && now.fence === use.fence) {
        now.live = false;
        after.revisions[use.session]++;
      }
      settled(after, use);
    });
};

const stepsOf = (how: Order) => (state: State, step: Step<State>) => {
  for (const index of state.requests.keys()) requestSteps(state, index, step, how);
  scheduleSteps(state, step, how);
  const { use } = state.license;
  if (state.lapses > 0 && use && state.records[use.session]?.fence !== use.fence)
    step('the lease ends, and another machine closes the use', (after) => {
      delete after.license.use;
      after.license.revision++;
      after.over.push({ fence: use.fence });
      after.lapses--;
    });
};

const isOver = (state: State, fence: number) => state.over.some((use) => use.fence === fence);

const violations = (state: State, atRest: boolean): string[] => {
  const wrong: string[] = [];
  for (const { at, fence } of state.requests)
    if (at === 'answered' && !inUse(state, fence) && !isOver(state, fence))
      wrong.push('an answered activation lost its license');
  for (const { fence, by = 0, request = 0 } of state.over)
    if (
      state.requests[request]?.at === 'refused' &&
      !isOver(state, by) &&
      state.requests.some((of) => of.at === 'answered' && of.fence === fence)
    )
      wrong.push('an answered activation lost its license to one that was refused');
  if (!atRest) return wrong;
  const { use } = state.license;
  if (use && !(state.records[use.session]?.live && state.records[use.session]?.fence === use.fence))
    wrong.push('a license in use by nobody');
  for (const record of Object.values(state.records))
    if (record.live && !inUse(state, record.fence)) wrong.push('a session that runs for ever');
  return wrong;
};

const exploreUses = (initial: State, without: Partial<Order> = {}, sought: string[] = []) =>
  explore(initial, stepsOf({ ...order, ...without }), violations, sought);

describe('a use without a record', () => {
  it.each([
    ['S', initialOf(['S'])],
    ['S, S', initialOf(['S', 'S'])],
    ['S, T', initialOf(['S', 'T'])],
    ['S again, T', retried],
  ])('is voided before it is closed: the license is then free, and no answered session loses it (%s)', (_, initial) => {
    const { states, violated } = exploreUses(initial);
    expect(violated).toEqual({});
    expect(states).toBeGreaterThan(100);
  });

  it('could be recorded after its end, if it were closed without being voided', () => {
    const lost = 'an answered activation lost its license';
    expect(exploreUses(initialOf(['S', 'S']), { voiding: false }, [lost]).violated).toHaveProperty(lost);
  });

  it('could be recorded after its lease has ended, if the schedule only forgot it', () => {
    const wrong = 'a session that runs for ever';
    expect(exploreUses(initialOf(['S']), { voidingLost: false }, [wrong]).violated).toHaveProperty(wrong);
  });

  it('could be freed under an answered session, if a request recorded a use that it found without adopting it', () => {
    const lost = 'an answered activation lost its license';
    expect(exploreUses(initialOf(['S', 'S']), { adopting: false }, [lost]).violated).toHaveProperty(lost);
  });

  it('could be freed under an answered session, if a request on a removed machine adopted it without voiding it', () => {
    const lost = 'an answered activation lost its license';
    expect(exploreUses(initialOf(['S', 'S']), { voidingRemoved: false }, [lost]).violated).toHaveProperty(lost);
  });

  it('could be displaced by a session that is refused then, if that read its record before it told the record’s end', () => {
    const lost = 'an answered activation lost its license to one that was refused';
    expect(exploreUses(retried, { readingAfter: false }, [lost]).violated).toHaveProperty(lost);
  });
});
