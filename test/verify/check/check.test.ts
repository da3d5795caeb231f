import { describe, expect, it } from 'vitest';
import { allMutants, occurrences } from '../service/mutants.ts';
import { slopePerHour, unprovoked } from '../steadiness.ts';
import { check } from './check.ts';
import { type AuditRow, type Call, type Entry, type HistoryRow, historyOf, type Lists, type Terms } from './log.ts';

// The times of these histories are seconds; a lease lasts 6 s.
const epoch = Date.parse('2027-01-31T09:00:00.000Z');
const at = (seconds: number) => epoch + seconds * 1000;
const utc = (seconds: number) => new Date(at(seconds)).toISOString();

const settings: Entry = {
  kind: 'settings',
  skewMs: 0,
  lingerMs: 20_000,
  scheduleMs: 60_000,
  products: { P: { licenseType: 'floating', leaseMs: 6_000 }, U: { licenseType: 'per-user', leaseMs: 6_000 } },
};

let n = 0;
type Rest = Partial<Omit<Call, 'begin' | 'end'>>;
/** A call from `begin` to `end` (seconds); `end` null: no answer came. */
const call = (op: Call['op'], begin: number, end: number | null, status: number | null, rest: Rest = {}): Call => {
  n++;
  return { kind: 'call', n, op, product: 'P', begin: at(begin), end: end === null ? null : at(end), status, ...rest };
};

const active: Terms = { quota: 1, machineQuota: 9, status: 'active', expiresAt: at(1_000_000) };
const terms = (begin: number, end: number | null, changed: Partial<Terms> = {}, status: number | null = 200) =>
  call('set-terms', begin, end, end === null ? null : status, { terms: { ...active, ...changed } });

/** An answered activation; the seat, the machine and the member follow from the session: a1 is on seat 1. */
const activated = (
  session: string,
  begin: number,
  end: number,
  rest: { fence?: number; machine?: string; activatedAt?: number; seat?: number } = {},
) => {
  const { fence = 1, machine = `m-${session}`, activatedAt = begin, seat = Number(session.slice(1)) } = rest;
  return call('activate', begin, end, 201, {
    session,
    user: `u-${session}`,
    machine,
    answer: { seat, fence, machineId: machine, activatedAt: utc(activatedAt), leaseExpiresAt: utc(begin + 6) },
  });
};
const beat = (
  session: string,
  begin: number,
  end: number,
  status = 200,
  { activatedAt = 0, reason = 'lease-expired', lease = 6 } = {},
) =>
  call('heartbeat', begin, end, status, {
    session,
    user: `u-${session}`,
    seat: Number(session.slice(1)),
    fence: 1,
    answer:
      status === 200
        ? {
            seat: Number(session.slice(1)),
            fence: 1,
            machineId: `m-${session}`,
            activatedAt: utc(activatedAt),
            leaseExpiresAt: utc(begin + lease),
          }
        : { code: 'activation-ended', endedReason: reason },
  });
const refused = (session: string, begin: number, end: number, code = 'license-quota-exceeded') =>
  call('activate', begin, end, 409, { session, user: `u-${session}`, machine: `m-${session}`, answer: { code } });
const released = (session: string, begin: number, end: number | null, fence = 1) =>
  call('release', begin, end, end === null ? null : 204, { session, user: `u-${session}`, fence });

const rules = (...entries: Entry[]) => [...new Set(check(historyOf([settings, ...entries])).map(({ rule }) => rule))];

describe('the quota', () => {
  const two = terms(0, 0.1, { quota: 2 });
  it('is kept by as many holders as it allows, one after another or at once', () => {
    expect(rules(two, activated('a1', 1, 2), activated('a2', 1, 2))).toEqual([]);
    expect(rules(terms(0, 0.1), activated('a1', 1, 2), released('a1', 3, 4), activated('a2', 3.5, 5))).toEqual([]);
  });
  it('is broken by one holder more than it, while their leases last', () => {
    expect(rules(terms(0, 0.1), activated('a1', 1, 2), activated('a2', 3, 4))).toEqual(['quota']);
    expect(rules(terms(0, 0.1), activated('a1', 1, 2), activated('a2', 7, 8))).toEqual([]);
  });
  it('counts a session that a heartbeat proves to have held all the time, though an end was under way', () => {
    const open = released('a1', 3, null);
    expect(rules(terms(0, 0.1), activated('a1', 1, 2), open, activated('a2', 4, 5))).toEqual([]);
    expect(
      rules(
        terms(0, 0.1),
        activated('a1', 1, 2),
        open,
        activated('a2', 4, 5),
        beat('a1', 6, 6.1, 200, { activatedAt: 1 }),
      ),
    ).toEqual(['quota']);
  });
  it('is not broken by sessions from before a cut, but by one that begins after it', () => {
    const before = [two, activated('a1', 1, 2), activated('a2', 1, 2)];
    expect(rules(...before, terms(3, 3.1))).toEqual([]);
    expect(rules(...before, terms(3, 3.1), activated('a3', 4, 5))).toEqual(['quota']);
    // The cut was under way while the session began, or it has no answer.
    expect(rules(two, activated('a1', 1, 2), terms(3, 5), activated('a2', 4, 4.5))).toEqual([]);
    expect(rules(two, activated('a1', 1, 2), terms(3, null), activated('a2', 4, 4.5))).toEqual([]);
  });
  it('is not broken by a larger quota that may be in force already', () => {
    expect(rules(terms(0, 0.1), activated('a1', 1, 2), terms(3, null, { quota: 2 }), activated('a2', 4, 5))).toEqual(
      [],
    );
  });
  it('counts offline licenses until their expiry, or until the vendor voids them', () => {
    const issued = call('issue', 1, 2, 201, {
      key: 'k',
      machine: 'm',
      answer: { id: 'o1', issuedAt: utc(1), expiresAt: utc(100) },
    });
    expect(rules(terms(0, 0.1), issued, activated('a1', 3, 4))).toEqual(['quota']);
    const voided = call('void', 2.5, 2.8, 200, { license: 'o1', answer: { id: 'o1' } });
    expect(rules(terms(0, 0.1), issued, voided, activated('a1', 3, 4))).toEqual([]);
  });
  it('bounds machines, too', () => {
    const oneMachine = terms(0, 0.1, { quota: 5, machineQuota: 1 });
    expect(rules(oneMachine, activated('a1', 1, 2, { machine: 'm' }), activated('a2', 1, 2, { machine: 'm' }))).toEqual(
      [],
    );
    expect(rules(oneMachine, activated('a1', 1, 2), activated('a2', 1, 2))).toEqual(['machine quota']);
  });
  it('bounds licensed users, whose licenses have no end', () => {
    const user = (name: string, begin: number) =>
      call('grant', begin, begin + 1, 201, { product: 'U', user: name, answer: { licensedAt: utc(begin) } });
    const sold = { ...terms(0, 0.1), product: 'U' };
    const revoked = call('revoke', 500, 501, 204, { product: 'U', user: 'x' });
    expect(rules(sold, user('x', 1), user('y', 999))).toEqual(['quota']);
    expect(rules(sold, user('x', 1), revoked, user('y', 999))).toEqual([]);
  });
});

describe('a seat', () => {
  const sold = terms(0, 0.1, { quota: 5 });
  it('has one holder at a time, and a fence for each', () => {
    expect(rules(sold, activated('a1', 1, 2), activated('b1', 3, 4, { fence: 2 }))).toEqual(['one holder of a seat']);
    expect(rules(sold, activated('a1', 1, 2), activated('b1', 9, 10))).toEqual(['growing fences']);
    expect(rules(sold, activated('a1', 1, 2, { fence: 2 }), activated('b1', 9, 10, { fence: 1 }))).toEqual([
      'growing fences',
    ]);
    expect(rules(sold, activated('a1', 1, 2), activated('b1', 9, 10, { fence: 2 }))).toEqual([]);
  });
  it('is the only one of its session', () => {
    expect(rules(sold, activated('a1', 1, 2), activated('a1', 1.5, 3, { seat: 2 }))).toEqual(['one seat of a session']);
  });
  it('is kept while its lease lasts', () => {
    expect(rules(sold, activated('a1', 1, 2), beat('a1', 3, 4, 410))).toEqual(['kept leases']);
    expect(rules(sold, activated('a1', 1, 2), beat('a1', 3, 8, 410))).toEqual([]);
    expect(rules(sold, activated('a1', 1, 2), released('a1', 2.5, null), beat('a1', 3, 4, 410))).toEqual([]);
  });
  it('is lost for good', () => {
    expect(
      rules(sold, activated('a1', 1, 2), released('a1', 3, 4), beat('a1', 5, 6, 200, { activatedAt: 1 })),
    ).toContain('ends are final');
  });
});

describe('the terms', () => {
  const suspended = terms(3, 4, { status: 'suspended' });
  it('of a suspended subscription allow no activation and no heartbeat', () => {
    expect(rules(terms(0, 0.1), suspended, activated('a1', 5, 6))).toEqual(['terms']);
    expect(rules(terms(0, 0.1), activated('a1', 1, 2), suspended, beat('a1', 5, 6, 200, { activatedAt: 1 }))).toEqual([
      'terms',
    ]);
    expect(rules(terms(0, 0.1), suspended, activated('a1', 3.5, 6))).toEqual([]);
  });
  it('of an active one suspend nobody', () => {
    const turnedAway = call('activate', 5, 6, 403, { session: 'a1', answer: { code: 'subscription-suspended' } });
    expect(rules(terms(0, 0.1), turnedAway)).toEqual(['no false refusal']);
    expect(rules(terms(0, 0.1), suspended, turnedAway)).toEqual([]);
  });
});

describe('a refusal', () => {
  const sold = terms(0, 0.1);
  it('is true while others hold, or may hold, all of the quota', () => {
    expect(rules(sold, activated('a1', 1, 2), refused('b2', 3, 4))).toEqual([]);
    // A session without an answer may hold a seat: until its request's last effect, and a lease.
    const open = call('activate', 1, null, null, { session: 'a1', machine: 'm' });
    expect(rules(sold, open, refused('b2', 20, 21))).toEqual([]);
    expect(rules(sold, open, refused('b2', 40, 41))).toEqual(['no false refusal']);
    expect(rules(sold, { ...open, over: at(3) }, refused('b2', 8, 8.5))).toEqual([]);
    expect(rules(sold, { ...open, over: at(3) }, refused('a1', 4, 5), refused('b2', 8, 8.5))).toEqual([
      'no false refusal',
    ]);
    expect(rules(sold, { ...open, over: at(3) }, refused('b2', 10, 11))).toEqual(['no false refusal']);
    expect(
      rules(sold, { kind: 'storm', from: at(0), to: at(2), quiet: at(4), late: 1 }, refused('b2', 9.5, 11)),
    ).toEqual([]);
    expect(
      rules(
        sold,
        { ...open, over: at(3) },
        { kind: 'storm', from: at(0), to: at(2), quiet: at(4), late: 0 },
        refused('b2', 9.5, 11),
      ),
    ).toEqual([]);
    expect(rules(sold, open, { kind: 'kill', at: at(2), quiet: at(3), back: at(5) }, refused('b2', 20, 21))).toEqual([
      'no false refusal',
    ]);
  });
  it('is false once the lease of the last holder has ended, or it was released', () => {
    expect(rules(sold, activated('a1', 1, 2), refused('b2', 8, 9))).toEqual(['no false refusal']);
    expect(rules(sold, activated('a1', 1, 2), released('a1', 2.5, 3), refused('b2', 4, 5))).toEqual([
      'no false refusal',
    ]);
    expect(rules(sold, activated('a1', 1, 2), released('a1', 2.5, null), refused('b2', 4, 5))).toEqual([]);
  });
  it('of a machine is false while fewer machines can be in use', () => {
    expect(rules(sold, refused('a1', 1, 2, 'machine-quota-exceeded'))).toEqual(['no false refusal']);
  });
});

describe('the queue', () => {
  const waits = (session: string, begin: number) =>
    call('activate', begin, begin + 0.1, 202, {
      session,
      user: `u-${session}`,
      machine: `m-${session}`,
      waits: true,
      answer: { waitsUntil: utc(100) },
    });
  const full = [terms(0, 0.1), activated('a1', 1, 2), released('a1', 6, 6.5)];
  it('serves the first that waits', () => {
    expect(rules(...full, waits('b1', 3), activated('b1', 7, 7.1, { fence: 2 }))).toEqual([]);
    expect(rules(...full, waits('b1', 3), activated('c1', 7, 7.1, { fence: 2 }))).toEqual(['first come, first served']);
  });
  it('serves a later one if a license is left for the first, or the first is silent', () => {
    expect(rules(terms(0, 0.1, { quota: 2 }), waits('b1', 3), activated('c1', 7, 7.1))).toEqual([]);
    expect(rules(...full, waits('b1', 3), activated('c1', 14, 14.1, { fence: 2 }))).toEqual([]);
  });
  it('does not decide between two that came at once', () => {
    expect(
      rules(
        ...full,
        waits('b1', 3),
        call('activate', 3.05, 3.2, 202, { session: 'c1', waits: true, answer: {} }),
        activated('c1', 7, 7.1, { fence: 2 }),
      ),
    ).toEqual([]);
  });
});

describe('the reports', () => {
  const sold = terms(0, 0.1);
  const calls = [sold, activated('a1', 1, 2), released('a1', 3, 4)];
  const row = (changed: Partial<HistoryRow> = {}): HistoryRow => ({
    sessionId: 'a1',
    userId: 'u-a1',
    machineId: 'm-a1',
    seat: 1,
    fence: 1,
    status: 'ended',
    activatedAt: utc(1),
    endedAt: utc(3),
    endedReason: 'released',
    ...changed,
  });
  const events = ({ sessionId, fence, endedReason }: HistoryRow): AuditRow[] =>
    [['activation.started', undefined] as const, ['activation.ended', endedReason] as const].map(
      ([action, reason]) => ({
        id: `${action}-${sessionId}-${fence}`,
        at: utc(3),
        action,
        target: { type: 'activation', id: sessionId },
        details: { fence, reason },
      }),
    );
  const lists = (sessions: HistoryRow[], changed: Partial<Lists> = {}): Lists => ({
    kind: 'lists',
    product: 'P',
    sessions,
    audit: sessions.flatMap(events),
    usage: [{ from: utc(0), peak: 1, quota: 1 }],
    ...changed,
  });
  it('have each session once, with its reason', () => {
    expect(rules(...calls, lists([row()]))).toEqual([]);
    expect(rules(...calls, lists([], { usage: [] }))).toEqual(['history']);
    expect(rules(...calls, lists([row(), row()]))).toContain('history');
    expect(rules(...calls, lists([row({ endedReason: 'license-removed' })]))).toEqual(['one true reason']);
    expect(rules(...calls, lists([row({ endedReason: 'lease-expired' })]))).toEqual(['one true reason']);
    expect(rules(...calls, lists([row({ endedAt: utc(2) })]))).toEqual(['history']);
  });
  it('allow each reason that an open call may have given', () => {
    const open = [sold, activated('a1', 1, 2), released('a1', 3, null)];
    for (const endedReason of ['released', 'lease-expired'])
      expect(rules(...open, lists([row({ endedReason })]))).toEqual([]);
    expect(rules(...open, lists([row({ endedReason: 'machine-removed' })]))).toEqual(['one true reason']);
  });
  it('do not count the removal of a machine to which the session did not move', () => {
    const elsewhere = [
      sold,
      activated('a1', 1, 2),
      call('transfer', 2.2, 2.3, 409, { session: 'a1', machine: 'other', answer: {} }),
      call('remove-machine', 2.5, 2.6, 204, { machine: 'other' }),
    ];
    expect(rules(...elsewhere, lists([row({ endedReason: 'lease-expired', endedAt: utc(7) })]))).toEqual([]);
  });
  it('allow the end of a lease that an expiry cut short, and a renewal did not make longer again', () => {
    const until = Date.parse(utc(3));
    const removed = call('force', 3.5, 3.6, 204, { session: 'a1' });
    const cut = [sold, activated('a1', 1, 1.5), terms(1.6, 1.7, { expiresAt: until })];
    const renewed = [beat('a1', 2, 2.1, 200, { activatedAt: 1, lease: 1 }), terms(3.1, 3.2), removed];
    expect(rules(...cut, ...renewed, lists([row({ endedReason: 'lease-expired' })]))).toEqual([]);
    const late = row({ endedReason: 'lease-expired', endedAt: utc(3.6) });
    expect(rules(sold, activated('a1', 1, 1.5), removed, lists([late]))).toEqual(['one true reason']);
  });
  it('give the reason that the holder was told', () => {
    const told = beat('a1', 5, 5.1, 410, { reason: 'lease-expired' });
    expect(rules(...calls, told, lists([row()]))).toEqual(['one true reason']);
  });
  it('have a usage within the quota that agrees with the history', () => {
    expect(rules(...calls, lists([row()], { usage: [{ from: utc(0), peak: 2, quota: 1 }] }))).toEqual(['usage']);
  });
  it('have an event for each start, each end and each change of the terms', () => {
    expect(rules(...calls, lists([row()], { audit: [] }))).toEqual(['audit']);
    expect(rules(...calls, terms(5, 6, { quota: 3 }), lists([row()]))).toEqual(['audit']);
    const changed: AuditRow = {
      id: 'c',
      at: utc(0),
      action: 'subscription.changed',
      target: { type: 'subscription', id: 'P' },
      details: { after: { quota: 3 } },
    };
    expect(rules(...calls, terms(5, 6, { quota: 3 }), lists([row()], { audit: [...events(row()), changed] }))).toEqual(
      [],
    );
  });
});

describe('a soak', () => {
  it('fits how much a measure grows in an hour', () => {
    const minute = 60_000;
    expect(slopePerHour([0, 1, 2, 3].map((n) => [n * minute, 5 + n] as const))).toBeCloseTo(60);
    expect(slopePerHour([0, 1, 2].map((n) => [n * minute, 5] as const))).toBe(0);
  });
  it('counts only the 5xx that no fault explains', () => {
    const failed = [1, 9, 30, 58].map((begin) => call('heartbeat', begin, begin + 3, 500));
    expect(
      unprovoked(
        failed,
        [
          { from: at(0), to: at(5) },
          { from: at(60), to: at(70) },
        ],
        10_000,
      ),
    ).toEqual([failed[2]]);
  });
});

it('each planted bug still has its place in the source', () => {
  expect(allMutants.map((mutant) => [mutant.number, occurrences(mutant)])).toEqual(
    allMutants.map(({ number }) => [number, 1]),
  );
});
