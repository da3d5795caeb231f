import { describe, expect, it } from 'vitest';
import { explore, type Step } from './explore.ts';

// Explores exhaustively the order of writes when a session moves to another machine: the transfer, which may die
// anywhere, a release, a lapse after which another session takes the seat, and requests that find the move on the record
// and finish or drop it, whatever the clocks say.
interface State {
  seat: { holder: '' | 'S' | 'T'; fence: number; mark: boolean; moved: boolean };
  record: { live: boolean; fence: number; moving: boolean };
  transfer: 'mark' | 'intent' | 'commit' | 'record' | 'free' | 'done' | 'failed' | 'dead';
  /** The requests that find the move, one after the other or at once. */
  resolvers: ('idle' | 'unmark' | 'drop' | 'record' | 'free' | 'done')[];
  release: 'idle' | 'free' | 'free-moved' | 'done';
  lapses: number;
  crashes: number;
}
const initial: State = {
  seat: { holder: 'S', fence: 1, mark: false, moved: false },
  record: { live: true, fence: 1, moving: false },
  transfer: 'mark',
  resolvers: ['idle', 'idle'],
  release: 'idle',
  lapses: 1,
  crashes: 1,
};
const moved = 2;

/** @param unmarking whether a request that drops a move takes the mark off the seat first */
const stepsOf = (unmarking: boolean) => (state: State, step: Step<State>) => {
  const stands = ({ seat }: State) => seat.holder === 'S' && seat.fence === 1;
  const isMoved = ({ seat }: State) => seat.holder === 'S' && seat.fence === moved && seat.moved;
  const isBegun = ({ record }: State) => record.live && record.fence === 1 && record.moving;
  const empty = (after: State, fence: number) => {
    if (after.seat.holder === 'S' && after.seat.fence === fence)
      after.seat = { holder: '', fence, mark: false, moved: false };
  };
  /** Records a completed move. A session that has ended gives the seat back. */
  const recordsMove = (after: State): boolean => {
    if (isBegun(after)) after.record = { live: true, fence: moved, moving: false };
    return after.record.live;
  };

  const { transfer } = state;
  const transfers = (label: string, change: (after: State) => void) => step(`transfer: ${label}`, change);
  if (state.crashes > 0 && !['mark', 'done', 'failed', 'dead'].includes(transfer))
    transfers('dies', (after) => {
      after.transfer = 'dead';
      after.crashes--;
    });
  if (transfer === 'mark')
    transfers('marks the seat', (after) => {
      if (stands(after)) after.seat.mark = true;
      after.transfer = stands(after) ? 'intent' : 'failed';
    });
  if (transfer === 'intent')
    transfers('puts its intent', (after) => {
      const current = after.record.live && after.record.fence === 1;
      if (current) after.record.moving = true;
      else after.seat.mark = false;
      after.transfer = current ? 'commit' : 'failed';
    });
  if (transfer === 'commit')
    transfers('moves the seat', (after) => {
      const can = stands(after) && after.seat.mark;
      if (can) after.seat = { holder: 'S', fence: moved, mark: false, moved: true };
      after.transfer = can ? 'record' : 'failed';
    });
  if (transfer === 'record')
    transfers('records it', (after) => {
      after.transfer = recordsMove(after) ? 'done' : 'free';
    });
  if (transfer === 'free')
    transfers('gives the seat back', (after) => {
      empty(after, moved);
      after.transfer = 'failed';
    });

  for (const [index, at] of state.resolvers.entries()) {
    const resolves = (label: string, change: (after: State) => void) => step(`resolver ${index}: ${label}`, change);
    const goes = (after: State, to: State['resolvers'][number]) => {
      after.resolvers[index] = to;
    };
    if (at === 'idle' && isBegun(state))
      resolves('reads the seat', (after) =>
        goes(after, isMoved(after) ? 'record' : stands(after) && unmarking ? 'unmark' : 'drop'),
      );
    if (at === 'unmark')
      resolves('takes the mark off', (after) => {
        if (stands(after)) after.seat.mark = false;
        goes(after, isMoved(after) ? 'record' : 'drop');
      });
    if (at === 'drop')
      resolves('drops the intent', (after) => {
        if (isBegun(after)) after.record.moving = false;
        goes(after, 'done');
      });
    if (at === 'record') resolves('records it', (after) => goes(after, recordsMove(after) ? 'done' : 'free'));
    if (at === 'free')
      resolves('gives the seat back', (after) => {
        empty(after, moved);
        goes(after, 'done');
      });
  }

  if (state.release === 'idle')
    step('release: ends the record', (after) => {
      after.release = after.record.live ? 'free' : 'done';
      after.record.live = false;
    });
  if (state.release === 'free')
    step('release: frees the seat', (after) => {
      empty(after, after.record.fence);
      after.release = after.record.moving ? 'free-moved' : 'done';
    });
  if (state.release === 'free-moved')
    step('release: frees the seat that it moved to', (after) => {
      empty(after, moved);
      after.release = 'done';
    });
  if (state.lapses > 0)
    step('the lease ends, and another takes the seat', (after) => {
      after.seat = { holder: 'T', fence: after.seat.fence + 1, mark: false, moved: false };
      after.lapses--;
    });
};

/** At rest, a live session holds the seat that its record names, and an ended session holds none. */
const violations = (state: State): string[] => {
  const { seat, record, transfer, resolvers, release, lapses } = state;
  const atRest =
    ['done', 'failed', 'dead'].includes(transfer) &&
    ['idle', 'done'].includes(release) &&
    resolvers.every((at) => at === 'idle' || at === 'done');
  if (!atRest || lapses === 0) return [];
  const wrong: string[] = [];
  const begun = record.moving && seat.moved && seat.fence === moved;
  if (record.live && seat.holder === 'S' && seat.fence !== record.fence && !begun)
    wrong.push('a live session whose record names another claim');
  if (record.live && seat.holder !== 'S') wrong.push('a live session lost its seat');
  if (!record.live && seat.holder === 'S' && transfer !== 'dead') wrong.push('a session that ended holds a seat');
  return wrong;
};

describe('the transfer of a session', () => {
  it('leaves the session on one seat that its record names, whichever request dies, ends it or finds the move', () => {
    const { states, violated } = explore(initial, stepsOf(true), violations);
    expect(violated).toEqual({});
    expect(states).toBeGreaterThan(1000);
  });
  it('would leave a record that names another claim, if a move were dropped without taking its mark off the seat', () => {
    expect(Object.keys(explore(initial, stepsOf(false), violations).violated)).toContain(
      'a live session whose record names another claim',
    );
  });
});
