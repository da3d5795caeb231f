import type { Operation, Terms } from '../table/support/model/pool-operations.ts';
import { below, pick, type Random, weighted } from './random.ts';
import type { Told } from './told.ts';

export const sessionIds = ['s1', 's2', 's3', 's4', 's5', 's6'];
const machineIds = ['m1', 'm2', 'm3', 'm4', 'm5'];
const userCount = 3;

/** The setting of a run. */
export interface Setting {
  floating: boolean;
  /** How many seats make a block (default: as in the service: then a pool has one). */
  blockSize?: number | undefined;
  /** Whether an earlier release set the first terms. */
  isFormer?: boolean | undefined;
  terms: Terms;
  /** Whether runners wait in the queue. */
  queue: boolean;
  /** Whether the vendor changes the terms. */
  resizes: boolean;
}

/** Draws a setting from the seed: whether the machine quota is small enough to refuse, and so on. */
export const drawSetting = (random: Random, now: number, kind?: 'floating' | 'per-user'): Setting => {
  const floating = kind ? kind === 'floating' : random() < 0.6;
  const quota = 1 + below(random, 4);
  const blockSize = floating ? pick(random, [undefined, 1, 1, 2]) : undefined;
  return {
    floating,
    blockSize,
    isFormer: blockSize !== undefined && random() < 0.25,
    queue: floating && random() < 0.5,
    resizes: random() < 0.6,
    terms: {
      quota,
      machineQuota: pick(random, [quota, 1 + below(random, quota), Math.max(1, quota - 1), 1 + below(random, 2), 100]),
      leaseSeconds: pick(random, [60, 60, 300, 7200]),
      suspended: false,
      reserveOnline: pick(random, [0, 0, 1]),
      expiresAt: now + 10 * 86_400_000,
      idleTimeoutMinutes: floating ? null : pick(random, [null, 10]),
    },
  };
};

const drawTerms = (random: Random, terms: Terms, now: number): Terms => ({
  ...terms,
  quota: weighted(random, [
    [3, 1 + below(random, 4)],
    [2, terms.quota],
    [0.2, 0],
  ]),
  machineQuota: pick(random, [terms.machineQuota, terms.machineQuota, 1 + below(random, 4), 100]),
  leaseSeconds: pick(random, [terms.leaseSeconds, 60, 90]),
  suspended: random() < 0.08,
  reserveOnline: pick(random, [0, 0, 1]),
  expiresAt: weighted(random, [
    [6, now + 10 * 86_400_000],
    [0.6, now + 50_000],
    [0.2, now],
  ]),
});

/** Draws an operation that a client asks for, from the answers so far; undefined if nobody can ask for it now. */
export const drawOperation = (random: Random, setting: Setting, told: Told, now: number): Operation | undefined => {
  const { floating } = setting;
  const session = pick(random, sessionIds);
  const machine = pick(random, machineIds);
  const user = below(random, userCount);
  const mine = told.of(session);
  // Runners mostly stay on their machines.
  const [by, on] = mine && random() < 0.7 ? [mine.user, mine.machine] : [user, machine];
  const other = (user + 1 + below(random, 2)) % userCount;
  const waitSeconds = setting.queue && random() < 0.7 ? pick(random, [30, 300]) : undefined;
  const draft = weighted<() => Operation | undefined>(random, [
    [30, () => ({ kind: 'activate', session, user: by, machine: on, waitSeconds })],
    [
      26,
      () =>
        mine?.claim && {
          kind: 'heartbeat',
          session,
          user: mine.user,
          told: random() < 0.1 && mine.before ? mine.before : mine.claim,
          idleSeconds: pick(random, [0, 0, 0, 900]),
        },
    ],
    [
      8,
      () =>
        mine && {
          kind: 'deactivate',
          session,
          user: mine.user,
          fence: pick(random, [undefined, mine.claim?.fence, mine.before?.fence]),
        },
    ],
    [3, () => mine && { kind: 'force', session }],
    [2, () => mine && { kind: 'look', session }],
    [5, () => ({ kind: 'issue', machine, forSeconds: pick(random, [30, 90, 600, undefined]) })],
    [5, () => ({ kind: 'remove-machine', machine, blockSeconds: pick(random, [undefined, undefined, 60]) })],
    [
      2,
      () => {
        const id = pick(random, [...told.offline]);
        return id === undefined ? undefined : { kind: 'void', id };
      },
    ],
    [3, () => ({ kind: 'remove-machine-license', machine })],
    [1, () => ({ kind: 'remove-member', user })],
    [setting.resizes ? 9 : 0, () => ({ kind: 'set', terms: drawTerms(random, setting.terms, now) })],
    [floating ? 6 : 0, () => mine && { kind: 'transfer-session', session, machine }],
    [floating ? 0 : 7, () => ({ kind: 'grant', user })],
    [floating ? 0 : 3, () => ({ kind: 'remove-license', user })],
    [floating ? 0 : 5, () => ({ kind: 'transfer-license', from: user, to: other })],
  ])();
  if (draft && 'user' in draft && told.isRemoved(draft.user)) return undefined;
  if (draft?.kind === 'transfer-license' && told.isRemoved(draft.to)) return undefined;
  return draft;
};

/** Draws operations that meet: on one machine or two, by sessions that begin or end there. */
export const drawRush = (random: Random, told: Told): Operation[] => {
  const pair = [pick(random, machineIds), pick(random, machineIds)];
  const draw = (): Operation => {
    const machine = pick(random, pair);
    const session = pick(random, sessionIds);
    const mine = told.of(session);
    return weighted<Operation>(random, [
      [6, { kind: 'activate', session, user: below(random, userCount), machine }],
      [3, { kind: 'remove-machine', machine, blockSeconds: undefined }],
      [1, { kind: 'remove-machine-license', machine }],
      [1, { kind: 'issue', machine, forSeconds: 30 }],
      [mine?.claim ? 1 : 0, { kind: 'deactivate', session, user: mine?.user ?? 0, fence: mine?.claim?.fence }],
    ]);
  };
  const drawn = Array.from({ length: 2 + below(random, 2) }, draw);
  return drawn.filter((operation) => !('user' in operation && told.isRemoved(operation.user)));
};
