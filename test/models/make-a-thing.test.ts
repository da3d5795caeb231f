import { describe, expect, it } from 'vitest';
import { explore, type Step } from './explore.ts';

// Explores exhaustively how a thing is made under a right that may end, with a list that bounds how many there are: put as
// pending, join the list, read the right, complete. Two requests make `a`: one repeats the other. For the maximum a third makes
// `b`, beside a thing `o` from before that is on the list, or there is no list yet; for the right, the right of both ends. A lost
// answer to a join, the end of `o`, and the check that deletes a pending thing come at any time. A request may stop for good
// after each step: these states are among the explored ones.
const [makers, things] = [['A', 'A2', 'B'] as const, ['a', 'b', 'o'] as const];
type Maker = (typeof makers)[number];
type Thing = (typeof things)[number];
type Status = 'none' | 'pending' | 'voided' | 'made' | 'ended';
interface Making {
  at: 'put' | 'join' | 'list' | 'sort' | 'right' | 'complete' | 'answered' | 'refused' | 'undo';
  /** The pending thing that this request put or found. */
  name: number;
  /** The list and the things, as the request read them to sort the list out. */
  version: number;
  listed: string;
  read: string;
  kept: string;
}
interface State {
  status: Record<Thing, Status>;
  /** How often `a` was put: each pending thing has a name of its own. */
  puts: number;
  /** Version 0: there is no list yet. `last`: the thing that joined last. */
  list: { version: number; names: string; last: string };
  makers: Record<Maker, Making>;
  right: 'stands' | 'lost';
  /** The end of the right: it ends, its pending and made things are listed and ended, and then it is answered. */
  remover: 'end' | 'list' | 'void' | 'answered';
  ends: number;
  losses: number;
  checks: number;
}
interface Rules {
  maximum: number;
  /** Whether the right is read after the thing is put as pending, not only before. */
  readsAfter?: boolean;
  /** Whether a request completes only the pending thing that it put or found. */
  named?: boolean;
  /** Whether only a thing that was not voided is completed. */
  careful?: boolean;
  /** Whether the end of a right ends pending things, too. */
  voids?: boolean;
  /** Whether pending things keep their places when the list is sorted out. */
  keepsPending?: boolean;
  /** Whether a sorted list is written only if nobody joined meanwhile. */
  versioned?: boolean;
  /** Whether a request that finds its thing listed writes the list, too. */
  joinsAnew?: boolean;
}

const making = (at: Making['at'] = 'put'): Making => ({ at, name: 0, version: 0, listed: '', read: '', kept: '' });
const someList = { version: 1, names: 'o', last: '' };
const base = {
  status: { a: 'none', b: 'none', o: 'made' },
  puts: 0,
  list: someList,
  makers: { A: making(), A2: making(), B: making() },
  right: 'stands',
  remover: 'answered',
  ends: 1,
  losses: 1,
  checks: 1,
} as const satisfies State;
const withList: State = base;
const withoutList: State = { ...base, losses: 0, ends: 0, list: { version: 0, names: '', last: '' } };
const ofRight: State = {
  ...base,
  remover: 'end',
  ends: 0,
  losses: 0,
  makers: { ...base.makers, B: making('refused') },
};
const thingOf = (maker: Maker): Thing => (maker === 'B' ? 'b' : 'a');
const sorted = (names: string) => [...new Set(names)].sort().join('');

const stepsOf = ({
  maximum,
  readsAfter = true,
  named = true,
  careful = true,
  voids = true,
  keepsPending = true,
  versioned = true,
  joinsAnew = true,
}: Rules) => {
  const join = ({ list, makers: all }: State, maker: Maker) => {
    const thing = thingOf(maker);
    const isListed = list.names.includes(thing);
    if (isListed && !joinsAnew) all[maker].at = 'right';
    else if (list.version > 0 && (isListed ? list.last === thing : list.names.length < maximum)) {
      Object.assign(list, { version: list.version + 1, names: sorted(list.names + thing), last: thing });
      all[maker].at = 'right';
    } else all[maker].at = 'list';
  };
  return (state: State, step: Step<State>) => {
    const { status, right, remover } = state;
    const isOver = makers.every((maker) => ['answered', 'refused'].includes(state.makers[maker].at));
    if (isOver && remover === 'answered') return;
    if (remover === 'end')
      step('the right ends', (after) => {
        after.right = 'lost';
        after.remover = 'list';
      });
    if (remover === 'list')
      step('what the right made is listed', (after) => {
        const isFound = status.a === 'made' || (voids && status.a === 'pending');
        after.remover = isFound ? 'void' : 'answered';
      });
    if (remover === 'void')
      step('a thing of the lost right ends', (after) => {
        if (status.a === 'pending') after.status.a = 'voided';
        if (status.a === 'made') after.status.a = 'ended';
        after.remover = 'answered';
      });
    if (state.ends > 0 && status.o === 'made')
      step('o ends', (after) => {
        after.ends--;
        after.status.o = 'ended';
      });
    if (state.checks > 0)
      for (const thing of ['a', 'b'] as const)
        if (status[thing] === 'pending' || status[thing] === 'voided')
          step(`the check deletes ${thing}`, (after) => {
            after.checks--;
            after.status[thing] = 'none';
          });
    for (const maker of makers) {
      const { at, version, listed, read, kept, name } = state.makers[maker];
      const thing = thingOf(maker);
      const isMine = thing === 'b' || !named || state.puts === state.makers[maker].name;
      const does = (label: string, change: (me: Making, after: State) => unknown) =>
        step(`${maker} ${label}`, (after) => change(after.makers[maker], after));
      const isLost = maker !== 'B' && right === 'lost';
      if (at === 'put')
        does('puts', (me, after) => {
          if (status[thing] === 'none') {
            after.status[thing] = 'pending';
            after.puts += thing === 'a' ? 1 : 0;
          }
          // An ended or voided thing of the same request is another answer.
          const next = { none: 'join', pending: 'join', made: 'right', voided: 'refused', ended: 'refused' } as const;
          Object.assign(me, { at: next[status[thing]], name: thing === 'a' ? after.puts : 0 });
        });
      if (at === 'join') {
        does('joins', (_, after) => join(after, maker));
        if (state.losses > 0)
          does('joins, but gets no answer', (me, after) => {
            after.losses--;
            join(after, maker);
            me.at = 'join';
          });
      }
      if (at === 'list')
        does('reads the list', (me, { list }) =>
          Object.assign(me, { at: 'sort', version: list.version, listed: list.names, read: '', kept: '' }),
        );
      const next = things.find((one) => !read.includes(one));
      if (at === 'sort' && next)
        does(`reads ${next}`, (me) => {
          me.read += next;
          const isKept = status[next] === 'pending' ? keepsPending && listed.includes(next) : status[next] === 'made';
          if (isKept) me.kept += next;
        });
      if (at === 'sort' && !next)
        does('sorts the list out', (me, { list }) => {
          const isIn = kept.includes(thing);
          Object.assign(me, making(isIn || kept.length < maximum ? 'right' : 'undo'), { name });
          if (me.at === 'undo') return;
          if (versioned && list.version !== version) me.at = 'list';
          else Object.assign(list, { version: list.version + 1, names: sorted(kept + thing), last: thing });
        });
      if (at === 'undo')
        does('takes its thing back', (me, after) => {
          if (status[thing] === 'pending' && isMine) after.status[thing] = 'none';
          me.at = 'refused';
        });
      if (at === 'right')
        does('reads its right again', (me) => {
          me.at = isLost && readsAfter ? 'undo' : 'complete';
        });
      if (at === 'complete')
        does('completes', (me, after) => {
          const isOpen = status[thing] === 'pending' || (status[thing] === 'voided' && !careful);
          if (isOpen && isMine) after.status[thing] = 'made';
          me.at = after.status[thing] === 'made' ? 'answered' : 'refused';
        });
    }
  };
};

const wrong = { tooMany: 'more than may', alive: 'alive after the end of its right', gone: 'answered, but gone' };
const violations =
  ({ maximum }: Rules) =>
  ({ status, right, remover, makers: all }: State): string[] => [
    ...(things.filter((thing) => status[thing] === 'made').length > maximum ? [wrong.tooMany] : []),
    ...(right === 'lost' && remover === 'answered' && status.a === 'made' ? [wrong.alive] : []),
    ...(makers.some((maker) => all[maker].at === 'answered' && !['made', 'ended'].includes(status[thingOf(maker)]))
      ? [wrong.gone]
      : []),
  ];
const check = (rules: Rules, start: State, sought: string[] = []) =>
  explore(start, stepsOf(rules), violations(rules), sought);

describe.each<[string, number, State]>([
  ['a list and room for one', 1, withList],
  ['a list and room for two', 2, withList],
  ['no list yet and room for two', 2, withoutList],
  ['a right that ends', 2, ofRight],
])('things that are made with %s', (_, maximum, start) => {
  it('are never more, and none lives after the end of its right, however the requests coincide', () => {
    const { states, violated } = check({ maximum }, start);
    expect(violated).toEqual({});
    expect(states).toBeGreaterThan(500);
  });
});

describe('a thing', () => {
  it.each<[string, Partial<Rules>]>([
    ['the right were read only before', { readsAfter: false, voids: false }],
    ['the right were not read again', { readsAfter: false }],
    ['pending things were not ended', { voids: false }],
    ['voided things were completed', { careful: false }],
    ['a request completed a thing that another put anew', { named: false }],
  ])('would live after the end of its right, if %s', (_, change) => {
    const { violated } = check({ maximum: 2, ...change }, ofRight, [wrong.alive]);
    expect(violated).toHaveProperty([wrong.alive]);
  });
  it.each<[string, Partial<Rules>]>([
    ['pending things lost their places', { keepsPending: false }],
    ['a sorted list overwrote a join', { versioned: false }],
    ['a listed thing joined without a write', { joinsAnew: false }],
    ['a request completed a thing that another put anew', { named: false }],
  ])('would be one too many, if %s', (_, change) => {
    const { violated } = check({ maximum: 2, ...change }, withList, [wrong.tooMany]);
    expect(violated).toHaveProperty([wrong.tooMany]);
  });
});
