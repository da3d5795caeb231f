import { describe, expect, it } from 'vitest';
import { explore, type Step } from './explore.ts';

// Explores two questions about machine slots exhaustively, each with one slot.

/** A request that activates a session on a machine, starting with the claim of its seat. */
interface Request {
  machine: number;
  at: 'seat' | 'touch' | 'slot' | 'read' | 'list' | 'end' | 'free' | 'record' | 'answered' | 'refused' | 'dead';
  /** The machine whose slot the request wants to free; `revision`: the revision of that machine's record, as it was read. */
  idle?: number;
  fence?: number;
  revision?: number;
  rounds: number;
}

describe('the slot of an idle machine', () => {
  interface State {
    /** The machine that has the slot (0: none). The fence grows with each claim. */
    slot: { machine: number; fence: number };
    /** For each machine: whether its record is active, and the record's revision. */
    records: { active: boolean; revision: number }[];
    /** Whether the session that runs on machine 1 at the beginning is still live. */
    live: boolean;
    requests: Request[];
    crashes: number;
  }
  const initial: State = {
    slot: { machine: 1, fence: 1 },
    records: [
      { active: false, revision: 0 },
      { active: true, revision: 1 },
      { active: false, revision: 0 },
    ],
    live: true,
    requests: [
      { machine: 1, at: 'seat', rounds: 0 },
      { machine: 2, at: 'seat', rounds: 0 },
    ],
    crashes: 1,
  };
  const holdsSeat = ({ at }: Request) => !['seat', 'refused'].includes(at);
  const inUse = (state: State, machine: number) =>
    (machine === 1 && state.live) || state.requests.some((one) => one.machine === machine && holdsSeat(one));

  /** @param byRevision whether a record is ended only if it is unchanged since it was read */
  const stepsOf = (byRevision: boolean) => (state: State, step: Step<State>) => {
    if (state.live)
      step('the live session is released', (after) => {
        after.live = false;
      });
    for (const [index, { at, machine, idle = 0, fence, revision, rounds }] of state.requests.entries()) {
      const does = (label: string, change: (after: State, me: Request) => void) =>
        step(`m${machine}: ${label}`, (after) => change(after, after.requests[index]!));
      if (['answered', 'refused', 'dead'].includes(at) || rounds > 2) continue;
      if (state.crashes > 0 && at !== 'seat')
        does('dies', (after, me) => {
          me.at = 'dead';
          after.crashes--;
        });
      if (at === 'seat') does('claims a seat', (_, me) => Object.assign(me, { at: 'touch' }));
      if (at === 'touch')
        does('touches its machine', (after, me) => {
          const record = after.records[machine]!;
          if (record.active) record.revision++;
          me.at = record.active ? 'answered' : 'slot';
        });
      if (at === 'slot')
        does('looks for a slot', (after, me) => {
          // The machine's own slot is the leftover of an incomplete end: the request frees the slot and claims it again.
          if (after.slot.machine === machine) after.slot.machine = 0;
          else if (after.slot.machine === 0) {
            after.slot = { machine, fence: after.slot.fence + 1 };
            me.at = 'record';
          } else me.at = 'read';
        });
      if (at === 'record')
        does('records its machine', (after, me) => {
          const record = after.records[machine]!;
          Object.assign(record, { active: true, revision: record.revision + 1 });
          me.at = 'answered';
        });
      if (at === 'read')
        does('reads the record of the slot’s machine', (after, me) => {
          const { machine: idle, fence } = after.slot;
          Object.assign(me, { at: 'list', idle, fence, revision: after.records[idle]?.revision });
        });
      if (at === 'list')
        does('lists its seats', (after, me) => {
          me.at = idle === 0 || !inUse(after, idle) ? 'end' : 'refused';
        });
      if (at === 'end')
        does('ends its record', (after, me) => {
          const record = after.records[idle]!;
          const asRead = !byRevision || record.revision === revision;
          if (asRead) Object.assign(record, { active: false, revision: record.revision + 1 });
          Object.assign(me, asRead ? { at: 'free' } : { at: 'touch', rounds: rounds + 1 });
        });
      if (at === 'free')
        does('frees its slot', (after, me) => {
          if (after.slot.machine === idle && after.slot.fence === fence) after.slot.machine = 0;
          Object.assign(me, { at: 'touch', rounds: rounds + 1 });
        });
    }
  };

  const violations = (state: State): string[] => {
    const used = [1, 2].filter(
      (machine) =>
        (machine === 1 && state.live) || state.requests.some((one) => one.machine === machine && one.at === 'answered'),
    );
    return used.length > 1 ? ['two machines are in use'] : [];
  };

  it('is freed only if its machine’s record is unchanged since before the seats were listed: never two machines', () => {
    const { states, violated } = explore(initial, stepsOf(true), violations);
    expect(violated).toEqual({});
    expect(states).toBeGreaterThan(100);
  });
  it('would otherwise be taken from a session that started in between', () => {
    expect(explore(initial, stepsOf(false), violations).violated).toHaveProperty('two machines are in use');
  });
});

describe('a machine quota that starts to bind', () => {
  interface Newcomer {
    at: 'seat' | 'verify' | 'list' | 'open' | 'slot' | 'record' | 'answered' | 'refused';
    /** Whether the newcomer was verified after the quota started to bind. */
    bound: boolean;
    voided: boolean;
    /** Whether the newcomer's machine has a slot. */
    slot: boolean;
    rounds: number;
  }
  interface State {
    binds: boolean;
    complete: boolean;
    /** Whether the machine that was in use before has got the only slot. */
    adopted: boolean;
    newcomers: Newcomer[];
  }
  const newcomer: Newcomer = { at: 'seat', bound: false, voided: false, slot: false, rounds: 0 };
  /** One machine is in use when the quota starts to bind, and three others come. */
  const initial: State = {
    binds: false,
    complete: false,
    adopted: false,
    newcomers: [1, 2, 3].map(() => ({ ...newcomer })),
  };
  const slotsOf = (state: State) => (state.adopted ? 1 : 0) + state.newcomers.filter(({ slot }) => slot).length;

  /** @param voiding whether claims in flight are voided, rather than counted as machines in use */
  const stepsOf = (voiding: boolean) => (state: State, step: Step<State>) => {
    if (!state.binds)
      step('the quota binds', (after) => {
        after.binds = true;
      });
    for (const [index, { at, rounds }] of state.newcomers.entries()) {
      const does = (label: string, change: (after: State, me: Newcomer) => void) =>
        step(`${index}: ${label}`, (after) => change(after, after.newcomers[index]!));
      if (rounds > 1) continue;
      if (at === 'seat') does('claims a seat', (_, me) => Object.assign(me, { at: 'verify', voided: false }));
      if (at === 'verify')
        does('verifies', (after, me) => {
          me.bound = after.binds;
          me.at = !after.binds ? 'record' : after.complete ? 'slot' : 'list';
        });
      if (at === 'list')
        does('lists seats, and gives machines in use their slots', (after, me) => {
          after.adopted = true;
          for (const one of after.newcomers) {
            if (one.at === 'answered') one.slot = true;
            else if (one.at !== 'seat' && one.at !== 'refused')
              if (voiding) one.voided = true;
              else one.slot = true;
          }
          me.at = 'open';
        });
      if (at === 'open')
        does('says that all have theirs', (after, me) => {
          after.complete = true;
          me.at = 'slot';
        });
      if (at === 'slot')
        does('touches or takes a slot', (after, me) => {
          if (!me.slot && slotsOf(after) < 1) me.slot = true;
          me.at = me.slot ? 'record' : 'refused';
        });
      if (at === 'record')
        does('records', (_, me) => {
          Object.assign(me, me.voided ? { at: 'seat', rounds: rounds + 1 } : { at: 'answered' });
        });
    }
  };
  const violations = ({ newcomers }: State): string[] =>
    newcomers.some(({ at, bound }) => at === 'answered' && bound) ? ['one came in after it, over the quota'] : [];

  it('lets no machine in that is verified afterwards, while another machine is in use', () => {
    const { states, violated } = explore(initial, stepsOf(true), violations);
    expect(violated).toEqual({});
    expect(states).toBeGreaterThan(500);
  });
  it('would let such a machine in, if it counted claims in flight as machines in use', () => {
    expect(Object.keys(explore(initial, stepsOf(false), violations).violated)).not.toEqual([]);
  });
});
