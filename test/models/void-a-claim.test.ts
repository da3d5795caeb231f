import { describe, expect, it } from 'vitest';
import { explore, type Step } from './explore.ts';

// Explores exhaustively the order of writes when the session of a claim without a record claims the seat again, or the
// schedule closes the claim: two requests of session S, the schedule, another session T, two seats, one crash. No step
// waits for a claim to be old: the order must be right whatever the clocks say.
interface Request {
  at: 'begin' | 'renew' | 'choose' | 'claim' | 'void' | 'reclaim' | 'record' | 'give' | 'answered' | 'refused' | 'dead';
  seat?: number;
  fence?: number;
  /** The revision of the record, as it was read; 0: there was no record. */
  revision?: number;
  rounds: number;
}
interface State {
  seats: { holder: '' | 'S' | 'T'; fence: number }[];
  record?: { seat: number; fence: number; live: boolean };
  revision: number;
  requests: Request[];
  schedule: { at: 'idle' | 'void' | 'close' | 'done'; seat?: number; fence?: number; revision?: number };
  crashes: number;
  others: number;
}

const initial: State = {
  seats: [
    { holder: '', fence: 0 },
    { holder: '', fence: 0 },
  ],
  revision: 0,
  requests: [
    { at: 'begin', rounds: 0 },
    { at: 'begin', rounds: 0 },
  ],
  schedule: { at: 'idle' },
  crashes: 1,
  others: 1,
};

const stepsOf = (voiding: boolean) => (state: State, step: Step<State>) => {
  const stands = (after: State, seat: number, fence: number) =>
    after.seats[seat]!.holder === 'S' && after.seats[seat]!.fence === fence;
  const named = (after: State, seat: number, fence: number) =>
    after.record?.seat === seat && after.record.fence === fence;
  const voided = (after: State, seat: number, fence: number) => {
    after.record ??= { seat, fence, live: false };
    after.revision++;
  };

  for (const [index, request] of state.requests.entries()) {
    const does = (label: string, change: (after: State, me: Request) => void) =>
      step(`${index}: ${label}`, (after) => change(after, after.requests[index]!));
    const again = (me: Request) => Object.assign(me, { at: 'begin', rounds: me.rounds + 1 });
    const seat = request.seat ?? 0;
    const fence = request.fence ?? 0;
    if (['answered', 'refused', 'dead'].includes(request.at) || request.rounds > 2) continue;
    if (state.crashes > 0 && request.at !== 'begin')
      does(`dies before ${request.at}`, (after, me) => {
        Object.assign(me, { at: 'dead' });
        after.crashes--;
      });
    const seek = (after: State, me: Request) => {
      const own = after.seats.findIndex(({ holder }) => holder === 'S');
      const free = after.seats.findIndex(({ holder }) => holder === '');
      if (own >= 0) {
        const { fence: ownFence } = after.seats[own]!;
        const ended = named(after, own, ownFence) && !after.record!.live;
        Object.assign(me, { at: ended ? 'give' : voiding ? 'void' : 'reclaim', seat: own, fence: ownFence });
      } else Object.assign(me, free >= 0 ? { at: 'claim', seat: free } : { at: 'refused' });
    };
    const claims = (after: State, me: Request) => {
      after.seats[seat] = { holder: 'S', fence: after.seats[seat]!.fence + 1 };
      Object.assign(me, { at: 'record', fence: after.seats[seat]!.fence });
    };
    if (request.at === 'begin')
      does('reads', (after, me) => {
        me.revision = after.revision;
        if (after.record?.live) Object.assign(me, { at: 'renew', seat: after.record.seat, fence: after.record.fence });
        else seek(after, me);
      });
    if (request.at === 'renew')
      does('renews', (after, me) => {
        me.at = stands(after, seat, fence) ? 'answered' : 'choose';
      });
    if (request.at === 'choose')
      does('looks', (after, me) => (me.revision === after.revision ? seek(after, me) : again(me)));
    if (request.at === 'claim')
      does(`claims ${seat}`, (after, me) => (after.seats[seat]!.holder === '' ? claims(after, me) : again(me)));
    if (request.at === 'void')
      does('voids', (after, me) => {
        if (me.revision !== after.revision) return void again(me);
        voided(after, seat, fence);
        Object.assign(me, { at: 'reclaim', revision: after.revision });
      });
    if (request.at === 'reclaim')
      does(`claims ${seat} anew`, (after, me) => (stands(after, seat, fence) ? claims(after, me) : again(me)));
    if (request.at === 'record')
      does('records', (after, me) => {
        if (me.revision !== after.revision) return void Object.assign(me, { at: 'give' });
        after.record = { seat, fence, live: true };
        after.revision++;
        me.at = 'answered';
      });
    if (request.at === 'give')
      does(`gives back ${seat}`, (after, me) => {
        if (stands(after, seat, fence)) after.seats[seat]!.holder = '';
        again(me);
      });
  }

  const { schedule } = state;
  const own = state.seats.findIndex(({ holder }) => holder === 'S');
  if (schedule.at === 'idle' && own >= 0 && !named(state, own, state.seats[own]!.fence))
    step('schedule: finds an unrecorded claim', (after) => {
      const { fence } = after.seats[own]!;
      after.schedule = { at: voiding ? 'void' : 'close', seat: own, fence, revision: after.revision };
    });
  if (schedule.at === 'void')
    step('schedule: voids', (after) => {
      const current = schedule.revision === after.revision;
      if (current) voided(after, schedule.seat!, schedule.fence!);
      after.schedule.at = current ? 'close' : 'done';
    });
  if (schedule.at === 'close')
    step('schedule: closes', (after) => {
      if (stands(after, schedule.seat!, schedule.fence!))
        after.seats[schedule.seat!] = { holder: '', fence: schedule.fence! + 1 };
      after.schedule.at = 'done';
    });
  if (state.others > 0)
    for (const [seat, { holder, fence }] of state.seats.entries())
      if (holder === '')
        step(`T: takes ${seat}`, (after) => {
          after.seats[seat] = { holder: 'T', fence: fence + 1 };
          after.others--;
        });
};

/** No session ends or lapses in this model, so an answered session must hold the seat in its answer. */
const violations = ({ seats, requests }: State): string[] => {
  const answered = requests.filter(({ at }) => at === 'answered');
  const wrong: string[] = [];
  for (const { seat, fence } of answered)
    if (seats[seat!]!.holder !== 'S' || seats[seat!]!.fence !== fence) wrong.push('an answered claim is dead');
  if (new Set(answered.map(({ seat, fence }) => `${seat}/${fence}`)).size > 1)
    wrong.push('one session, two different answers');
  return wrong;
};

describe('a claim without a record', () => {
  it('is voided before it is claimed again or closed, so no dead claim is ever answered', () => {
    const { states, violated } = explore(initial, stepsOf(true), violations);
    expect(violated).toEqual({});
    expect(states).toBeGreaterThan(1000);
  });

  it('could be answered dead, if it were not voided first', () => {
    const lost = 'an answered claim is dead';
    expect(explore(initial, stepsOf(false), violations, [lost]).violated).toHaveProperty(lost);
  });
});
