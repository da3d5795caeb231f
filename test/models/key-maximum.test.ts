import { describe, expect, it } from 'vitest';
import { explore, type Step } from './explore.ts';

// Explores exhaustively three sessions of one API key that start at once, beside one that already runs: with a maximum of
// one and of two, seats that are read one after the other, lapses, late heartbeats, and a crash anywhere.
type Name = 'a' | 'b' | 'c' | 'O';
interface Session {
  at: 'claim' | 'list' | 'close' | 'record' | 'answered' | 'refused' | 'dead';
  seat: 'none' | 'live' | 'lapsed' | 'closed';
  /** The sessions whose seats this session has read since it started to list. */
  read: string;
  /** The sessions that this session counts, itself included. */
  counted: string;
  /** The lapsed sessions that this session has yet to close. */
  lapsed: string;
}
interface State {
  sessions: Record<Name, Session>;
  lapses: number;
  crashes: number;
}
interface Rules {
  maximum: number;
  /** Whether a lapsed seat is closed before it is left out of the count. */
  closing?: boolean;
  /** The first step: the claim, or the list of seats. */
  first?: 'claim' | 'list';
  /** Whether one of the first sessions is answered at once, without waiting until the others have given way. */
  hasty?: boolean;
}

const names: Name[] = ['O', 'a', 'b', 'c'];
const initial = (
  { first = 'claim' }: Rules,
  { lapses = 1, crashes = 1, running = true, claimants = 3 } = {},
): State => {
  const session: Session = { at: first, seat: 'none', read: '', counted: '', lapsed: '' };
  const runs: Session = running ? { ...session, at: 'answered', seat: 'live' } : { ...session, at: 'refused' };
  const c: Session = claimants === 3 ? { ...session } : { ...session, at: 'refused' };
  return { sessions: { O: runs, a: { ...session }, b: { ...session }, c }, lapses, crashes };
};
const again = { read: '', counted: '', lapsed: '' };

const stepsOf =
  ({ maximum, closing = true, first = 'claim', hasty = false }: Rules) =>
  (state: State, step: Step<State>) => {
    for (const name of names) {
      const { at, seat, read, counted, lapsed } = state.sessions[name];
      const does = (label: string, change: (me: Session, after: State) => unknown) =>
        step(`${name} ${label}`, (after) => change(after.sessions[name], after));
      if (seat === 'live' && state.lapses > 0)
        does('lapses', (me, after) => {
          me.seat = 'lapsed';
          after.lapses--;
        });
      if (at === 'answered' && seat === 'lapsed')
        does('sends a late heartbeat', (me) => Object.assign(me, { seat: 'live' }));
      if (name === 'O' && at === 'answered' && seat === 'live')
        does('is released', (me) => Object.assign(me, { at: 'refused', seat: 'none' }));
      if (at === 'answered' || at === 'refused' || at === 'dead') continue;
      if (state.crashes > 0)
        does('dies', (me, after) => {
          Object.assign(me, { at: 'dead', ...again });
          after.crashes--;
        });
      if (at === 'claim')
        does('claims', (me) => Object.assign(me, { at: first === 'claim' ? 'list' : 'record', seat: 'live' }));
      const total = counted.length + 1;
      const isFirst = names.filter((one) => one === name || counted.includes(one)).indexOf(name) < maximum;
      /** Decides whether a session is one of the first, if too many are live. Any order may occur, since clocks differ. */
      const decide = (me: Session) => {
        if (first === 'list') return Object.assign(me, { at: 'refused', ...again });
        if (!isFirst) return Object.assign(me, { at: 'refused', seat: 'none', ...again });
        return Object.assign(me, { at: hasty ? 'record' : 'list', ...again });
      };
      const next = names.find((one) => one !== name && !read.includes(one));
      if (at === 'list' && next)
        does(`reads the seat of ${next}`, (me, { sessions }) => {
          me.read += next;
          const isLapsed = sessions[next].seat === 'lapsed';
          if (sessions[next].seat === 'live' || (isLapsed && closing)) me.counted += next;
          if (isLapsed && closing) me.lapsed += next;
        });
      const proceed = first === 'claim' ? 'record' : 'claim';
      if (at === 'list' && !next)
        does('counts', (me) => {
          if (total <= maximum) return Object.assign(me, { at: proceed, ...again });
          if (lapsed) return Object.assign(me, { at: 'close' });
          return decide(me);
        });
      const [one] = lapsed as Iterable<Name>;
      if (at === 'close' && one)
        does(`closes the seat of ${one}`, (me, { sessions }) => {
          me.lapsed = lapsed.slice(1);
          if (sessions[one].seat === 'lapsed') sessions[one].seat = 'closed';
          if (sessions[one].seat !== 'live') me.counted = counted.replace(one, '');
        });
      if (at === 'close' && !one)
        does('counts what is left', (me) =>
          total <= maximum ? Object.assign(me, { at: proceed, ...again }) : decide(me),
        );
      // If the lease has ended, or the seat was closed, the session is refused.
      if (at === 'record') does('records', (me) => Object.assign(me, { at: seat === 'live' ? 'answered' : 'refused' }));
      // The session has checked for long enough: the sessions behind it have their answers.
      const behind = names.slice(names.indexOf(name) + 1).map((other) => state.sessions[other].at);
      if (at === 'list' && !read && behind.every((other) => !['claim', 'list', 'close', 'record'].includes(other)))
        does('gives up', (me, { sessions }) => {
          const others = names.filter((other) => other !== name && sessions[other].seat === 'live');
          if (others.length >= maximum) Object.assign(me, { at: 'refused', seat: 'none' });
        });
    }
  };

const running = ({ sessions }: State) =>
  names.filter((name) => sessions[name].at === 'answered' && sessions[name].seat === 'live');
const tooMany =
  ({ maximum }: Rules) =>
  (state: State): string[] =>
    running(state).length > maximum ? ['more run than may'] : [];

describe.each([1, 2])('a key that may run %i', (maximum) => {
  const wrong = 'more run than may';
  const check = (rules: Omit<Rules, 'maximum'> = {}, claimants = 2) => {
    const all = { maximum, ...rules };
    return explore(initial(all, { claimants }), stepsOf(all), tooMany(all), [wrong]);
  };
  it('never runs more, however claims, lapses, late heartbeats and a crash coincide', () => {
    const { states, violated } = check({}, 3);
    expect(violated).toEqual({});
    expect(states).toBeGreaterThan(5000);
  });
  it('runs that many in the end, if that many want to run', () => {
    const rules = { maximum };
    const quiet = initial(rules, { lapses: 0, crashes: 0, running: false });
    const { violated } = explore(quiet, stepsOf(rules), (state) => {
      const isOver = names.every((name) => ['answered', 'refused'].includes(state.sessions[name].at));
      return isOver && running(state).length !== maximum ? ['a place is left free'] : [];
    });
    expect(violated).toEqual({});
  });
  it('would run more if lapsed seats were not counted and not closed', () => {
    expect(check({ closing: false }).violated).toHaveProperty(wrong);
  });
  it('would run more if the seats were listed before the claim', () => {
    expect(check({ first: 'list' }).violated).toHaveProperty(wrong);
  });
  it('would run more if the first session did not wait for those behind it', () => {
    expect(check({ hasty: true }).violated).toHaveProperty(wrong);
  });
});
