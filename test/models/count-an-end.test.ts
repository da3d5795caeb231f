import { describe, expect, it } from 'vitest';
import { explore, type Step } from './explore.ts';

// Explores exhaustively the count of a past day in which a session ran, while that session ends. The session is on its seat,
// then on neither list, then in the history, once the stream function tells its end. Two requests count the day, one after the
// other or both at once. The stream function tells the end once or twice. Time is 0 before the
// end, and 1 after it.
interface Counting {
  at: 'begin' | 'read-live' | 'stamp' | 'open' | 'read-ended' | 'store' | 'done';
  version?: number;
  /** The count's knowledge of the session. */
  saw: 'nothing' | 'runs' | 'ended';
  liveAt?: number;
}
interface State {
  isOnSeat: boolean;
  /** 1, or 0 if a lapse dates the end back. */
  endedAt?: number;
  isInHistory: boolean;
  kept: { version: number; saw?: Counting['saw']; liveAt?: number } | undefined;
  counts: Counting[];
  telling: 'put' | 'discard' | 'done';
  /** How often the end may still be told from its beginning. */
  again: number;
}

const counting: Counting = { at: 'begin', saw: 'nothing' };
const initial: State = {
  isOnSeat: true,
  isInHistory: false,
  kept: undefined,
  counts: [counting, counting],
  telling: 'put',
  again: 1,
};

/** The order as decided, or one that is broken on purpose. */
type Order =
  | 'as-decided'
  | 'reads-the-ended-first'
  | 'takes-its-time-before-it-reads'
  | 'keeps-counts-in-progress'
  | 'shares-a-version'
  | 'discards-before-it-tells'
  | 'keeps-counts-after-the-end';

const stepsOf =
  (order: Order) =>
  (state: State, step: Step<State>): void => {
    const now = state.endedAt === undefined ? 0 : 1;
    // The record ends first, with the time of the request, or of the lease's end before; then the seat is free.
    if (state.endedAt === undefined) {
      step('end', (after) => (after.endedAt = 1));
      step('lapse', (after) => (after.endedAt = 0));
    } else if (state.isOnSeat) step('free the seat', (after) => (after.isOnSeat = false));
    const readLive = (count: Counting) => {
      if (state.isOnSeat && count.saw === 'nothing') count.saw = 'runs';
    };
    const readEnded = (count: Counting) => {
      if (state.isInHistory) count.saw = 'ended';
    };
    for (const [index, { at }] of state.counts.entries()) {
      const move = (label: string, next: Counting['at'], change: (count: Counting, after: State) => void) =>
        step(`${label} (${index})`, (after) => {
          const count = after.counts[index] as Counting;
          count.at = next;
          change(count, after);
        });
      const isEndedFirst = order === 'reads-the-ended-first';
      const isTimeFirst = order === 'takes-its-time-before-it-reads';
      switch (at) {
        case 'begin':
          move('begin', 'read-live', (count) => {
            if (isTimeFirst) count.liveAt = now;
          });
          break;
        case 'open':
          move('open the day', 'read-ended', (count, after) => {
            if (!after.kept) after.kept = { version: 1 };
            // Each count has a version of its own, unless another request has counted the day.
            else if (!after.kept.saw && order !== 'shares-a-version') after.kept.version++;
            count.version = after.kept.version;
            if (after.kept.saw) count.at = 'done';
          });
          break;
        case 'read-live':
          move('read the first list', 'stamp', isEndedFirst ? readEnded : readLive);
          break;
        case 'stamp':
          move('take the time', 'open', (count) => (count.liveAt ??= now));
          break;
        case 'read-ended':
          move('read the second list', 'store', isEndedFirst ? readLive : readEnded);
          break;
        case 'store':
          move('store', 'done', ({ version, saw, liveAt }, after) => {
            if (after.kept?.version === version)
              after.kept = { version: version as number, saw, liveAt: liveAt as number };
          });
          break;
      }
    }
    if (state.endedAt === undefined || state.telling === 'done') return;
    const { endedAt } = state;
    const put = (after: State) => (after.isInHistory = true);
    const discard = ({ kept }: State) => {
      if (!kept) return;
      const isInProgress = kept.liveAt === undefined;
      const isLater = kept.liveAt !== undefined && kept.liveAt >= endedAt && order !== 'keeps-counts-after-the-end';
      if (!(isInProgress ? order !== 'keeps-counts-in-progress' : isLater)) return;
      kept.version++;
      delete kept.saw;
      delete kept.liveAt;
    };
    const steps = order === 'discards-before-it-tells' ? [discard, put] : [put, discard];
    if (state.telling === 'put')
      step('tell', (after) => {
        steps[0]?.(after);
        after.telling = 'discard';
      });
    else
      for (const next of ['done', ...(state.again > 0 ? (['put'] as const) : [])] as const)
        step(`tell on, then ${next}`, (after) => {
          steps[1]?.(after);
          after.telling = next;
          if (next === 'put') after.again--;
        });
  };

const violations = ({ kept, endedAt }: State, atRest: boolean): string[] => {
  if (!atRest || !kept?.saw) return [];
  if (kept.saw === 'nothing') return ['the session is missing from the count'];
  // The session may have ended within the day.
  return kept.saw === 'runs' && (kept.liveAt as number) >= (endedAt as number)
    ? ['the session runs after its end']
    : [];
};

describe('the count of a past day', () => {
  it('has a session that ends meanwhile, with its end if it was counted later, in every order', () => {
    const { states, violated } = explore(initial, stepsOf('as-decided'), violations);
    expect(violated).toEqual({});
    expect(states).toBeGreaterThan(500);
  });

  it.each([
    'reads-the-ended-first',
    'takes-its-time-before-it-reads',
    'keeps-counts-in-progress',
    'shares-a-version',
    'discards-before-it-tells',
    'keeps-counts-after-the-end',
  ] as const)('does not, if a request, or the stream function, %s', (order) => {
    const { violated } = explore(initial, stepsOf(order), violations);
    expect(violated).not.toEqual({});
  });
});
