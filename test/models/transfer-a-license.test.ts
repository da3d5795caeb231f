import { describe, expect, it } from 'vitest';
import { explore, type Step } from './explore.ts';

// Explores exhaustively the order of writes when a user's license is transferred: transfers from A to B and from A to C,
// a grant to B, removals of A and of B, the schedule, two seats, one crash. Also the same transfer twice, where B is no
// longer a member when the second one checks.
type User = 'A' | 'B' | 'C';
interface License {
  status: 'pending' | 'active' | 'ended';
  seat: number;
  fence: number;
  /** The user who had the license at the fence before. */
  from?: User;
  /** Identifies the transfer. */
  intent?: number;
  /** Whether the transfer may be made: its author has checked that the user is a member. */
  verified?: boolean;
}
interface Worker {
  does: 'transfer' | 'grant' | 'remove' | 'leave' | 'settle';
  user: User;
  from?: User;
  at: 'begin' | 'verify' | 'mark' | 'move' | 'end' | 'complete' | 'drop' | 'record' | 'give' | 'free' | 'done' | 'dead';
  seat?: number;
  fence?: number;
  intent?: number;
  /** Whether the intent was verified when this worker found it. */
  verified?: boolean;
}
interface State {
  seats: { holder: '' | User; fence: number; intent?: number }[];
  licenses: Partial<Record<User, License>>;
  workers: Worker[];
  crashes: number;
  /** Whether B has left the organization. A removal of B starts with this. */
  left: boolean;
}

const initial: State = {
  seats: [
    { holder: 'A', fence: 1 },
    { holder: '', fence: 0 },
  ],
  licenses: { A: { status: 'active', seat: 0, fence: 1 } },
  workers: [
    { does: 'transfer', from: 'A', user: 'B', at: 'begin' },
    { does: 'transfer', from: 'A', user: 'C', at: 'begin' },
    { does: 'grant', user: 'B', at: 'begin' },
    { does: 'remove', user: 'A', at: 'begin' },
    { does: 'remove', user: 'B', at: 'begin' },
  ],
  crashes: 1,
  left: false,
};

/** A member is removed while two requests transfer a license to it. */
const leaving: State = {
  ...initial,
  workers: [
    { does: 'transfer', from: 'A', user: 'B', at: 'begin' },
    { does: 'transfer', from: 'A', user: 'B', at: 'begin' },
    { does: 'leave', user: 'B', at: 'begin' },
    { does: 'grant', user: 'C', at: 'begin' },
  ],
};

const names = (license: License | undefined, seat: number, fence: number) =>
  license?.seat === seat && license.fence === fence;

interface Rules {
  order: readonly ['end', 'complete'] | readonly ['complete', 'end'];
  marked: boolean;
  verified: boolean;
}

/**
 * @param rules.order the order in which the first user's license ends and the second user's becomes active, after the move
 * @param rules.verified whether an intent is carried out only once its author has checked that the user is a member
 * @param rules.marked whether a moved seat names its intent, and a dropped intent no longer names a claim
 */
const stepsOf =
  ({ order, marked, verified }: Rules) =>
  (state: State, make: Step<State>) => {
    const step: Step<State> = (label, change) =>
      make(label, (after) => {
        change(after);
        // The knowledge of a worker that is done makes no difference to the state.
        after.workers = after.workers
          .map((worker): Worker => (worker.at === 'dead' ? { ...worker, at: 'done' } : worker))
          .map(
            (worker): Worker => (worker.at === 'done' ? { does: worker.does, user: worker.user, at: 'done' } : worker),
          )
          .filter(({ does: task, at }) => task !== 'settle' || at !== 'done');
      });
    const resolve = (me: Worker, { seat, fence, from, intent, verified: may }: License, user: User): Worker =>
      Object.assign(me, { at: verified && !may ? 'drop' : 'move', seat, fence, from, intent, user, verified: may });
    // The removal of a member checks again until no license of the member is left.
    const over = (me: Worker) => {
      me.at = me.does === 'leave' ? 'begin' : 'done';
    };

    for (const [index, worker] of state.workers.entries()) {
      const { does, user, from, seat = 0, fence = 0 } = worker;
      const act = (label: string, change: (after: State, me: Worker) => void) =>
        step(`${does} ${from ?? ''}${user}: ${label}`, (after) => change(after, after.workers[index]!));
      if (worker.at === 'done' || worker.at === 'dead') continue;
      if (worker.at !== 'begin' && state.crashes > 0)
        act(`dies before ${worker.at}`, (after, me) => {
          me.at = 'dead';
          after.crashes--;
        });

      if (worker.at === 'begin' && does === 'leave' && !state.left)
        act('leaves', (after) => {
          after.left = true;
        });
      else if (worker.at === 'begin')
        act('begins', (after, me) => {
          const mine = after.licenses[user];
          const theirs = from && after.licenses[from];
          // The worker completes an incomplete transfer. A repetition of its own request is then like another, later worker.
          if (mine?.status === 'pending') resolve(me, mine, user);
          else if (does === 'remove' || does === 'leave') {
            if (mine) Object.assign(me, { at: 'free', seat: mine.seat, fence: mine.fence });
            else me.at = 'done';
            if (mine) mine.status = 'ended';
          } else if (mine?.status === 'active') me.at = 'done';
          else if (does === 'grant') {
            const free = after.seats.findIndex(({ holder }) => holder === '');
            if (free >= 0) after.seats[free] = { holder: user, fence: after.seats[free]!.fence + 1 };
            Object.assign(
              me,
              free < 0 ? { at: 'done' } : { at: 'record', seat: free, fence: after.seats[free]!.fence },
            );
          } else if (theirs?.status === 'active') {
            const { seat: number, fence: theirFence } = theirs;
            const intent: License = {
              status: 'pending',
              seat: number,
              fence: theirFence + 1,
              from: from!,
              intent: index,
            };
            after.licenses[user] = intent;
            // If nobody leaves, there is nothing to check.
            const at = after.workers.some((other) => other.does === 'leave') ? 'verify' : 'mark';
            Object.assign(me, { at, seat: number, fence: theirFence + 1, intent: index });
          } else me.at = 'done';
        });
      if (worker.at === 'verify')
        act('looks whether it is a member', (_, me) => {
          if (state.left && user === 'B') me.at = 'drop';
          else me.at = verified ? 'mark' : 'move';
        });
      if (worker.at === 'mark')
        act('marks the intent as verified', (after, me) => {
          const now = after.licenses[user];
          const stands = now?.status === 'pending' && now.intent === worker.intent;
          if (stands) now.verified = true;
          Object.assign(me, stands ? { at: 'move', verified: true } : { at: 'done' });
        });
      if (worker.at === 'record')
        act('records', (after, me) => {
          const now = after.licenses[user];
          const free = !now || now.status === 'ended';
          if (free) after.licenses[user] = { status: 'active', seat, fence };
          me.at = free ? 'done' : 'give';
        });
      if (worker.at === 'give' || worker.at === 'free')
        act('frees the seat', (after, me) => {
          const standing = after.seats[seat];
          if (standing?.holder === user && standing.fence === fence) standing.holder = '';
          me.at = 'done';
        });
      if (worker.at === 'move')
        act('moves the seat', (after, me) => {
          const standing = after.seats[seat]!;
          const moved =
            standing.holder === user && standing.fence === fence && (!marked || standing.intent === worker.intent);
          const moves = standing.holder === from && standing.fence === fence - 1;
          if (moves) after.seats[seat] = { holder: user, fence, intent: worker.intent! };
          me.at = moves || moved ? order[0] : 'drop';
        });
      if (worker.at === 'drop')
        act('drops the intent', (after, me) => {
          const now = after.licenses[user];
          const may = worker.verified || !now?.verified;
          if (now?.status === 'pending' && now.intent === worker.intent && may)
            after.licenses[user] = { status: 'ended', seat: marked ? -1 : seat, fence: marked ? -1 : fence };
          over(me);
        });
      if (worker.at === 'end')
        act('ends the one’s license', (after, me) => {
          const one = after.licenses[from!];
          if (names(one, seat, fence - 1)) one!.status = 'ended';
          if (order[0] === 'end') me.at = 'complete';
          else over(me);
        });
      if (worker.at === 'complete')
        act('completes the other’s', (after, me) => {
          const now = after.licenses[user];
          const ours = names(now, seat, fence);
          if (ours && now!.status === 'pending') now!.status = 'active';
          // The license ended before it was complete: nobody has its seat.
          if (!ours || now!.status === 'ended') {
            const standing = after.seats[seat]!;
            if (standing.holder === user && standing.fence === fence) standing.holder = '';
          }
          if (order[0] === 'end') over(me);
          else me.at = 'end';
        });
    }
    // The schedule settles a license once all its workers are dead or done.
    if (state.workers.every(({ at }) => ['begin', 'done', 'dead'].includes(at)))
      for (const [name, license] of Object.entries(state.licenses)) {
        const user = name as User;
        if (license.status === 'pending')
          step(`schedule: meets ${user}`, (after) => {
            const me: Worker = { does: 'settle', user, at: 'begin' };
            after.workers.push(resolve(me, license, user));
          });
        const standing = state.seats[license.seat];
        if (license.status === 'ended' && standing?.holder === user && standing.fence === license.fence)
          step(`schedule: frees the seat of ${user}`, (after) => {
            after.seats[license.seat]!.holder = '';
          });
      }
    for (const [number, { holder, fence }] of state.seats.entries())
      if (
        holder &&
        !names(state.licenses[holder], number, fence) &&
        state.workers.every(({ at }) => at === 'done' || at === 'dead')
      )
        step(`schedule: closes the claim of ${holder}`, (after) => {
          after.seats[number] = { holder: '', fence: fence + 1 };
        });
  };

const violations = (state: State, atRest: boolean): string[] => {
  const wrong: string[] = [];
  const licenses = Object.entries(state.licenses) as [User, License][];
  const active = licenses.filter(([, { status }]) => status === 'active');
  if (new Set(active.map(([, { seat }]) => seat)).size < active.length) wrong.push('two can use one seat');
  if (!atRest) return wrong;
  if (licenses.some(([, { status }]) => status === 'pending')) wrong.push('an intent is left for ever');
  for (const [user, { seat, fence }] of active)
    if (state.seats[seat]!.holder !== user || state.seats[seat]!.fence !== fence)
      wrong.push('a license without its seat');
  if (state.left && state.licenses.A?.status === 'ended' && state.licenses.B?.seat === -1)
    wrong.push('a license that is taken away and that nobody got');
  for (const [number, { holder }] of state.seats.entries())
    if (holder && !active.some(([user, { seat }]) => user === holder && seat === number))
      wrong.push('a seat that is held for ever');
  return wrong;
};

describe('a license that is transferred to another user', () => {
  it('is never usable by both users, never lost half way, and keeps its seat', () => {
    const steps = stepsOf({ order: ['end', 'complete'], marked: true, verified: true });
    for (const begin of [initial, leaving]) {
      const { states, violated } = explore(begin, steps, violations);
      expect(violated).toEqual({});
      expect(states).toBeGreaterThan(1000);
    }
  });
  it('would be usable by both users, if it became active for the second before it ended for the first', () => {
    const steps = stepsOf({ order: ['complete', 'end'], marked: true, verified: true });
    const one = { ...initial, workers: initial.workers.slice(0, 1) };
    const lost = 'two can use one seat';
    expect(explore(one, steps, violations, [lost]).violated).toHaveProperty(lost);
  });
  it('would lose its seat, if the claim alone identified an intent: a grant can get the same claim', () => {
    const steps = stepsOf({ order: ['end', 'complete'], marked: false, verified: true });
    const lost = 'a license without its seat';
    expect(explore(initial, steps, violations, [lost]).violated).toHaveProperty(lost);
  });
  it('would be lost, if an intent were carried out before its author has checked that the user is a member', () => {
    const steps = stepsOf({ order: ['end', 'complete'], marked: true, verified: false });
    const lost = ['a license without its seat', 'a license that is taken away and that nobody got'];
    expect(Object.keys(explore(leaving, steps, violations, lost).violated)).toEqual(expect.arrayContaining(lost));
  });
});
