import { describe, expect, it } from 'vitest';
import { explore, type Step } from './explore.ts';

// Explores exhaustively when the schedule may forget a claim: a request of session S that may pause anywhere, for any
// time; a session T that takes the seat once its lease has ended; and one check by the schedule.
interface State {
  seat: { holder: '' | 'S' | 'T'; fence: number; lapsed: boolean };
  record?: { fence: number; live: boolean };
  revision: number;
  request: { at: 'begin' | 'claim' | 'record' | 'done'; revision: number; fence: number };
  schedule: { at: 'idle' | 'void' | 'close' | 'end' | 'forgot'; revision: number; fence: number };
  others: number;
}

const initial: State = {
  seat: { holder: '', fence: 0, lapsed: false },
  revision: 0,
  request: { at: 'begin', revision: 0, fence: 0 },
  schedule: { at: 'idle', revision: 0, fence: 0 },
  others: 1,
};

const stepsOf = (voiding: boolean) => (state: State, step: Step<State>) => {
  const stands = ({ seat }: State, fence: number) => seat.holder === 'S' && seat.fence === fence;
  const { request, schedule } = state;
  if (request.at === 'begin')
    step('S: reads', ({ request, revision }) => Object.assign(request, { at: 'claim', revision }));
  if (request.at === 'claim' && state.seat.holder === '')
    step('S: claims', ({ seat, request, schedule }) => {
      Object.assign(seat, { holder: 'S', fence: seat.fence + 1, lapsed: false });
      Object.assign(request, { at: 'record', fence: seat.fence });
      Object.assign(schedule, { fence: seat.fence });
    });
  if (request.at === 'record')
    step('S: records', (after) => {
      if (after.revision === request.revision) {
        after.record = { fence: request.fence, live: true };
        after.revision++;
      }
      after.request.at = 'done';
    });
  if (state.seat.holder === 'S' && !state.seat.lapsed)
    step('the lease ends', ({ seat }) => Object.assign(seat, { lapsed: true }));
  if (state.seat.lapsed && state.others > 0)
    step('T: takes the seat', (after) => {
      after.seat = { holder: 'T', fence: after.seat.fence + 1, lapsed: false };
      after.others--;
    });
  // Once there is a claim, the schedule checks it, once.
  if (schedule.at === 'idle' && schedule.fence > 0)
    step('schedule: looks', (after) => {
      const { seat, record, revision } = after;
      const named = record?.fence === schedule.fence;
      const stood = stands(after, schedule.fence);
      // The session is live: the schedule checks it again at the end of its lease.
      if (named && record.live && stood && !seat.lapsed) return;
      const unnamed = stood || voiding ? 'void' : 'forgot';
      Object.assign(after.schedule, { at: named ? 'end' : unnamed, revision });
    });
  if (schedule.at === 'void')
    step('schedule: voids', (after) => {
      const current = after.revision === schedule.revision;
      if (current) {
        after.record ??= { fence: schedule.fence, live: false };
        after.revision++;
      }
      after.schedule.at = current ? 'close' : 'idle';
    });
  if (schedule.at === 'close')
    step('schedule: closes', (after) => {
      if (stands(after, schedule.fence)) after.seat = { holder: '', fence: after.seat.fence + 1, lapsed: false };
      after.schedule.at = 'forgot';
    });
  if (schedule.at === 'end')
    step('schedule: ends', (after) => {
      if (stands(after, schedule.fence)) after.seat = { holder: '', fence: after.seat.fence + 1, lapsed: false };
      if (after.record?.fence === schedule.fence) after.record.live = false;
      after.schedule.at = 'forgot';
    });
};

/** Once the schedule has forgotten a claim, nothing would ever end a record of that claim. */
const violations = ({ record, schedule }: State): string[] =>
  schedule.at === 'forgot' && record?.live && record.fence === schedule.fence ? ['a session that runs for ever'] : [];

describe('a claim that the schedule forgets', () => {
  it('is voided first, so it is never recorded afterwards', () => {
    const { states, violated } = explore(initial, stepsOf(true), violations);
    expect(violated).toEqual({});
    expect(states).toBeGreaterThan(20);
  });

  it('could be recorded afterwards, if it were not voided because another session has its seat', () => {
    expect(Object.keys(explore(initial, stepsOf(false), violations).violated)).toEqual([
      'a session that runs for ever',
    ]);
  });
});
