import { describe, expect, it } from 'vitest';
import { explore, type Step } from './explore.ts';

// Explores how a request is refused by a large pool whose seats it does not read. Each block of seats has a census:
// `fullUntil`, `epoch`, `upTo`. A certifier reads a block's seats, watches each (a mark on the seat, conditional on its
// claim), and certifies the block on condition of the epoch as read. The end of a watched claim frees the seat, then dissolves
// the certificate (`fullUntil` 0, `epoch` + 1), and is acknowledged after both. A claim leaves the census alone. A refusal
// takes two passes: terms and censuses, then the same terms and epochs. A process that stands still for ever has crashed.
// A seat counts as free from the acknowledgement of its release, or from the end of its lease as last told.
interface Rules {
  passes: 1 | 2;
  /** The certificate is conditional on the epoch as read. */
  epoch: boolean;
  /** A release dissolves before it is acknowledged. */
  dissolvesFirst: boolean;
  /** A certifier watches each seat, on condition of the claim as read. */
  watches: 'claim' | 'always' | 'never';
  /** A pass reads the clock after the last census. */
  lateClock: boolean;
  /** A certificate names the highest number that could be claimed. */
  upTo: boolean;
  /** The second pass compares the terms. */
  sameTerms: boolean;
  /** How much earlier than the earliest end of a lease a certificate ends: ticks. */
  margin: number;
  /** The longest life of a certificate: ticks. */
  cap: number;
  /** The age from which a watch no longer serves a new certificate, and from which a claim drops it: ticks. */
  stale: number;
  drop: number;
  /** A lease that is shortened below the assumed one dissolves the certificate before its end is told. */
  shortDissolves: boolean;
  /** The epoch of a census that was lost begins at a number that it never had. */
  epochsNeverRepeat: boolean;
  /** A certifier takes the end of a lease from the write that watches the seat. */
  endAsWatched: boolean;
}
interface SeatState {
  held: boolean;
  fence: number;
  end: number;
  told: number;
  acknowledged: boolean;
  watchedAt: number;
}
interface CensusState {
  fullUntil: number;
  epoch: number;
  upTo: number;
}
interface Request {
  at: 'out' | 'census' | 'seat' | 'watch' | 'certify' | 'again' | 'done';
  skew: number;
  claimable: number;
  block: number;
  seat: number;
  earliest: number;
  seenFence: number;
  from: number;
  epochs: number[];
  fullUntil: number[];
  /** Whether there was an instant without a free seat since it began. */
  wasFull: boolean;
  clock: number;
}
interface Actor {
  at: 'out' | 'second' | 'done';
  seat: number;
  fence: number;
}
interface State {
  now: number;
  claimable: number;
  seats: SeatState[];
  censuses: CensusState[];
  requests: Request[];
  claims: Actor[];
  releases: Actor[];
  shortenings: Actor[];
  heartbeats: number;
  growths: number;
  losses: number;
  bad: string;
}
interface Config {
  blockOf: number[];
  claimable?: number;
  free?: number[];
  fullUntil?: number[];
  requests: number;
  claims?: number;
  releases?: number;
  shortenings?: number;
  heartbeats?: number;
  growths?: number;
  losses?: number;
  lease: number;
  ends?: number[];
  until?: number;
  skew?: number;
}

const untold = 99;
const good: Rules = {
  passes: 2,
  epoch: true,
  dissolvesFirst: true,
  watches: 'claim',
  lateClock: true,
  upTo: true,
  sameTerms: true,
  margin: 0,
  cap: 50,
  stale: 50,
  drop: 99,
  shortDissolves: true,
  epochsNeverRepeat: true,
  endAsWatched: true,
};

const initial = (config: Config, rules: Rules): State => {
  const actor: Actor = { at: 'out', seat: -1, fence: 0 };
  const many = (count = 0) => Array.from({ length: count }, () => ({ ...actor }));
  return {
    now: 0,
    claimable: config.claimable ?? config.blockOf.length,
    seats: config.blockOf.map((block, index) => {
      const isFree = config.free?.includes(index) ?? false;
      const end = isFree ? 0 : (config.ends?.[index] ?? 50);
      const watchedAt = config.fullUntil?.[block] ? 0 : -99;
      return { held: !isFree, fence: 1, end, told: end, acknowledged: isFree, watchedAt };
    }),
    censuses: Array.from({ length: Math.max(...config.blockOf) + 1 }, (_, block) => ({
      fullUntil: Math.min(config.fullUntil?.[block] ?? 0, rules.cap),
      epoch: 0,
      upTo: config.claimable ?? config.blockOf.length,
    })),
    requests: Array.from({ length: config.requests }, () => ({
      at: 'out' as const,
      skew: 0,
      claimable: 0,
      block: 0,
      seat: 0,
      earliest: 0,
      seenFence: 0,
      from: 0,
      epochs: [],
      fullUntil: [],
      wasFull: false,
      clock: 0,
    })),
    claims: many(config.claims),
    releases: many(config.releases),
    shortenings: many(config.shortenings),
    heartbeats: config.heartbeats ?? 0,
    growths: config.growths ?? 0,
    losses: config.losses ?? 0,
    bad: '',
  };
};

const isFree = ({ held, end, told, acknowledged }: SeatState, now: number) =>
  held ? end <= now && told <= now : acknowledged || told <= now;

const stepsOf =
  (config: Config, rules: Rules) =>
  (state: State, add: Step<State>): void => {
    if (state.bad) return;
    const { blockOf } = config;
    const skews = config.skew ? [-config.skew, 0, config.skew] : [0];
    // Each state is an instant: the requests under way have seen whether a seat was free.
    const step: Step<State> = (label, change) =>
      add(label, (after) => {
        change(after);
        const full = after.seats.every((seat, n) => n >= after.claimable || !isFree(seat, after.now));
        for (const request of after.requests)
          if (request.at !== 'out' && request.at !== 'done') request.wasFull ||= full;
      });
    const dissolve = (after: State, seat: number) => {
      const census = after.censuses[blockOf[seat]!]!;
      census.fullUntil = 0;
      census.epoch++;
    };
    const blocks = state.censuses.length;

    state.requests.forEach((request, index) => {
      const me = (after: State) => after.requests[index]!;
      const clock = (after: State) => (rules.lateClock ? after.now + me(after).skew : me(after).clock);
      const seatsOf = (block: number, claimable: number) =>
        blockOf.flatMap((of, n) => (of === block && n < claimable ? [n] : []));
      const leave = (after: State) => {
        Object.assign(me(after), { at: 'done', epochs: [], fullUntil: [] });
      };
      const decide = (after: State) => {
        const mine = me(after);
        const now = clock(after);
        if (mine.fullUntil.every((until) => until > now) && !mine.wasFull) after.bad = 'refused while a seat was free';
        leave(after);
      };
      const lookOn = (after: State) => {
        const mine = me(after);
        while (mine.block < blocks && mine.fullUntil[mine.block]! > 0) mine.block++;
        if (mine.block < blocks) {
          const [first] = seatsOf(mine.block, mine.claimable);
          if (first === undefined) {
            mine.fullUntil[mine.block] = untold;
            return lookOn(after);
          }
          Object.assign(mine, { at: 'seat', seat: first, earliest: untold, from: clock(after) });
        } else if (rules.passes === 1) decide(after);
        else Object.assign(mine, { at: 'again', block: 0 });
      };
      const readCensus = (after: State) => {
        const mine = me(after);
        const { fullUntil, epoch, upTo } = after.censuses[mine.block]!;
        mine.epochs.push(epoch);
        const covers = !rules.upTo || upTo >= mine.claimable;
        mine.fullUntil.push(covers && fullUntil > clock(after) ? fullUntil : 0);
        if (++mine.block < blocks) return;
        mine.block = 0;
        lookOn(after);
      };
      if (request.at === 'out')
        for (const skew of skews)
          step(`${index} arrives (clock ${skew})`, (after) => {
            const at = { at: 'census', skew, claimable: after.claimable, clock: after.now + skew } as const;
            Object.assign(me(after), at);
          });
      if (request.at === 'census') step(`${index} reads census ${request.block}`, readCensus);
      const nextSeat = (after: State) => {
        const mine = me(after);
        const next = seatsOf(mine.block, mine.claimable).find((n) => n > mine.seat);
        Object.assign(mine, next === undefined ? { at: 'certify' } : { at: 'seat', seat: next });
      };
      if (request.at === 'seat')
        step(`${index} reads seat ${request.seat}`, (after) => {
          const mine = me(after);
          const { held, end, fence, watchedAt } = after.seats[mine.seat]!;
          if (!held || end <= clock(after)) return leave(after);
          mine.earliest = Math.min(mine.earliest, end);
          if (rules.watches !== 'never' && after.now - watchedAt >= rules.stale)
            return Object.assign(mine, { at: 'watch', seenFence: fence });
          nextSeat(after);
        });
      if (request.at === 'watch')
        step(`${index} watches seat ${request.seat}`, (after) => {
          const mine = me(after);
          const seat = after.seats[mine.seat]!;
          if (rules.watches === 'claim' && !(seat.held && seat.fence === mine.seenFence)) return leave(after);
          seat.watchedAt = after.now;
          if (rules.endAsWatched) mine.earliest = Math.min(mine.earliest, seat.end);
          nextSeat(after);
        });
      if (request.at === 'certify')
        step(`${index} certifies block ${request.block}`, (after) => {
          const mine = me(after);
          const census = after.censuses[mine.block]!;
          const fullUntil = Math.min(mine.earliest - rules.margin, mine.from + rules.cap);
          if ((rules.epoch && census.epoch !== mine.epochs[mine.block]) || fullUntil <= clock(after))
            return leave(after);
          Object.assign(census, { fullUntil, upTo: mine.claimable });
          mine.fullUntil[mine.block] = fullUntil;
          lookOn(after);
        });
      if (request.at === 'again')
        step(`${index} reads census ${request.block} again`, (after) => {
          const mine = me(after);
          const { epoch, fullUntil, upTo } = after.censuses[mine.block]!;
          const termsChanged = rules.sameTerms && after.claimable !== mine.claimable;
          if (epoch !== mine.epochs[mine.block] || termsChanged || (rules.upTo && upTo < mine.claimable))
            return leave(after);
          mine.fullUntil[mine.block] = fullUntil;
          if (++mine.block === blocks) decide(after);
        });
    });

    state.claims.forEach((claim, index) => {
      const tell = (after: State, n: number, fence: number) => {
        const seat = after.seats[n]!;
        if (seat.held && seat.fence === fence) seat.told = seat.end;
      };
      if (claim.at === 'out')
        state.seats.forEach((seat, n) => {
          for (const skew of skews)
            if (n < state.claimable && (!seat.held || seat.end <= state.now + skew))
              step(`a claim of seat ${n} (clock ${skew})`, (after) => {
                const mine = after.seats[n]!;
                const dropsWatch = after.now - mine.watchedAt >= rules.drop;
                const end = after.now + skew + config.lease;
                const fence = mine.fence + 1;
                after.seats[n] = {
                  held: true,
                  fence,
                  end,
                  told: untold,
                  acknowledged: false,
                  watchedAt: mine.watchedAt,
                };
                if (dropsWatch) after.seats[n].watchedAt = -99;
                after.claims[index] = { at: 'second', seat: n, fence };
              });
        });
      if (claim.at === 'second')
        step(`the claim of seat ${claim.seat} is told`, (after) => {
          tell(after, claim.seat, claim.fence);
          after.claims[index]!.at = 'done';
        });
    });

    state.releases.forEach((release, index) => {
      const acknowledge = (after: State, n: number, fence: number) => {
        const seat = after.seats[n]!;
        if (!seat.held && seat.fence === fence) Object.assign(seat, { acknowledged: true, told: 0 });
        after.releases[index] = { at: 'done', seat: -1, fence: 0 };
      };
      if (release.at === 'out')
        state.seats.forEach(({ held, fence, told, watchedAt }, n) => {
          if (held && told !== untold)
            step(`seat ${n} is freed`, (after) => {
              Object.assign(after.seats[n]!, { held: false, end: 0, acknowledged: false });
              if (watchedAt < 0) return acknowledge(after, n, fence);
              if (!rules.dissolvesFirst) Object.assign(after.seats[n]!, { acknowledged: true, told: 0 });
              after.releases[index] = { at: 'second', seat: n, fence };
            });
        });
      if (release.at === 'second')
        step(`the release of seat ${release.seat} dissolves, and is acknowledged`, (after) => {
          dissolve(after, release.seat);
          acknowledge(after, release.seat, release.fence);
        });
    });

    state.shortenings.forEach((shortening, index) => {
      if (shortening.at === 'out')
        state.seats.forEach(({ held, fence, told, end }, n) => {
          if (held && told !== untold && end > state.now + 1)
            step(`a heartbeat shortens seat ${n}`, (after) => {
              const seat = after.seats[n]!;
              seat.end = after.now + 1;
              if (rules.shortDissolves && seat.watchedAt >= 0)
                after.shortenings[index] = { at: 'second', seat: n, fence };
              else {
                seat.told = seat.end;
                after.shortenings[index]!.at = 'done';
              }
            });
        });
      if (shortening.at === 'second')
        step(`the shortening of seat ${shortening.seat} dissolves, and is told`, (after) => {
          dissolve(after, shortening.seat);
          const seat = after.seats[shortening.seat]!;
          if (seat.held && seat.fence === shortening.fence) seat.told = seat.end;
          after.shortenings[index]!.at = 'done';
        });
    });

    if (state.heartbeats > 0)
      state.seats.forEach(({ held, told, end }, n) => {
        if (held && told !== untold && end < state.now + config.lease)
          step(`a heartbeat of seat ${n}`, (after) => {
            after.heartbeats--;
            const seat = after.seats[n]!;
            seat.end = after.now + config.lease;
            seat.told = seat.end;
          });
      });
    if (state.growths > 0)
      step('growth is answered', (after) => {
        after.growths--;
        after.claimable++;
      });
    if (state.losses > 0)
      step('the census of block 0 is lost', (after) => {
        after.losses--;
        after.censuses[0] = { fullUntil: 0, epoch: rules.epochsNeverRepeat ? 100 : 0, upTo: 0 };
      });
    if (state.now < (config.until ?? 0))
      step('a tick', (after) => {
        after.now++;
      });
  };

const broken = (config: Config, changes: Partial<Rules> = {}): string[] => {
  const rules = { ...good, ...changes };
  const { violated } = explore(initial(config, rules), stepsOf(config, rules), ({ bad }) => (bad ? [bad] : []));
  return Object.keys(violated);
};

// A lease of 50 ticks does not end here.
const configs = {
  twoBlocks: { blockOf: [0, 1], free: [1], fullUntil: [40, 0], requests: 1, claims: 2, releases: 1, lease: 50 },
  twoSeats: { blockOf: [0, 0], free: [1], requests: 2, claims: 1, releases: 1, lease: 50 },
  manyClaims: { blockOf: [0], fullUntil: [40], requests: 2, claims: 1, releases: 2, lease: 50 },
  growth: {
    blockOf: [0, 0],
    claimable: 1,
    free: [1],
    fullUntil: [40],
    requests: 1,
    claims: 1,
    releases: 1,
    growths: 1,
    lease: 50,
  },
  leaseEnds: {
    blockOf: [0, 1],
    free: [1],
    ends: [2, 0],
    fullUntil: [2, 0],
    requests: 1,
    claims: 1,
    lease: 50,
    until: 3,
  },
  crashes: { blockOf: [0], fullUntil: [40], requests: 1, claims: 1, releases: 1, lease: 2, until: 3 },
  skewed: { blockOf: [0], ends: [2], requests: 1, claims: 1, heartbeats: 1, lease: 3, until: 3, skew: 1 },
  shortened: { blockOf: [0], ends: [9], requests: 2, shortenings: 1, lease: 9, until: 1 },
  dropped: { blockOf: [0], fullUntil: [40], requests: 1, claims: 1, releases: 2, lease: 50, until: 2 },
  lost: { blockOf: [0, 0], free: [1], requests: 2, claims: 1, releases: 1, losses: 1, lease: 50 },
} satisfies Record<string, Config>;

/** For the configurations in which time matters. */
const timed: Partial<Record<keyof typeof configs, Partial<Rules>>> = {
  crashes: { cap: 2 },
  skewed: { cap: 1, margin: 1 },
  dropped: { cap: 1, stale: 1, drop: 2 },
};

describe('a refusal by the censuses of a pool', () => {
  it.each(Object.keys(configs) as (keyof typeof configs)[])(
    'comes only if no seat was free at some instant of it: %s',
    (name) => {
      expect(broken(configs[name], timed[name])).toEqual([]);
    },
  );

  it.each<[string, keyof typeof configs, Partial<Rules>]>([
    ['by one pass', 'twoBlocks', { passes: 1 }],
    ['by a certificate that is not conditional on the epoch', 'twoSeats', { epoch: false }],
    ['if a release were acknowledged before it dissolves', 'manyClaims', { dissolvesFirst: false }],
    ['by a certificate of seats that are not watched', 'twoSeats', { watches: 'never' }],
    ['by a watch that is not conditional on its claim', 'twoSeats', { watches: 'always', endAsWatched: false }],
    ['by a clock read before the censuses', 'leaseEnds', { lateClock: false }],
    ['by a certificate that does not know of a growth', 'growth', { upTo: false, sameTerms: false }],
    ['by a certificate that outlives the lease of a later claim', 'crashes', { cap: 3 }],
    ['by a certificate without a margin for the clocks', 'skewed', { cap: 1, margin: 0 }],
    ['by a certificate that a shortened lease leaves', 'shortened', { shortDissolves: false }],
    ['by the end of a lease as read before its watch', 'shortened', { endAsWatched: false }],
    ['if claims dropped watches while a certificate stands on them', 'dropped', { cap: 2, stale: 2, drop: 1 }],
    ['if the epochs of a lost census came again', 'lost', { epochsNeverRepeat: false }],
  ])('would come while a seat is free, %s', (_, name, changes) => {
    expect(broken(configs[name], { ...timed[name], ...changes })).toEqual(['refused while a seat was free']);
  });
});
