import { describe, expect, it } from 'vitest';
import { explore, type Step } from './explore.ts';

// Explores two heartbeats of one session exhaustively. The subscription is suspended, and then resumed. Heartbeat A is
// slow: it extends the lease and reads the terms in parallel, in either order. Heartbeat B runs beside it.
interface State {
  resumed: boolean;
  /** `renewed`: the time of the last heartbeat that extended the lease. A came at 1, B at 2. */
  seat: { closed: boolean; renewed: number };
  record: 'active' | 'ended';
  a: {
    extended: boolean;
    seen: number;
    read?: 'active' | 'suspended';
    at: 'begin' | 'read' | 'close' | 'end' | 'done';
  };
  /** `since`: the heartbeat extended the lease after the subscription was resumed. */
  b: { extended: boolean; since: boolean };
  /** The time of the session's end, and the last extension of its seat by then. */
  ended?: { at: number; lived: number };
}

const initial: State = {
  resumed: false,
  seat: { closed: false, renewed: 0 },
  record: 'active',
  a: { extended: false, seen: 0, at: 'begin' },
  b: { extended: false, since: false },
};

interface Order {
  /** Whether the heartbeat reads the terms again after it has extended the lease. */
  readsAgain: boolean;
  /**
   * Whether the heartbeat closes the seat first, if nobody has extended the lease since; otherwise it ends the record
   * first.
   */
  closesFirst: boolean;
}

const stepsOf =
  ({ readsAgain, closesFirst }: Order) =>
  (state: State, step: Step<State>) => {
    const terms = ({ resumed }: State) => (resumed ? 'active' : 'suspended');
    const extend = (seat: State['seat'], at: number) => {
      // A lease never gets shorter: an earlier heartbeat that arrives later changes nothing.
      seat.renewed = Math.max(seat.renewed, at);
    };
    const { a, b } = state;
    if (!state.resumed) step('the subscription is resumed', (after) => Object.assign(after, { resumed: true }));
    if (a.at === 'begin' && !a.extended)
      step('A: extends', (after) => {
        if (!after.seat.closed) extend(after.seat, 1);
        Object.assign(after.a, { extended: true, seen: after.seat.renewed });
      });
    if (a.at === 'begin' && !a.read)
      step('A: reads the terms', (after) => Object.assign(after.a, { read: terms(after) }));
    const ends = closesFirst ? 'close' : 'end';
    if (a.at === 'begin' && a.extended && a.read)
      step('A: decides', ({ a }) => {
        a.at = a.read === 'active' ? 'done' : readsAgain ? 'read' : ends;
      });
    if (a.at === 'read')
      step('A: reads the terms again', (after) => {
        after.a.at = terms(after) === 'active' ? 'done' : ends;
      });
    if (a.at === 'close')
      step('A: closes the seat', (after) => {
        const { seat, a } = after;
        if (seat.closed || seat.renewed === a.seen) {
          if (!seat.closed) after.ended = { at: Math.max(1, a.seen), lived: seat.renewed };
          seat.closed = true;
          a.at = 'end';
        } else Object.assign(a, { at: 'read', seen: seat.renewed });
      });
    if (a.at === 'end')
      step('A: ends the record', (after) => {
        after.ended ??= { at: 1, lived: after.seat.renewed };
        after.record = 'ended';
        after.seat.closed = true;
        after.a.at = 'done';
      });
    if (!b.extended)
      step('B: extends', ({ seat, b, resumed }) => {
        if (!seat.closed) Object.assign(b, { since: resumed });
        if (!seat.closed) extend(seat, 2);
        b.extended = true;
      });
  };

const violations = ({ record, seat, b, ended }: State): string[] => [
  ...(b.since && (record === 'ended' || seat.closed)
    ? ['a lease that was extended after the resumption is ended']
    : []),
  ...(ended && ended.at < ended.lived ? ['an end before the last heartbeat that was heard'] : []),
];

describe('a heartbeat that finds a suspension', () => {
  it('ends no session that extended its lease after the resumption, and dates no end before the last heartbeat', () => {
    const { states, violated } = explore(initial, stepsOf({ readsAgain: true, closesFirst: true }), violations);
    expect(violated).toEqual({});
    expect(states).toBeGreaterThan(30);
  });

  it.each([
    { readsAgain: false, closesFirst: true },
    { readsAgain: true, closesFirst: false },
  ])('would end such a session in another order: %o', (order) => {
    expect(Object.keys(explore(initial, stepsOf(order), violations).violated)).not.toEqual([]);
  });
});
