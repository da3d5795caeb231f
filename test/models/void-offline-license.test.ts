import { describe, expect, it } from 'vitest';
import { explore, type Step } from './explore.ts';

// Explores exhaustively the order of writes when the vendor voids an offline license: two requests with one idempotency
// key, the voiding, which may die, the schedule that finishes it, a session that wants the seat, and two seats.
interface Request {
  at: 'read' | 'prolong' | 'claim' | 'record' | 'complete' | 'give' | 'answered' | 'refused';
  seat?: number;
  fence?: number;
  revision?: number;
  rounds: number;
}
interface State {
  seats: { holder: '' | 'L' | 'T'; fence: number; long: boolean }[];
  record?: { seat: number; fence: number; status: 'pending' | 'active'; voided: boolean };
  revision: number;
  requests: Request[];
  voiding: 'begin' | 'free' | 'dead' | 'done';
  others: number;
}
interface Order {
  /** Whether the record is voided before its seat is freed. */
  recordFirst: boolean;
  /** Whether a repetition leaves a voided license as it is. */
  final: boolean;
}

const initial: State = {
  seats: [
    { holder: '', fence: 0, long: false },
    { holder: '', fence: 0, long: false },
  ],
  revision: 0,
  requests: [
    { at: 'read', rounds: 0 },
    { at: 'read', rounds: 0 },
  ],
  voiding: 'begin',
  others: 1,
};

const stepsOf =
  ({ recordFirst, final }: Order) =>
  (state: State, step: Step<State>) => {
    const stands = ({ seats }: State, seat: number, fence: number) =>
      seats[seat]!.holder === 'L' && seats[seat]!.fence === fence;
    const free = (after: State, seat: number, fence: number) => {
      if (stands(after, seat, fence)) Object.assign(after.seats[seat]!, { holder: '', long: false });
    };

    for (const [index, request] of state.requests.entries()) {
      const { seat = 0, fence = 0, revision } = request;
      const does = (label: string, change: (after: State, me: Request) => void) =>
        step(`${index}: ${label}`, (after) => change(after, after.requests[index]!));
      const again = (me: Request) => Object.assign(me, { at: 'read', rounds: me.rounds + 1 });
      if (request.rounds > 2) continue;
      const seek = (after: State, me: Request) => {
        const open = after.seats.findIndex(({ holder }) => holder === '');
        Object.assign(me, open >= 0 ? { at: 'claim', seat: open } : { at: 'refused' });
      };
      if (request.at === 'read')
        does('reads', (after, me) => {
          const { record } = after;
          me.revision = after.revision;
          if (record?.voided && final) me.at = 'answered';
          else if (record) Object.assign(me, { at: 'prolong', seat: record.seat, fence: record.fence });
          else seek(after, me);
        });
      if (request.at === 'claim')
        does(`claims ${seat}`, (after, me) => {
          if (after.seats[seat]!.holder !== '') return void again(me);
          after.seats[seat] = { holder: 'L', fence: after.seats[seat]!.fence + 1, long: false };
          Object.assign(me, { at: 'record', fence: after.seats[seat]!.fence });
        });
      if (request.at === 'record')
        does('records', (after, me) => {
          if (revision !== after.revision) return void Object.assign(me, { at: 'give' });
          after.record = { seat, fence, status: 'pending', voided: false };
          after.revision++;
          me.at = 'prolong';
        });
      if (request.at === 'prolong')
        does('prolongs', (after, me) => {
          if (stands(after, seat, fence)) {
            after.seats[seat]!.long = true;
            me.at = 'complete';
          } else if (after.revision === revision) seek(after, me);
          else again(me);
        });
      if (request.at === 'complete')
        does('completes', (after, me) => {
          const { record } = after;
          if (record?.status === 'pending' && record.seat === seat && record.fence === fence) {
            record.status = 'active';
            after.revision++;
          }
          me.at = 'answered';
        });
      if (request.at === 'give')
        does('gives back', (after, me) => {
          free(after, seat, fence);
          again(me);
        });
    }

    const { record } = state;
    const markVoided = (after: State) => {
      after.record!.voided = true;
      after.revision++;
    };
    if (state.voiding === 'begin' && record?.status === 'active')
      step('vendor: first write', (after) => {
        if (recordFirst) markVoided(after);
        else free(after, record.seat, record.fence);
        after.voiding = 'free';
      });
    if (state.voiding === 'free') {
      step('vendor: second write', (after) => {
        if (recordFirst) free(after, record!.seat, record!.fence);
        else markVoided(after);
        after.voiding = 'done';
      });
      step('vendor: dies', (after) => {
        after.voiding = 'dead';
      });
    }
    if (state.voiding === 'dead' && record?.voided)
      step('schedule: frees the seat', (after) => {
        free(after, record.seat, record.fence);
        after.voiding = 'done';
      });
    if (state.others > 0)
      for (const [seat, { holder, fence }] of state.seats.entries())
        if (holder === '')
          step(`T: takes ${seat}`, (after) => {
            after.seats[seat] = { holder: 'T', fence: fence + 1, long: true };
            after.others--;
          });
  };

/** After all writes, a voided license holds no seat, and a license that is not voided holds its seat. */
const violations = ({ seats, record, requests, voiding, others }: State): string[] => {
  const wrong: string[] = [];
  if (others === 0 && !seats.some(({ holder }) => holder === 'T')) wrong.push('a session lost its seat');
  if (requests.some(({ at }) => at !== 'answered' && at !== 'refused')) return wrong;
  const held = seats.filter(({ holder, long }) => holder === 'L' && long).length;
  if (voiding === 'done' && held > 0) wrong.push('a voided license holds a seat');
  if (record?.status === 'active' && !record.voided && voiding === 'dead' && held === 0)
    wrong.push('a license that is not voided lost its seat');
  return wrong;
};

describe('voiding an offline license', () => {
  it('voids the record first, for good: the license then holds no seat, and no other holder loses one', () => {
    const { states, violated } = explore(initial, stepsOf({ recordFirst: true, final: true }), violations);
    expect(violated).toEqual({});
    expect(states).toBeGreaterThan(500);
  });
  it('would lose the seat of a license that is not voided, if the seat were freed first', () => {
    const { violated } = explore(initial, stepsOf({ recordFirst: false, final: true }), violations);
    expect(Object.keys(violated)).toContain('a license that is not voided lost its seat');
  });
  it('would let a license hold a seat again, if a repetition could replace the voided record', () => {
    const { violated } = explore(initial, stepsOf({ recordFirst: true, final: false }), violations);
    expect(Object.keys(violated)).toContain('a voided license holds a seat');
  });
});
