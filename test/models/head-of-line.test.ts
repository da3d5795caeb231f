import { describe, expect, it } from 'vitest';
import { explore, type Step } from './explore.ts';

// Explores exhaustively the queue of which a poll reads only the head. Each waiting session has two items: its ticket, by
// its session ID, says when it arrived; its entry in the line, by arrival, is all that others read. Requests read, claim,
// verify and record as the engine does; duplicates of a session, its DELETE, a forced end and a crash are at any point.
type Name = 'A' | 'B' | 'C';
interface Rules {
  /** The reads after a claim: the line, then the seats; `none`: the look before the claim decides. */
  verify: 'line, seats' | 'seats, line' | 'none';
  /** The first write of a place. */
  first: 'ticket' | 'entry';
  /** Whether the stamp is written before a place. */
  stampFirst: boolean;
  /** Whether a request that put an entry looks at the ticket and the record again. */
  looksAgain: boolean;
  /** Whether a request that recorded a claim looks for a ticket that a duplicate put meanwhile. */
  looksAfter: boolean;
  /** Whether a ticket with a younger record is void. */
  voids: boolean;
  /** The order in which a session that leaves by its DELETE changes its items. */
  leaving: 'ticket, entry' | 'entry, ticket';
  /** The order in which a session with a seat removes its items. */
  served: 'entry, ticket' | 'ticket, entry';
  /** The first read of a forced end. */
  removal: 'tickets' | 'seats';
}
const good: Rules = {
  verify: 'line, seats',
  first: 'ticket',
  stampFirst: true,
  looksAgain: true,
  looksAfter: true,
  voids: true,
  leaving: 'ticket, entry',
  served: 'entry, ticket',
  removal: 'tickets',
};

interface Request {
  of: Name;
  waits: boolean;
  /** How many more requests it makes. */
  polls: number;
  at: string;
  /** The revision of the record as read; the free seats as seen; the sessions that held one. */
  revision: number;
  fence: number;
  free: number[];
  seated: string;
  stamped: boolean;
  /** The arrival of its place, 0 without one. */
  own: number;
  seat: number;
  /** While the request verifies: who goes first, the free seats so far, the sessions seen on seats. */
  before: string;
  found: number;
  /** The sessions that were told of their places before the claim, and whether it was their turn at no time since. */
  toldBefore: string;
  unfair: boolean;
}
interface State {
  /** Arrivals and revisions count up. */
  time: number;
  /** `X`: another holder; lower case: a claim without a record. */
  seats: string[];
  stamp: boolean;
  /** `fence`: of the record as read before the ticket was put. */
  tickets: Partial<Record<Name, { at: number; fence: number; left?: boolean }>>;
  line: { at: number; of: Name }[];
  records: Partial<Record<Name, { revision: number; status: 'active' | 'ended' | 'forced'; fence: number }>>;
  told: Partial<Record<Name, number>>;
  requests: Request[];
  /** How many seats of X get free, how many sessions end, how many seats an offline license takes, how many crash. */
  frees: number;
  ends: number;
  taken: number;
  crashes: number;
  /** The next step of A's DELETE, or of a forced end of A. */
  leaving?: string;
  removal?: string;
  served: number[];
  bad: string[];
}

const idle = { at: 'out', revision: 0, fence: 0, free: [], seated: '', stamped: false, own: 0, seat: 0 };
const unclaimed = { before: '', found: 0, toldBefore: '', unfair: false };
const request = (of: Name, polls: number, waits = true): Request => ({ of, waits, polls, ...idle, ...unclaimed });
const initial = (waiting: string, requests: Request[], changes: Partial<State> = {}): State => ({
  time: 9,
  seats: ['X'],
  stamp: waiting !== '',
  tickets: Object.fromEntries([...waiting].map((name, index) => [name, { at: index + 1, fence: 0 }])),
  line: [...waiting].map((name, index) => ({ at: index + 1, of: name as Name })),
  records: {},
  told: Object.fromEntries([...waiting].map((name, index) => [name, index + 1])),
  requests,
  frees: 1,
  ends: 0,
  taken: 0,
  crashes: 0,
  served: [],
  bad: [],
  ...changes,
});

const over = 'overtook a session that had been told its place before the claim';
const twice = 'one place was served twice';
const lost = 'a told place that no other request sees';
const stray = 'an entry of a session that does not wait, at rest';
const unstamped = 'an entry that no request looks for';
const removed = 'removed, and goes on';
const twoSeats = 'two licenses of one session';

const holderOf = (seat: string) => seat.toUpperCase();
const put = (state: State, of: Name, at: number) => {
  if (!state.line.some((entry) => entry.at === at && entry.of === of)) state.line.push({ at, of });
  state.line.sort((a, b) => a.at - b.at);
};
const drop = (state: State, of: Name, at: number) => {
  state.line = state.line.filter((entry) => entry.at !== at || entry.of !== of);
};
const dropTicket = (state: State, of: Name, at: number) => {
  if (state.tickets[of]?.at === at) delete state.tickets[of];
};
const revisionOf = (state: State, of: Name) => state.records[of]?.revision ?? 0;
/** Returns whether a session has had a seat since its ticket was put. */
const isServed = (state: State, of: Name) => (state.tickets[of]?.fence ?? 0) < (state.records[of]?.fence ?? 0);
/** Returns the sessions that wait, have been told, and go before a place (0: all), without a seat on record. */
const toldFirst = (state: State, { of, own }: Request) =>
  (Object.keys(state.told) as Name[])
    .filter((name) => name !== of && (own === 0 || state.told[name]! < own) && state.records[name]?.status !== 'active')
    .join('');
/** Returns whether enough seats would be left, if all claims in flight but this one were given back. */
const isFair = (state: State, me: Request) => {
  const left = state.seats.filter((seat, index) => index !== me.seat && (seat === '' || seat === seat.toLowerCase()));
  const still = [...toldFirst(state, me)].filter((name) => me.toldBefore.includes(name));
  return left.length >= still.length;
};

const stepsOf = (rules: Rules) => (state: State, anyStep: Step<State>) => {
  const step: Step<State> = (label, change) =>
    anyStep(label, (after) => {
      change(after);
      for (const me of after.requests) if (me.unfair && isFair(after, me)) me.unfair = false;
    });
  state.seats.forEach((seat, index) => {
    if (seat === 'X' && state.frees > 0)
      step(`seat ${index} gets free`, (after) => {
        after.seats[index] = '';
        after.frees--;
      });
    if (seat === '' && state.taken > 0)
      step(`an offline license takes seat ${index}`, (after) => {
        after.seats[index] = 'X';
        after.taken--;
      });
    if ('ABC'.includes(seat) && seat !== '' && state.ends > 0)
      step(`${seat} ends`, (after) => {
        after.seats[index] = '';
        after.ends--;
        const record = after.records[seat as Name]!;
        Object.assign(record, { status: 'ended', revision: ++after.time });
      });
  });

  state.requests.forEach((request, index) => {
    const { of } = request;
    const does = (label: string, change: (after: State, me: Request) => unknown) =>
      step(`${of}${index} ${label}`, (after) => change(after, after.requests[index]!));
    const goes = (me: Request, at: string) => Object.assign(me, { at });
    const rests = (me: Request) => Object.assign(me, idle, unclaimed);
    const tells = (after: State, me: Request) => {
      const ticket = after.tickets[of];
      const isLate = revisionOf(after, of) !== me.revision || ticket?.at !== me.own || ticket.left;
      if (!isLate) after.told[of] = me.own;
      rests(me);
    };
    const joins = (me: Request) => {
      if (!me.waits) return rests(me);
      return goes(me, me.own === 0 ? (rules.stampFirst ? 'stamp' : rules.first) : 'keep');
    };
    const inFlight = !['out', 'dead', 'stamped late'].includes(request.at);
    if (inFlight && state.crashes > 0)
      does('dies', (after, me) => {
        after.crashes--;
        // Its lease ends.
        after.seats = after.seats.map((seat) => (seat === of.toLowerCase() ? '' : seat));
        Object.assign(me, idle, unclaimed, { at: 'dead' });
      });
    if (request.at === 'out' && request.polls > 0)
      does('reads', (after, me) => {
        me.polls--;
        const record = after.records[of];
        if (record?.status === 'forced') {
          delete after.told[of];
          return goes(me, 'dead');
        }
        me.revision = record?.revision ?? 0;
        me.fence = record?.fence ?? 0;
        if (record?.status === 'active') return goes(me, 'after');
        if (after.seats.includes(of.toLowerCase())) return rests(me);
        me.free = after.seats.flatMap((seat, number) => (seat === '' ? [number] : []));
        me.seated = after.seats.join('').toUpperCase();
        me.stamped = after.stamp;
        return goes(me, after.stamp ? 'look' : 'choose');
      });
    if (request.at === 'look')
      does('reads its ticket and the head', (after, me) => {
        const ticket = after.tickets[of];
        if (rules.voids && ticket && isServed(after, of)) return Object.assign(me, { at: 'forget', own: ticket.at });
        me.own = ticket && !ticket.left ? ticket.at : 0;
        const ahead = after.line.filter((entry) => entry.of !== of && (me.own === 0 || entry.at < me.own));
        me.found = ahead.filter((entry) => !me.seated.includes(entry.of)).length;
        return goes(me, 'choose');
      });
    if (request.at === 'forget')
      does('removes its void place', (after, me) => {
        drop(after, of, me.own);
        dropTicket(after, of, me.own);
        return rests(me);
      });
    if (request.at === 'choose') {
      const number = request.free[request.found];
      if (number === undefined) does('finds no seat', (_, me) => joins(me));
      else
        does(`claims seat ${number}`, (after, me) => {
          if (after.seats[number] !== '') return rests(me);
          after.seats[number] = of.toLowerCase();
          Object.assign(me, { seat: number, found: 0, at: 'verify', before: '', toldBefore: toldFirst(after, me) });
          me.unfair = true;
          if (rules.verify === 'none') goes(me, 'record');
          else if (rules.verify === 'seats, line') goes(me, 'verify seat 0');
        });
    }
    const others = (after: State, me: Request) =>
      after.line.filter((entry) => entry.of !== of && (me.own === 0 || entry.at < me.own)).map((entry) => entry.of);
    if (request.at === 'verify')
      does('reads the line again', (after, me) => {
        const wasSeen = rules.verify === 'seats, line';
        const before = after.stamp ? others(after, me) : [];
        if (wasSeen) {
          const left = before.filter((name) => !me.before.includes(name));
          return goes(me, me.found >= left.length ? 'record' : 'give back');
        }
        me.before = before.join('');
        return goes(me, before.length === 0 ? 'record' : 'verify seat 0');
      });
    const number = /^verify seat (\d)$/.exec(request.at)?.[1];
    if (number !== undefined)
      does(`reads seat ${number} again`, (after, me) => {
        const seat = after.seats[Number(number)]!;
        if (seat === '') me.found++;
        else if (rules.verify === 'seats, line') me.before += holderOf(seat);
        else me.before = me.before.replace(holderOf(seat), '');
        if (Number(number) + 1 < after.seats.length) return goes(me, `verify seat ${Number(number) + 1}`);
        if (rules.verify === 'seats, line') return goes(me, 'verify');
        return goes(me, me.found >= me.before.length ? 'record' : 'give back');
      });
    if (request.at === 'record')
      does('records', (after, me) => {
        if (revisionOf(after, of) !== me.revision) return goes(me, 'give back');
        if (me.unfair) after.bad.push(over);
        if (me.own !== 0 && after.served.includes(me.own)) after.bad.push(twice);
        if (me.own !== 0) after.served.push(me.own);
        after.seats[me.seat] = of;
        after.records[of] = { revision: ++after.time, status: 'active', fence: me.fence + 1 };
        delete after.told[of];
        return goes(me, me.own !== 0 ? 'clean' : rules.looksAfter ? 'after' : 'done');
      });
    if (request.at === 'give back')
      does('gives its seat back', (after, me) => {
        if (after.seats[me.seat] === of.toLowerCase()) after.seats[me.seat] = '';
        return rests(me);
      });
    if (request.at === 'after')
      does('looks for a ticket', (after, me) => {
        const ticket = after.tickets[of];
        return ticket && isServed(after, of) ? Object.assign(me, { at: 'clean', own: ticket.at }) : rests(me);
      });
    const entryFirst = rules.served === 'entry, ticket';
    if (request.at === 'clean')
      does(`removes its ${entryFirst ? 'entry' : 'ticket'}`, (after, me) => {
        (entryFirst ? drop : dropTicket)(after, of, me.own);
        goes(me, 'clean the rest');
      });
    if (request.at === 'clean the rest')
      does(`removes its ${entryFirst ? 'ticket' : 'entry'}`, (after, me) => {
        (entryFirst ? dropTicket : drop)(after, of, me.own);
        // The refused removal shows another ticket.
        goes(me, rules.looksAfter && after.tickets[of] ? 'after' : 'done');
      });
    if (request.at === 'done') does('is done', (_, me) => rests(me));
    if (request.at === 'stamp')
      does('stamps', (after, me) => {
        after.stamp = true;
        goes(me, rules.first);
      });
    if (request.at === 'ticket')
      does('puts its ticket', (after, me) => {
        const there = after.tickets[of];
        if (!there || there.left) after.tickets[of] = { at: me.own || ++after.time, fence: me.fence };
        me.own = after.tickets[of]!.at;
        goes(me, rules.first === 'ticket' ? 'entry' : 'again');
      });
    if (request.at === 'entry')
      does('puts its entry', (after, me) => {
        me.own ||= ++after.time;
        put(after, of, me.own);
        goes(me, rules.first === 'ticket' ? 'again' : 'ticket');
      });
    if (request.at === 'again') {
      if (!rules.stampFirst && !request.stamped)
        does('stamps', (after, me) => {
          after.stamp = true;
          me.stamped = true;
        });
      else if (!rules.looksAgain) does('answers', tells);
      else
        does('looks at its ticket and record again', (after, me) => {
          const ticket = after.tickets[of];
          const isForced = after.records[of]?.status === 'forced';
          const isSame = ticket?.at === me.own && !ticket.left && !isServed(after, of) && !isForced;
          return isSame ? tells(after, me) : goes(me, 'withdraw');
        });
    }
    if (request.at === 'withdraw')
      does('removes its entry', (after, me) => {
        drop(after, of, me.own);
        rests(me);
      });
    if (request.at === 'keep')
      does('renews its entry', (after, me) => {
        const isThere = after.line.some((entry) => entry.of === of && entry.at === me.own);
        return isThere ? tells(after, me) : goes(me, 'entry');
      });
  });

  // The DELETE of A.
  const leaves = (label: string, change: (after: State) => unknown) => step(`A's DELETE ${label}`, change);
  const marks = (after: State) => {
    delete after.told.A;
    if (after.tickets.A) after.tickets.A.left = true;
  };
  const arrival = state.tickets.A?.at ?? 0;
  if (state.leaving === 'begin')
    leaves(rules.leaving === 'ticket, entry' ? 'marks the ticket' : 'removes the entry', (after) => {
      if (rules.leaving === 'ticket, entry') marks(after);
      else drop(after, 'A', arrival);
      after.leaving = `rest ${arrival}`;
    });
  if (state.leaving?.startsWith('rest'))
    leaves('does the rest', (after) => {
      if (rules.leaving === 'ticket, entry') drop(after, 'A', Number(state.leaving!.slice(5)));
      else marks(after);
      after.leaving = 'done';
    });

  // A forced end of A: what waits, and what holds a seat.
  const ends = (label: string, change: (after: State) => unknown) => step(`the forced end ${label}`, change);
  const force = (after: State) => {
    const { fence = 0, status } = after.records.A ?? {};
    if (status !== 'forced') after.records.A = { status: 'forced', revision: ++after.time, fence };
    delete after.told.A;
  };
  const order = rules.removal === 'tickets' ? ['tickets', 'seats', 'done'] : ['seats', 'tickets', 'done'];
  const next = (what: string) => order[order.indexOf(what) + 1]!;
  if (state.removal === 'begin') ends('begins', (after) => Object.assign(after, { removal: order[0] }));
  if (state.removal === 'tickets')
    ends('reads the tickets', (after) => {
      after.removal = after.tickets.A ? `forces ${after.tickets.A.at}` : next('tickets');
    });
  if (state.removal?.startsWith('forces'))
    ends('writes the record', (after) => {
      if (after.records.A?.status === 'active') after.removal = next('tickets');
      else {
        force(after);
        after.removal = state.removal!.replace('forces', 'entry');
      }
    });
  if (state.removal?.startsWith('entry'))
    ends('removes entry and ticket', (after) => {
      const at = Number(state.removal!.slice(6));
      drop(after, 'A', at);
      dropTicket(after, 'A', at);
      after.removal = next('tickets');
    });
  if (state.removal === 'seats')
    ends('reads the seats', (after) => {
      after.removal = after.seats.some((seat) => holderOf(seat) === 'A') ? 'frees' : next('seats');
    });
  if (state.removal === 'frees')
    ends('ends what holds a seat', (after) => {
      force(after);
      after.seats = after.seats.map((seat) => (holderOf(seat) === 'A' ? '' : seat));
      after.removal = next('seats');
    });
};

const violations = (state: State): string[] => {
  const found = [...state.bad];
  const isRemoved = state.removal === 'done';
  if (isRemoved && (state.records.A?.status !== 'forced' || state.seats.includes('A'))) found.push(removed);
  for (const of of ['A', 'B', 'C'] as const) {
    if (state.seats.filter((seat) => seat === of).length > 1) found.push(twoSeats);
    const own = state.requests.filter((me) => me.of === of);
    if (own.some((me) => !['out', 'dead'].includes(me.at))) continue;
    const entries = state.line.filter((entry) => entry.of === of);
    if (entries.length > 0 && !state.stamp) found.push(unstamped);
    if (state.told[of] !== undefined && !entries.some((entry) => entry.at === state.told[of])) found.push(lost);
    const underway = of === 'A' && [state.leaving, state.removal].some((at) => at && at !== 'done');
    if (underway || own.some((me) => me.at === 'dead')) continue;
    const ticket = state.tickets[of];
    const waits = (at: number) => ticket?.at === at && !ticket.left && state.records[of]?.status !== 'active';
    if (entries.some(({ at }) => !waits(at))) found.push(stray);
  }
  return found;
};

const two = { seats: ['X', 'X'], frees: 2 };
const cases = {
  'two wait, one comes': initial('AB', [request('A', 1), request('B', 1), request('C', 1, false)], two),
  'three wait': initial('ABC', [request('A', 1), request('B', 1), request('C', 1)], two),
  'an offline license takes one': initial('AB', [request('A', 1), request('C', 1, false)], {
    seats: ['', '', ''],
    frees: 0,
    taken: 1,
  }),
  'one joins, one comes': initial('', [request('A', 2), request('C', 1, false)]),
  'two join': initial('', [request('A', 2), request('B', 2)]),
  duplicates: initial('', [request('A', 2), request('A', 2)], { ends: 1 }),
  'duplicates of a waiting one': initial('AB', [request('A', 2), request('A', 1), request('B', 1)], { ends: 1 }),
  'a crash': initial('', [request('A', 2), request('A', 1), request('C', 1, false)], { crashes: 1, frees: 0 }),
  'its DELETE': initial('A', [request('A', 1), request('A', 1)], { leaving: 'begin' }),
  'a forced end': initial('A', [request('A', 2), request('A', 1)], { removal: 'begin' }),
};
const violatedIn = (name: keyof typeof cases, rules: Partial<Rules>) =>
  Object.keys(explore(cases[name], stepsOf({ ...good, ...rules }), violations).violated);

describe('a queue of which a request reads only the head', () => {
  it.each(Object.entries(cases))('keeps the order and every told place: %s', (_, state) => {
    const { states, violated } = explore(state, stepsOf(good), violations);
    expect(violated).toEqual({});
    expect(states).toBeGreaterThan(100);
  });

  it.each<[string, Partial<Rules>, keyof typeof cases, string]>([
    ['the look before the claim decided', { verify: 'none' }, 'three wait', over],
    ['a newcomer did not verify', { verify: 'none' }, 'two wait, one comes', over],
    ['the seats were verified before the line', { verify: 'seats, line' }, 'an offline license takes one', over],
    ['the place were written before the stamp', { stampFirst: false }, 'a crash', unstamped],
    ['the entry were put before the ticket', { first: 'entry' }, 'duplicates', stray],
    ['a request with a new entry did not look again', { looksAgain: false }, 'duplicates', stray],
    ['a request with a license did not look for a ticket', { looksAfter: false }, 'duplicates', stray],
    ['a ticket outlived its use', { voids: false }, 'duplicates of a waiting one', twice],
    ['a DELETE removed the entry first', { leaving: 'entry, ticket' }, 'its DELETE', stray],
    ['a forced end read the seats first', { removal: 'seats' }, 'a forced end', removed],
  ])('would break if %s', (_, rules, name, violation) => {
    expect(violatedIn(name, rules)).toContain(violation);
  });
});
