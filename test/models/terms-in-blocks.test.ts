import { describe, expect, it } from 'vitest';
import { explore, type Step } from './explore.ts';

// Explores a pool whose seats are in blocks. The subscription has the terms; each block after the first has a copy of them. A
// change: the subscription by compare-and-swap, a copy for each block unless it is newer, the note `pushed` (no older copy
// exists or can come to exist), the answer. A claim: the seat, a strong read of the block's terms, the record. A request that
// finds nothing free by the copies reads the subscription: `pushed` behind, it pushes; below the quota, it lists the seats above
// `claimable`, closes lapsed ones, and raises `claimable`. A copy that is absent is made by the first request that needs it.
// Pushes that were sent may arrive once more, later. A process that stands still for ever has crashed.
interface Rules {
  /** A change is answered after its pushes. */
  pushesFirst: boolean;
  /** A copy is put only if it is older. */
  onlyOlder: boolean;
  /** A claim is verified by a strong read. */
  strong: boolean;
  /** A request that finds nothing free pushes copies that may be old, before it refuses or lists. */
  heals: boolean;
  /** A copy refuses, whatever the subscription says. */
  copiesRefuse: boolean;
  /** A push reaches each block that the pool ever had. */
  allBlocks: boolean;
  /** A push makes absent copies, too. */
  makesAbsent: boolean;
  /** `pushed` is set after the pushes. */
  noteLast: boolean;
  /** A repeated change is a new version, and is pushed again. */
  alwaysNew: boolean;
  /** A refused verification looks whether the copy is old. */
  healsAfterClaim: boolean;
}
const good: Rules = {
  pushesFirst: true,
  onlyOlder: true,
  strong: true,
  heals: true,
  copiesRefuse: false,
  allBlocks: true,
  makesAbsent: true,
  noteLast: true,
  alwaysNew: true,
  healsAfterClaim: true,
};

interface Terms {
  quota: number;
  claimable: number;
  active: boolean;
  version: number;
}
interface Subscription extends Terms {
  /** The most blocks that the pool ever had. */
  blocks: number;
  pushed: number;
}
interface SeatState {
  /** 0: nobody; 1: a session from before; 2 and on: the claimants. */
  holder: number;
  alive: boolean;
  fence: number;
}
interface Claimant {
  at: string;
  rounds: number;
  seat: number;
  fence: number;
  /** The subscription as read. */
  read?: Subscription | undefined;
  block: number;
  live: number[];
  raiseTo: number;
  /** The largest quota since its verification, and whether the subscription was active then. */
  bound: number;
  admitted: boolean;
}
interface Setter {
  at: 'out' | 'push' | 'note' | 'done';
  read?: Subscription | undefined;
  block: number;
}
interface State {
  subscription: Subscription;
  /** By block; the first block has the subscription. */
  copies: (Terms | null)[];
  seats: SeatState[];
  /** The blocks that the censuses call full: the `claimable` for which, 0: none. */
  full: number[];
  claimants: Claimant[];
  setters: Setter[];
  /** The changes that may count yet: version, quota, active. */
  window: { version: number; quota: number; active: boolean }[];
  late: { block: number; terms: Terms }[];
  lates: number;
  lapses: number;
  heartbeats: number;
  releases: number;
  bad: string;
}
interface Config {
  blockOf: number[];
  quota: number;
  /** The seats that are held at first. */
  held: number[];
  claimants: number;
  sets: { quota: number; active?: boolean }[];
  rounds: number;
  absent?: boolean;
  lapses?: number;
  heartbeats?: number;
  releases?: number;
  lates?: number;
  census?: boolean;
}

const moreThanQuota = 'more live holders than the quota that was answered before one was verified';
const admittedLate = 'verified after the suspension was answered';
const extendedLate = 'a heartbeat would extend after the suspension was answered';
const refusedWrongly = 'a request that comes alone gets nothing although fewer than the quota are held';

const modelOf = (config: Config, rules: Rules) => {
  const { blockOf } = config;
  const count = Math.max(...blockOf) + 1;
  const blocksFor = (quota: number) => (quota > 0 ? blockOf[quota - 1]! + 1 : 1);
  const claimant = (): Claimant => ({
    at: 'look',
    rounds: 0,
    seat: -1,
    fence: 0,
    block: 0,
    live: [],
    raiseTo: 0,
    bound: -1,
    admitted: true,
  });
  const first: Terms = { quota: config.quota, claimable: config.quota, active: true, version: 1 };
  const initial: State = {
    subscription: { ...first, blocks: blocksFor(config.quota), pushed: 1 },
    copies: blockOf
      .slice(0, count)
      .map((_, block) =>
        block > 0 && block < count && block < blocksFor(config.quota) && !config.absent ? first : null,
      ),
    seats: blockOf.map((_, seat) => {
      const isHeld = config.held.includes(seat);
      return { holder: isHeld ? 1 : 0, alive: isHeld, fence: 1 };
    }),
    full: Array.from({ length: count }, () => 0),
    claimants: Array.from({ length: config.claimants }, claimant),
    setters: config.sets.map(() => ({ at: 'out', block: 1 })),
    window: [{ version: 1, quota: config.quota, active: true }],
    late: [],
    lates: config.lates ?? 0,
    lapses: config.lapses ?? 0,
    heartbeats: config.heartbeats ?? 0,
    releases: config.releases ?? 0,
    bad: '',
  };

  const termsOf = (state: State, block: number): Terms | null =>
    block === 0 ? state.subscription : (state.copies[block] ?? null);
  const plain = ({ quota, claimable, active, version }: Terms): Terms => ({ quota, claimable, active, version });
  const put = (after: State, block: number, terms: Terms) => {
    const copy = after.copies[block];
    if (!copy && !rules.makesAbsent) return;
    if (!copy || !rules.onlyOlder || copy.version < terms.version) after.copies[block] = plain(terms);
  };
  const make = (after: State, block: number, terms: Terms) => {
    if (!after.copies[block]) after.copies[block] = plain(terms);
  };
  const reach = (read: Subscription) => (rules.allBlocks ? read.blocks : blocksFor(read.quota));
  const note = (after: State, version: number) => {
    after.subscription.pushed = Math.max(after.subscription.pushed, version);
  };
  /** A new version: a claim that was verified before may count on the largest quota since. */
  const changed = (after: State) => {
    const { version, quota, active } = after.subscription;
    after.window.push({ version, quota, active });
    for (const one of after.claimants) if (one.bound >= 0) one.bound = Math.max(one.bound, quota);
  };
  const answer = (after: State, version: number) => {
    after.window = after.window.filter((one) => one.version >= version);
  };
  const raised = (quota: number, claimable: number, live: number[]) => {
    for (let to = quota; to > claimable; to--) if (to + live.filter((seat) => seat >= to).length <= quota) return to;
    return claimable;
  };

  /** The steps of a claimant; also of one that comes alone. */
  const claim = (state: State, index: number, step: Step<State>, most: number) => {
    const me = state.claimants[index]!;
    const id = index + 2;
    const again = (after: State) => {
      const rounds = after.claimants[index]!.rounds + 1;
      after.claimants[index] = { ...claimant(), at: rounds > most ? 'gave up' : 'look', rounds };
    };
    const go = (after: State, change: Partial<Claimant>) => Object.assign(after.claimants[index]!, change);
    /** Pushes if copies may be old, or makes the copy of a block; then looks again. */
    const heal = (after: State, block: number) => {
      const read = { ...after.subscription };
      if (read.pushed < read.version) return go(after, { at: 'push', read, block: 1 });
      if (block > 0 && block < read.blocks && !after.copies[block]) return go(after, { at: 'make', read, block });
      return again(after);
    };
    const label = (text: string) => `claimant ${index}: ${text}`;
    if (me.at === 'look') {
      const free = state.seats.flatMap(({ alive }, seat) => (alive ? [] : [seat]));
      // By the subscription, or by the copy of any block: it chooses a number of any block.
      for (let block = 0; block < count; block++) {
        const terms = termsOf(state, block);
        if (block >= state.subscription.blocks) continue;
        const open = terms?.active ? free.filter((seat) => seat < terms.claimable) : [];
        for (const seat of open) step(label(`chooses seat ${seat}`), (after) => go(after, { at: 'claim', seat }));
        if (!terms) step(label(`finds no terms in block ${block}`), (after) => heal(after, block));
        else if (open.length === 0)
          step(label(`finds nothing by block ${block}, reads the subscription`), (after) => {
            const read = { ...after.subscription };
            if (!rules.copiesRefuse) {
              if (read.pushed < read.version && rules.heals) return go(after, { at: 'push', read, block: 1 });
              if (read.version !== terms.version) return again(after);
            }
            if (!terms.active) return go(after, { at: 'refused' });
            if (terms.claimable < terms.quota)
              return go(after, { at: 'list', read: { ...read, ...plain(terms) }, block: blockOf.length - 1, live: [] });
            return go(after, config.census ? { at: 'census', read, block: 0 } : { at: 'refused' });
          });
      }
    }
    if (me.at === 'push') {
      const read = me.read!;
      if (me.block < reach(read))
        step(label(`pushes to block ${me.block}`), (after) => {
          put(after, me.block, read);
          if (after.lates > 0 && after.late.length === 0) {
            after.lates--;
            after.late.push({ block: me.block, terms: plain(read) });
          }
          go(after, { block: me.block + 1 });
        });
      else
        step(label('notes its pushes'), (after) => {
          note(after, read.version);
          again(after);
        });
    }
    if (me.at === 'make')
      step(label(`makes the copy of block ${me.block}`), (after) => {
        make(after, me.block, me.read!);
        again(after);
      });
    if (me.at === 'list')
      step(label(`lists seat ${me.block}`), (after) => {
        const seat = after.seats[me.block]!;
        const live = seat.alive ? [...me.live, me.block] : me.live;
        // Closed, so that no heartbeat revives it.
        if (seat.holder && !seat.alive) after.seats[me.block] = { holder: 0, alive: false, fence: seat.fence + 1 };
        if (me.block - 1 >= me.read!.claimable) return go(after, { block: me.block - 1, live });
        const raiseTo = raised(me.read!.quota, me.read!.claimable, live);
        return raiseTo > me.read!.claimable ? go(after, { at: 'raise', raiseTo }) : go(after, { at: 'refused' });
      });
    if (me.at === 'raise')
      step(label(`raises claimable to ${me.raiseTo}`), (after) => {
        const { subscription } = after;
        if (subscription.version !== me.read!.version) return again(after);
        subscription.claimable = me.raiseTo;
        subscription.version++;
        changed(after);
        return go(after, { at: 'push', read: { ...subscription }, block: 1 });
      });
    if (me.at === 'census')
      step(label(`looks at block ${me.block}`), (after) => {
        const { claimable, version } = me.read!;
        const seats = blockOf.flatMap((block, seat) => (block === me.block && seat < claimable ? [seat] : []));
        const isCertified = after.full[me.block]! >= claimable;
        if (!isCertified && seats.some((seat) => !after.seats[seat]!.alive)) return again(after);
        after.full[me.block] = Math.max(after.full[me.block]!, claimable);
        if (me.block + 1 < count) return go(after, { block: me.block + 1 });
        const stands = after.full.every((upTo) => upTo >= claimable);
        return stands && after.subscription.version === version ? go(after, { at: 'refused' }) : again(after);
      });
    if (me.at === 'claim')
      step(label(`claims seat ${me.seat}`), (after) => {
        const seat = after.seats[me.seat]!;
        if (seat.alive) return again(after);
        after.seats[me.seat] = { holder: id, alive: true, fence: seat.fence + 1 };
        return go(after, { at: 'verify', fence: seat.fence + 1 });
      });
    if (me.at === 'verify')
      step(label('verifies'), (after) => {
        const terms = termsOf(after, blockOf[me.seat]!);
        if (rules.strong && !(terms?.active && me.seat < terms.claimable)) return go(after, { at: 'give back' });
        const bound = Math.max(...after.window.map(({ quota }) => quota));
        return go(after, { at: 'record', bound, admitted: after.window.some(({ active }) => active) });
      });
    if (me.at === 'record')
      step(label('records'), (after) => {
        if (!me.admitted) after.bad = admittedLate;
        go(after, { at: 'holds' });
      });
    if (me.at === 'give back')
      step(label('gives back'), (after) => {
        const seat = after.seats[me.seat]!;
        if (seat.holder === id && seat.fence === me.fence) {
          after.seats[me.seat] = { holder: 0, alive: false, fence: seat.fence };
          after.full[blockOf[me.seat]!] = 0;
        }
        return rules.healsAfterClaim ? heal(after, blockOf[me.seat]!) : again(after);
      });
  };

  const holds = (state: State, { at, seat, fence }: Claimant, index: number) =>
    at === 'holds' && state.seats[seat]!.holder === index + 2 && state.seats[seat]!.fence === fence;

  const stepsOf = (state: State, add: Step<State>): void => {
    // Claimants are alike: one order of them stands for all.
    const step: Step<State> = (label, change) =>
      add(label, (after) => {
        change(after);
        const isOut = ({ at }: Claimant) => at === 'refused' || at === 'gave up' || at === 'gone';
        const sorted = after.claimants
          .map((one, index) => ({ one: isOut(one) ? { ...claimant(), at: 'gone' } : one, index }))
          .sort((a, b) => (JSON.stringify(a.one) < JSON.stringify(b.one) ? -1 : 1));
        const places = new Map(sorted.map(({ index }, place) => [index + 2, place + 2]));
        for (const seat of after.seats) seat.holder = places.get(seat.holder) ?? seat.holder;
        after.claimants = sorted.map(({ one }) => one);
      });
    state.setters.forEach((me, index) => {
      const { quota, active = true } = config.sets[index]!;
      const label = (text: string) => `change ${index} to ${quota}${active ? '' : ', suspended'}: ${text}`;
      const done = (after: State, version: number) => {
        after.setters[index] = { at: 'done', block: 0 };
        if (rules.pushesFirst) answer(after, version);
      };
      if (me.at === 'out')
        step(label('subscription'), (after) => {
          const before = after.subscription;
          if (!rules.alwaysNew && before.quota === quota && before.active === active) {
            after.setters[index] = { at: 'done', block: 0 };
            return answer(after, before.version);
          }
          const isAllOpen = quota >= before.quota && before.quota > 0 && before.claimable === before.quota;
          const version = before.version + 1;
          const blocks = Math.max(before.blocks, blocksFor(quota));
          const isFirst = before.blocks === 1 && blocks > 1;
          after.subscription = {
            quota,
            claimable: isAllOpen ? quota : quota < before.quota ? 0 : before.claimable,
            active,
            version,
            blocks,
            pushed: isFirst || !rules.noteLast ? version : before.pushed,
          };
          changed(after);
          if (!rules.pushesFirst) answer(after, version);
          if (isFirst || blocks === 1) {
            note(after, version);
            return done(after, version);
          }
          after.setters[index] = { at: 'push', read: { ...after.subscription }, block: 1 };
        });
      if (me.at === 'push') {
        const read = me.read!;
        if (me.block < reach(read))
          step(label(`block ${me.block}`), (after) => {
            put(after, me.block, read);
            if (after.lates > 0 && after.late.length === 0) {
              after.lates--;
              after.late.push({ block: me.block, terms: plain(read) });
            }
            after.setters[index]!.block++;
          });
        else
          step(label('notes its pushes, and is answered'), (after) => {
            note(after, read.version);
            done(after, read.version);
          });
      }
    });
    for (const index of state.claimants.keys()) claim(state, index, step, config.rounds);
    for (const [index, { block, terms }] of state.late.entries())
      step(`an earlier push to block ${block} arrives again`, (after) => {
        after.late.splice(index, 1);
        put(after, block, terms);
      });
    state.seats.forEach(({ holder, alive }, seat) => {
      if (alive && state.lapses > 0)
        step(`the lease on seat ${seat} ends`, (after) => {
          after.lapses--;
          after.seats[seat]!.alive = false;
          after.full[blockOf[seat]!] = 0;
        });
      const isTold = holder === 1 || (holder > 1 && holds(state, state.claimants[holder - 2]!, holder - 2));
      if (!isTold) return;
      if (!alive && state.heartbeats > 0)
        step(`a late heartbeat revives seat ${seat}`, (after) => {
          after.heartbeats--;
          after.seats[seat]!.alive = true;
        });
      if (state.releases > 0)
        step(`seat ${seat} is released`, (after) => {
          after.releases--;
          after.seats[seat] = { holder: 0, alive: false, fence: after.seats[seat]!.fence };
          after.full[blockOf[seat]!] = 0;
          if (holder > 1) after.claimants[holder - 2] = { ...claimant(), at: 'gone' };
        });
    });
  };

  /** From here on all others stand still, and one more claimant comes. */
  const outcomes = new Map<string, boolean>();
  const comesToNothing = (state: State): boolean => {
    const lone: State = {
      ...state,
      claimants: [claimant()],
      seats: state.seats.map(({ holder, alive, fence }) => ({ holder: holder && 99, alive, fence: fence && 1 })),
      window: [],
      late: [],
      lates: 0,
      setters: [],
      bad: '',
    };
    const key = JSON.stringify([lone.subscription, lone.copies, lone.seats, lone.full]);
    const known = outcomes.get(key);
    if (known !== undefined) return known;
    const open = [JSON.stringify(lone)];
    const seen = new Set(open);
    let isRefused = false;
    for (let text = open.pop(); text !== undefined && !isRefused; text = open.pop()) {
      const at: State = JSON.parse(text);
      isRefused = at.claimants[0]!.at === 'refused' || at.claimants[0]!.at === 'gave up';
      claim(
        at,
        0,
        (_, change) => {
          const after: State = JSON.parse(text as string);
          change(after);
          after.window = [{ version: 0, quota: 0, active: true }];
          const next = JSON.stringify(after);
          if (seen.has(next)) return;
          seen.add(next);
          open.push(next);
        },
        6,
      );
    }
    outcomes.set(key, isRefused);
    return isRefused;
  };

  const violations = (state: State): string[] => {
    const found = state.bad ? [state.bad] : [];
    const live = state.claimants.filter((one, index) => holds(state, one, index) && state.seats[one.seat]!.alive);
    const all = live.length + state.seats.filter(({ holder, alive }) => holder === 1 && alive).length;
    if (live.some(({ bound }) => all > bound)) found.push(moreThanQuota);
    const isActive = state.window.some(({ active }) => active);
    const extends_ = ({ holder, alive }: SeatState, seat: number) =>
      alive &&
      termsOf(state, blockOf[seat]!)?.active &&
      (holder === 1 || (holder > 1 && holds(state, state.claimants[holder - 2]!, holder - 2)));
    if (!isActive && state.seats.some(extends_)) found.push(extendedLate);
    const { active, quota } = state.subscription;
    if (active && state.seats.filter(({ alive }) => alive).length < quota && comesToNothing(state))
      found.push(refusedWrongly);
    return found;
  };
  return { initial, stepsOf, violations };
};

const broken = (config: Config, changes: Partial<Rules> = {}, sought: string[] = []) => {
  const { initial, stepsOf, violations } = modelOf(config, { ...good, ...changes });
  return explore(initial, stepsOf, violations, sought);
};

const shrink = { quota: 1 };
const suspend = { quota: 2, active: false };
const common = { blockOf: [0, 1], quota: 2, held: [1], claimants: 2, rounds: 1 };
const configs = {
  shrinkOnce: { ...common, sets: [shrink], lapses: 1, heartbeats: 1 },
  shrinkAndSuspend: { ...common, claimants: 1, sets: [shrink, suspend] },
  suspendAndResume: { ...common, claimants: 1, sets: [suspend, { quota: 2 }], releases: 1 },
  growAndShrink: { ...common, quota: 1, held: [0], sets: [{ quota: 2 }, shrink], lapses: 1 },
  growOn: { ...common, blockOf: [0, 1, 1], claimants: 1, sets: [{ quota: 3 }], lapses: 1 },
  threeBlocks: { ...common, blockOf: [0, 1, 2], quota: 3, held: [2], claimants: 1, sets: [{ quota: 2 }], lates: 1 },
  noCopies: { ...common, absent: true, held: [], sets: [shrink] },
  latePushes: { ...common, sets: [suspend, { quota: 2 }], claimants: 1, lates: 1 },
  census: { ...common, census: true, sets: [{ quota: 1 }, { quota: 2 }], claimants: 1, releases: 1 },
} satisfies Record<string, Config>;
/** Seen whole, too, in more seconds than a test may take. */
const large = { shrinkTwice: { ...common, sets: [shrink, shrink], lapses: 1 } } satisfies Record<string, Config>;

describe('a pool in blocks', () => {
  it.each(Object.keys(configs) as (keyof typeof configs)[])('keeps its quota and its terms: %s', (name) => {
    const { violated } = broken(configs[name]);
    expect(violated).toEqual({});
  });

  it.each<[string, keyof (typeof configs & typeof large), Partial<Rules>, string]>([
    ['a shrink is answered before its pushes', 'shrinkOnce', { pushesFirst: false }, moreThanQuota],
    ['a suspension is answered before its pushes', 'shrinkAndSuspend', { pushesFirst: false }, extendedLate],
    ['an older push may replace a newer copy', 'latePushes', { onlyOlder: false }, extendedLate],
    ['a claim is verified by what was read before', 'shrinkOnce', { strong: false }, moreThanQuota],
    ['an old copy is not pushed before a raise', 'shrinkOnce', { heals: false }, moreThanQuota],
    ['a copy may refuse', 'growOn', { copiesRefuse: true }, refusedWrongly],
    ['only the blocks of the new quota get it', 'shrinkOnce', { allBlocks: false }, moreThanQuota],
    ['absent copies stay absent', 'noCopies', { makesAbsent: false }, moreThanQuota],
    ['the pushes are noted before they are made', 'shrinkOnce', { noteLast: false }, moreThanQuota],
    ['a repeated change is answered at once', 'shrinkTwice', { alwaysNew: false }, moreThanQuota],
    ['a claim that an old copy refuses leaves it old', 'growOn', { healsAfterClaim: false }, refusedWrongly],
  ])('would break, if %s', (_, name, changes, violation) => {
    const { violated } = broken({ ...configs, ...large }[name], changes, [violation]);
    expect(Object.keys(violated)).toContain(violation);
  });
});
