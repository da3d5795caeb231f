import { describe, expect, it } from 'vitest';
import { explore, type Step } from './explore.ts';

// Explores exhaustively the order of reads and writes by which a session gets a place in the queue, and others respect
// that place: one seat that is held and is given back at some time, a session that waits and polls, beside it another
// waiting session or a newcomer that does not wait, and a crash anywhere. Time passes in two steps: a ticket dies, and
// the stamp ends.
type Name = 'A' | 'B' | 'N';
type Rules = {
  /** Which is written first: the stamp or the ticket. */
  first: 'stamp' | 'ticket';
  /** Whether the stamp lasts as long as the ticket does. */
  lasting: boolean;
  /** Whether a claim reads the queue again if its verification finds a new stamp. */
  verifying: boolean;
};
interface Runner {
  at: 'out' | 'begun' | 'line' | 'seat' | 'claim' | 'verify' | 'first' | 'second' | 'told' | 'served' | 'dead';
  /** Whether the runner saw the stamp. */
  stamped: boolean;
  /** How many sessions the runner saw ahead of it. */
  ahead: number;
  /** The sessions that had their places confirmed when the runner's request began. */
  after: string;
  polls: number;
}
interface State {
  seat: '' | 'X' | 'A' | 'B' | 'N';
  stamp: boolean;
  /** The sessions with tickets, in order of arrival. */
  tickets: string;
  /** The sessions that have an answer with a place in the queue. */
  told: string;
  crashes: number;
  /** Whether so much time has passed that the stamp would have ended, if it did not last as long as the ticket. */
  late: boolean;
  runners: Partial<Record<Name, Runner>>;
  /** The violation, if a session overtook another that had its place confirmed before. */
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
  (state: State, step: Step<State>) => {
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
          // The runner's lease and its ticket end.
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
          // The sessions that had their places before this request began, still wait, and came earlier.
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
  };

const violations = ({ overtaken, tickets, stamp }: State): string[] => [
  ...(overtaken ? ['somebody who had been told of its place was overtaken'] : []),
  // No request would count such a ticket, and its own next poll would not renew it.
  ...(tickets !== '' && !stamp ? ['a ticket that nobody looks for'] : []),
];

const whoever = [initial('A', 'N'), initial('A', 'B')];
const violated = (rules: Rules) =>
  whoever.flatMap((state) => Object.keys(explore(state, stepsOf(rules), violations).violated));

describe('a place in the queue', () => {
  it('is respected by every request that begins after its answer, whatever crashes', () => {
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

  it('would be ignored, if the ticket were written before the stamp', () => {
    expect(violated({ first: 'ticket', lasting: true, verifying: true })).toContain('a ticket that nobody looks for');
  });

  it('would be overtaken, if the stamp ended before the ticket', () => {
    expect(violated({ first: 'stamp', lasting: false, verifying: false })).toContain(
      'somebody who had been told of its place was overtaken',
    );
  });
});
