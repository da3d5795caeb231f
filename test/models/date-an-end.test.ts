import { describe, expect, it } from 'vitest';
import { explore, type Step } from './explore.ts';

// Explores exhaustively the history of one activation that was released after its lease had ended: the record tells the
// release (a later end), then is dated earlier. The stream tells each of the two changes, twice, in any order, with deaths
// in between. The two ends have different keys.
type End = 'later' | 'earlier';
interface Telling {
  end: End;
  at: 'put' | 'delete-later' | 'read' | 'put-read' | 'delete-own' | 'done';
  /** How often the change is still told from its beginning. */
  again: number;
}
interface State {
  record: 'active' | End;
  items: { later: boolean; earlier: boolean };
  tellings: Telling[];
  deaths: number;
}

const telling = (end: End): Telling => ({ end, at: 'put', again: 1 });
const initial: State = {
  record: 'active',
  items: { later: false, earlier: false },
  tellings: [telling('later'), telling('earlier')],
  deaths: 2,
};

/** The order as decided, or one that is broken on purpose. */
type Order = 'as-decided' | 'read-first' | 'keeps-the-later' | 'trusts-its-change';

const stepsOf =
  (order: Order) =>
  (state: State, step: Step<State>): void => {
    if (state.record === 'active') step('release', (after) => (after.record = 'later'));
    if (state.record === 'later') step('date it earlier', (after) => (after.record = 'earlier'));
    for (const [index, { end, at }] of state.tellings.entries()) {
      // The stream tells a change after it was made.
      const isMade = state.record === 'earlier' || state.record === end;
      const move = (label: string, next: Telling['at'], change: (after: State) => unknown = () => {}) =>
        step(`${label} of ${end}`, (after) => {
          change(after);
          const now = after.tellings[index] as Telling;
          now.at = next;
          if (next === 'done' && now.again > 0) Object.assign(now, { at: 'put', again: now.again - 1 });
        });
      if (!isMade || at === 'done') continue;
      if (state.deaths > 0 && at !== 'put')
        step(`${end} dies`, (after) => {
          after.deaths--;
          (after.tellings[index] as Telling).at = 'put';
        });
      switch (at) {
        case 'put': {
          if (order === 'read-first' && end === 'later' && state.record === 'earlier') {
            move('read, and nothing', 'done');
            break;
          }
          const next = end === 'earlier' && order !== 'keeps-the-later' ? 'delete-later' : 'read';
          if (order === 'read-first') {
            // The read was made; the put may come at any time later.
            move('read', 'put-read');
            break;
          }
          move('put', next, (after) => (after.items[end] = true));
          break;
        }
        case 'delete-later':
          move('delete', 'read', (after) => (after.items.later = false));
          break;
        case 'read':
          if (end === 'later' && state.record === 'earlier' && order !== 'trusts-its-change') move('read', 'put-read');
          else move('read', 'done');
          break;
        case 'put-read':
          if (order === 'read-first')
            move('put', end === 'earlier' ? 'delete-own' : 'done', (after) => (after.items[end] = true));
          else move('put the earlier', 'delete-own', (after) => (after.items.earlier = true));
          break;
        case 'delete-own':
          move('delete its own', 'done', (after) => (after.items.later = false));
          break;
      }
    }
  };

const violations = ({ items }: State, atRest: boolean): string[] =>
  atRest && (items.later || !items.earlier) ? [`rests with ${JSON.stringify(items)}`] : [];

describe('an end that is dated earlier', () => {
  it('is the only one in the history at rest, in every order', () => {
    const { states, violated } = explore(initial, stepsOf('as-decided'), violations);
    expect(violated).toEqual({});
    expect(states).toBeGreaterThan(300);
  });

  it.each(['read-first', 'keeps-the-later', 'trusts-its-change'] as const)('is not, if the order %s', (order) => {
    const { violated } = explore(initial, stepsOf(order), violations);
    expect(violated).not.toEqual({});
  });
});
