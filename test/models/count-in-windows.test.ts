import { describe, expect, it } from 'vitest';
import { explore, type Step } from './explore.ts';

// Explores exhaustively three actions that each count in two windows, with room for two, or for one in the second window: in any
// order of writes, with a crash anywhere, and with a late copy of a write whose first answer was lost.
const [windows, names] = [['x', 'y'] as const, ['a', 'b', 'c'] as const];
type Window = (typeof windows)[number];
type Name = (typeof names)[number];
interface Action {
  at: 'counts' | 'gives back' | 'done' | 'refused' | 'dead';
  /** Each window: not written yet, counted, refused, or given back. */
  told: Record<Window, 'no' | 'counted' | 'refused' | 'back'>;
}
interface State {
  counted: Record<Window, number>;
  last: Record<Window, Name | ''>;
  actions: Record<Name, Action>;
  /** The writes of which a copy is under way. */
  late: { name: Name; window: Window; kind: 'count' | 'back' }[];
  copies: number;
  crashes: number;
}
interface Rules {
  room: Record<Window, number>;
  /** Whether a count tells its own earlier try. */
  named?: boolean;
  /** Whether a count is taken back only if no other was counted since. */
  careful?: boolean;
}

const action = (): Action => ({ at: 'counts', told: { x: 'no', y: 'no' } });
const initial: State = {
  counted: { x: 0, y: 0 },
  last: { x: '', y: '' },
  actions: { a: action(), b: action(), c: action() },
  late: [],
  copies: 1,
  crashes: 1,
};

const stepsOf = ({ room, named = true, careful = true }: Rules) => {
  const count = ({ counted, last }: State, name: Name, window: Window): 'counted' | 'refused' => {
    if (named && last[window] === name) return 'counted';
    if (counted[window] >= room[window]) return 'refused';
    counted[window]++;
    last[window] = name;
    return 'counted';
  };
  const giveBack = ({ counted, last }: State, name: Name, window: Window) => {
    if (careful && last[window] !== name) return;
    counted[window]--;
    last[window] = '';
  };
  return (state: State, step: Step<State>) => {
    for (const [index, { name, window, kind }] of state.late.entries())
      step(`a late copy: ${name} ${kind} ${window}`, (after) => {
        after.late.splice(index, 1);
        if (kind === 'count') count(after, name, window);
        else giveBack(after, name, window);
      });
    for (const name of names) {
      const { at, told } = state.actions[name];
      const write = (kind: 'count' | 'back', window: Window, change: (after: State) => unknown) => {
        step(`${name} ${kind} ${window}`, change);
        if (state.copies === 0) return;
        // The SDK sends the write again: the copy is served before the answer, or at any later time.
        step(`${name} ${kind} ${window}, with a copy`, (after) => {
          after.copies--;
          after.late.push({ name, window, kind });
          change(after);
        });
        step(`${name} ${kind} ${window}, and again`, (after) => {
          after.copies--;
          change(after);
          change(after);
        });
      };
      if (state.crashes > 0 && (at === 'counts' || at === 'gives back'))
        step(`${name} dies`, (after) => {
          after.crashes--;
          after.actions[name].at = 'dead';
        });
      if (at === 'counts')
        for (const window of windows.filter((one) => told[one] === 'no'))
          write('count', window, (after) => {
            const mine = after.actions[name];
            mine.told[window] = count(after, name, window);
            if (!Object.values(mine.told).includes('no'))
              mine.at = Object.values(mine.told).includes('refused') ? 'gives back' : 'done';
          });
      if (at !== 'gives back') continue;
      const kept = windows.filter((one) => told[one] === 'counted');
      for (const window of kept)
        write('back', window, (after) => {
          giveBack(after, name, window);
          after.actions[name].told[window] = 'back';
        });
      if (kept.length === 0)
        step(`${name} is refused`, (after) => {
          after.actions[name].at = 'refused';
        });
    }
  };
};

const violations =
  ({ room }: Rules) =>
  ({ counted, actions }: State): string[] => {
    const done = Object.values(actions).filter(({ at }) => at === 'done').length;
    return [
      ...(windows.some((window) => counted[window] < done) ? ['one counted too few'] : []),
      ...(windows.some((window) => done > room[window]) ? ['more than may'] : []),
    ];
  };

describe.each<Rules['room']>([
  { x: 2, y: 2 },
  { x: 2, y: 1 },
])('actions that count in two windows with room for %j', (room) => {
  const check = (rules: Omit<Rules, 'room'> = {}) =>
    explore(initial, stepsOf({ room, ...rules }), violations({ room }));
  it('are never counted one too few, however writes, copies and a crash fall', () => {
    const { states, violated } = check();
    expect(states).toBeGreaterThan(1000);
    expect(violated).toEqual({});
  });
  it('would be counted too few if a count were taken back after another’s', () => {
    expect(check({ careful: false }).violated).toHaveProperty('one counted too few');
  });
});

it('a repeated write would refuse its own action if a count had no name', () => {
  const rules = { room: { x: 1, y: 1 } };
  const gone: Action = { ...action(), at: 'dead' };
  const alone: State = { ...initial, crashes: 0, actions: { ...initial.actions, b: gone, c: gone } };
  const refused = (named: boolean) =>
    explore(alone, stepsOf({ ...rules, named }), ({ actions }) => (actions.a.at === 'refused' ? ['refused'] : []))
      .violated;
  expect(refused(true)).toEqual({});
  expect(refused(false)).toHaveProperty('refused');
});
