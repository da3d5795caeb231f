import { describe, expect, it } from 'vitest';
import { explore, type Step } from './explore.ts';

// The order of reads and writes by which a session gets a place in the queue, and by which others respect it, explored
// exhaustively: one seat that is held and is given back at some time, one who waits and polls, and beside it another who waits or
// a newcomer that does not, a crash anywhere. Time passes in two steps: a ticket dies, and the stamp ends.
type Name = 'A' | 'B' | 'N';
type Rules = {
  /** What is written first: the stamp or the ticket. */
  first: 'stamp' | 'ticket';
  /** Whether the stamp lasts as long as the ticket does. */
  lasting: boolean;
  /** Whether a claim looks again if its verification finds a stamp that was not there before. */
  verifying: boolean;
};
interface Runner {
  at: 'out' | 'begun' | 'line' | 'seat' | 'claim' | 'verify' | 'first' | 'second' | 'told' | 'served' | 'dead';
  /** Whether it saw the stamp. */
  stamped: boolean;
  /** How many it saw that go first. */
  ahead: number;
  /** Who had been told of a place when its request began. */
  after: string;
  polls: number;
}
interface State {
  seat: '' | 'X' | 'A' | 'B' | 'N';
  stamp: boolean;
  /** Whose tickets there are, in order of arrival. */
  tickets: string;
  /** Who was told that it waits. */
  told: string;
  crashes: number;
  /** Whether the time has come after which the stamp would end if it did not last. */
  late: boolean;
  runners: Partial<Record<Name, Runner>>;
  /** Somebody overtook somebody who had been told of its place before. */
  overtaken: string;
}

const idle: Runner = { at: 'out', stamped: false, ahead: 0, after: '', polls: 0 };
const initial = (...names: Name[]): State => ({
  seat: 'X',
  stamp: false,
  tickets: '',
  told: '',
  crashes: 1,
  late: false,
  runners: Object.fromEntries(names.map((name) => [name, { ...idle }])),
  overtaken: '',
});

const stepsOf =
  ({ first, lasting, verifying }: Rules) =>
  (state: State): Step<State>[] => {
    const steps: Step<State>[] = [];
    const step = (label: string, change: (after: State) => unknown) => {
      const after = structuredClone(state);
      change(after);
      steps.push([label, after]);
    };
    if (state.seat === 'X') step('X gives its seat back', (after) => Object.assign(after, { seat: '' }));
    if (!state.late)
      step('time passes', (after) => {
        after.late = true;
        if (!lasting) after.stamp = false;
      });

    for (const [name, runner] of Object.entries(state.runners) as [Name, Runner][]) {
      const does = (label: string, change: (after: State, me: Runner) => unknown) =>
        step(`${name} ${label}`, (after) => change(after, after.runners[name]!));
      if (runner.at === 'served' || runner.at === 'dead') continue;
      if (state.crashes > 0 && !['out', 'told'].includes(runner.at))
        does('dies', (after, me) => {
          after.crashes--;
          me.at = 'dead';
          // Its lease and its ticket end, and so do its claims on anything.
          if (after.seat === name) after.seat = '';
          after.tickets = after.tickets.replace(name, '');
          after.told = after.told.replace(name, '');
        });
      if ((runner.at === 'out' || runner.at === 'told') && runner.polls < (name === 'N' ? 1 : 2))
        does('begins', (after, me) => {
          Object.assign(me, { at: 'begun', after: after.told.replace(name, ''), polls: me.polls + 1 });
        });
      if (runner.at === 'begun')
        does('reads the subscription', (after, me) => {
          Object.assign(me, { at: after.stamp ? 'line' : 'seat', stamped: after.stamp, ahead: 0 });
        });
      if (runner.at === 'line')
        does('reads the tickets', (after, me) => {
          const place = after.tickets.indexOf(name);
          const before = place < 0 ? after.tickets : after.tickets.slice(0, place);
          me.ahead = before.replace(after.seat || '-', '').length;
          me.at = 'seat';
        });
      if (runner.at === 'seat')
        does('looks at the seat', (after, me) => {
          const free = after.seat === '' ? 1 : 0;
          if (free > me.ahead) me.at = 'claim';
          else if (name === 'N') me.at = 'out';
          else me.at = after.tickets.includes(name) ? 'told' : 'first';
        });
      if (runner.at === 'claim')
        does('claims', (after, me) => {
          if (after.seat !== '') return Object.assign(me, { at: 'begun' });
          after.seat = name;
          me.at = 'verify';
        });
      if (runner.at === 'verify')
        does('verifies', (after, me) => {
          if (verifying && !me.stamped && after.stamp) {
            after.seat = '';
            me.at = 'begun';
            return;
          }
          // Who had been told of a place before this request began, waits still, and came before.
          const place = after.tickets.indexOf(name);
          const passed = [...me.after].filter(
            (other) => after.tickets.includes(other) && (place < 0 || after.tickets.indexOf(other) < place),
          );
          if (passed.length > 0) after.overtaken = `${name} overtook ${passed.join('')}`;
          me.at = 'served';
          after.tickets = after.tickets.replace(name, '');
          after.told = after.told.replace(name, '');
        });
      const writes = (what: 'stamp' | 'ticket', after: State) => {
        if (what === 'stamp') after.stamp = lasting || !after.late;
        else if (!after.tickets.includes(name)) after.tickets += name;
      };
      if (runner.at === 'first')
        does(`writes its ${first}`, (after, me) => {
          writes(first, after);
          me.at = 'second';
        });
      if (runner.at === 'second')
        does('writes the other', (after, me) => {
          writes(first === 'stamp' ? 'ticket' : 'stamp', after);
          me.at = 'told';
          after.told += name;
        });
    }
    return steps;
  };

const violations = ({ overtaken, tickets, stamp }: State): string[] => [
  ...(overtaken ? ['somebody who had been told of its place was overtaken'] : []),
  // Nobody would count it, nor would its own next poll find that it has to be renewed.
  ...(tickets !== '' && !stamp ? ['a ticket that nobody looks for'] : []),
];

const whoever = [initial('A', 'N'), initial('A', 'B')];
const violated = (rules: Rules) =>
  whoever.flatMap((state) => Object.keys(explore(state, stepsOf(rules), violations).violated));

describe('a place in the queue', () => {
  it('that was told is respected by every request that begins after, whatever crashes', () => {
    for (const state of whoever) {
      const { states, violated } = explore(
        state,
        stepsOf({ first: 'stamp', lasting: true, verifying: true }),
        violations,
      );
      expect(violated).toEqual({});
      expect(states).toBeGreaterThan(1000);
    }
  });

  it('whose ticket is written before the stamp is one that nobody looks for: the model can tell', () => {
    expect(violated({ first: 'ticket', lasting: true, verifying: true })).toContain('a ticket that nobody looks for');
  });

  it('whose stamp ends before the ticket is overtaken: the model can tell', () => {
    expect(violated({ first: 'stamp', lasting: false, verifying: false })).toContain(
      'somebody who had been told of its place was overtaken',
    );
  });
});
