import { describe, expect, it } from 'vitest';
import { explore, type Step } from './explore.ts';

// Explores the removal of a machine exhaustively, with one slot: machine 1 is removed while session 1 runs there. The
// removal may die anywhere. Session 2 wants to start on machine 1, session 3 on machine 2. The schedule checks once the
// removal is complete or dead.
interface Newcomer {
  machine: 1 | 2;
  at: 'begin' | 'finish' | 'free' | 'claim' | 'list' | 'take' | 'runs' | 'refused';
  rounds: number;
}
interface State {
  /** The machine that has the slot; 0: none. */
  slot: 0 | 1 | 2;
  /** Whether each machine's record is active. Machine 1's record ends with the claims on the machine. */
  active: { 1: boolean; 2: boolean };
  old: boolean;
  remover: 'record' | 'end' | 'slot' | 'done' | 'dead';
  look: 'due' | 'done';
  newcomers: Newcomer[];
}
const initial: State = {
  slot: 1,
  active: { 1: true, 2: false },
  old: true,
  remover: 'record',
  look: 'due',
  newcomers: [
    { machine: 1, at: 'begin', rounds: 0 },
    { machine: 2, at: 'begin', rounds: 0 },
  ],
};

interface Rules {
  /** Whether a machine that comes back finishes its removal before its slot is free. */
  finishing: boolean;
  /** Whether a slot is taken from a machine only if no session runs there, rather than by its record alone. */
  listing: boolean;
}

const runsOn = ({ old, newcomers }: State, machine: 1 | 2) =>
  (machine === 1 && old) || newcomers.some((one) => one.machine === machine && one.at === 'runs');

const stepsOf =
  ({ finishing, listing }: Rules) =>
  (state: State, step: Step<State>) => {
    const { remover } = state;
    const removes = (label: string, next: State['remover'], change: (after: State) => void) =>
      step(`removal: ${label}`, (after) => {
        change(after);
        after.remover = next;
      });
    // The removal ends the record only if it is unchanged since it was read: not if another session has started since.
    const unchanged = state.active[1] && !state.newcomers.some(({ machine, at }) => machine === 1 && at === 'runs');
    if (remover === 'record' && unchanged)
      removes('ends the record', 'end', (after) => {
        after.active[1] = false;
      });
    if (remover === 'end')
      removes('ends what ran', 'slot', (after) => {
        after.old = false;
      });
    if (remover === 'slot')
      removes('frees the slot', 'done', (after) => {
        if (after.slot === 1 && !after.active[1]) after.slot = 0;
      });
    if (remover === 'end' || remover === 'slot') removes('dies', 'dead', () => {});
    if (state.look === 'due' && (remover === 'dead' || remover === 'done'))
      step('look: ends what is left of what ran', (after) => {
        after.old = false;
        after.look = 'done';
      });

    for (const [index, { machine, at, rounds }] of state.newcomers.entries()) {
      if (rounds > 1) continue;
      const does = (label: string, change: (after: State, me: Newcomer) => void) =>
        step(`m${machine}: ${label}`, (after) => change(after, after.newcomers[index]!));
      if (at === 'begin')
        does('reads its record and the slot', (after, me) => {
          if (after.active[machine]) me.at = 'runs';
          else if (after.slot === machine) me.at = finishing ? 'finish' : 'free';
          else me.at = after.slot === 0 ? 'claim' : 'list';
        });
      if (at === 'finish')
        does('ends what the removal left', (after, me) => {
          after.old = false;
          me.at = 'free';
        });
      if (at === 'free')
        does('frees its own slot of before', (after, me) => {
          if (after.slot === machine && !after.active[machine]) after.slot = 0;
          me.at = 'claim';
        });
      if (at === 'claim')
        does('claims the slot, and records its machine', (after, me) => {
          const free = after.slot === 0;
          if (free) {
            after.slot = machine;
            after.active[machine] = true;
          }
          Object.assign(me, free ? { at: 'runs' } : { at: 'begin', rounds: rounds + 1 });
        });
      const other = machine === 1 ? 2 : 1;
      if (at === 'list')
        does('looks whether the slot’s machine is idle', (after, me) => {
          const used = listing ? runsOn(after, other) : after.active[other] && runsOn(after, other);
          me.at = after.slot === other && !used ? 'take' : 'refused';
        });
      if (at === 'take')
        does('frees the slot, if the machine was not used since', (after, me) => {
          if (after.slot === other && !(after.active[other] && runsOn(after, other))) {
            after.active[other] = false;
            after.slot = 0;
          }
          Object.assign(me, { at: 'claim' });
        });
    }
  };

const violations = (state: State): string[] =>
  runsOn(state, 1) && runsOn(state, 2) ? ['two machines are in use'] : [];
/** At rest, no session from before the removal still runs. */
const leftovers = (state: State): string[] =>
  state.remover !== 'record' && state.look === 'done' && state.old ? ['what was removed runs on'] : [];

describe('the removal of a machine, which may die half way', () => {
  it('never lets a second machine in while a session runs on the first, and the schedule finishes it', () => {
    const { states, violated } = explore(initial, stepsOf({ finishing: true, listing: true }), (state) => [
      ...violations(state),
      ...leftovers(state),
    ]);
    expect(violated).toEqual({});
    expect(states).toBeGreaterThan(100);
  });
  it.each([
    ['the machine came back and freed its slot before the removal is finished', { finishing: false, listing: true }],
    ['a slot were taken by its machine’s record alone', { finishing: true, listing: false }],
  ])('would let a second machine in, if %s', (_, rules) => {
    expect(explore(initial, stepsOf(rules), violations).violated).toHaveProperty('two machines are in use');
  });
});
