import fc from 'fast-check';
import { expect } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getActivation } from '../../../shared/contracts/get-activation.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { listActivations } from '../../../shared/contracts/list-activations.ts';
import { transferActivation } from '../../../shared/contracts/transfer-activation.ts';
import type { Json } from '../support/harness.ts';
import {
  byManagers,
  calls,
  everyMember,
  expectItems,
  longPage,
  type Me,
  type Outcome,
  type Scene,
  which,
} from './call.ts';
import {
  activeOffline,
  end,
  isLive,
  leaseMs,
  liveSessions,
  machineQuotaBinds,
  mayComeBack,
  occupied,
  type Pool,
  pick,
  registeredMachines,
  type Session,
  statusOf,
} from './state.ts';

const byMembers = { to: 'organization', roles: everyMember, keys: 'activate' } as const;

export const someProduct = fc.constantFrom(...Array(9).fill('FLO'), ...Array(6).fill('USR'), 'NEW');
export const someMachine = fc.constantFrom('m-1', 'm-2', 'm-3');
const someSession = fc.constantFrom('s-1', 's-2', 's-3', 's-4');
const aSession = fc.record({ product: someProduct, sessionId: someSession, n: which });

/** Returns a session that there was, or a place in the queue; now and then any session ID. */
const find = ({ organization }: Scene, { n, ...any }: { product: string; sessionId: string; n: number }) => {
  const all = [...organization.pools.values()].flatMap(({ product, sessions: ran, queue }) =>
    [...ran.keys(), ...queue.map(({ sessionId }) => sessionId)].map((sessionId) => ({ product, sessionId })),
  );
  const { product, sessionId } = (n % 8 === 7 ? undefined : pick(all, n)) ?? any;
  const pool = organization.pools.get(product);
  const session = pool?.sessions.get(sessionId);
  const place = pool?.queue.find((one) => one.sessionId === sessionId);
  return { path: { product, sessionId }, pool, session, place, concerned: session?.userId ?? place?.userId };
};

export const inactive = (pool: Pool, now: number) => {
  const status = statusOf(pool, now);
  return status === 'active' ? undefined : (`subscription-${status}` as const);
};

/** Returns the machine's refusals: it is blocked, or one more than the machine quota allows. */
export const machineRefusals = (pool: Pool, machineId: string, now: number): Outcome[] => {
  if ((pool.blocked.get(machineId) ?? 0) > now) return ['forbidden'];
  const registered = registeredMachines(pool, now);
  const isFull = registered.size >= pool.machineQuota && !registered.has(machineId);
  return machineQuotaBinds(pool) && isFull ? ['machine-quota-exceeded'] : [];
};

interface Request {
  sessionId: string;
  machineId: string;
  waits: boolean;
}

/** Returns what a session gets that holds no license. Several refusals may be true: any of them may be told. */
const newOutcomes = (pool: Pool, me: Me, { sessionId, machineId, waits }: Request, now: number): Outcome[] => {
  const refusals = machineRefusals(pool, machineId, now);
  if (pool.licenseType === 'per-user') return refusals.length > 0 ? refusals : [201];
  const max = me.key?.maxSessions ?? null;
  const ofKey = liveSessions(pool, now).filter(({ keyId }) => keyId !== undefined && keyId === me.key?.id);
  const isKeyFull = max !== null && ofKey.length >= max;
  if (isKeyFull) refusals.push('limit-exceeded');
  const own = pool.queue.findIndex((place) => place.sessionId === sessionId);
  const ahead = own < 0 ? pool.queue.length : own;
  const free = pool.quota - occupied(pool, now);
  const isForeignPlace = own >= 0 && pool.queue[own]?.userId !== me.userId;
  if (pool.isQueueDoubtful || isForeignPlace || (own >= 0 && pool.queue[own]?.machineId !== machineId)) {
    const full: Outcome[] = [waits ? 202 : 'license-quota-exceeded', 'session-conflict'];
    return [...refusals, ...(free > 0 && refusals.length === 0 ? [201] : []), ...full];
  }
  if (free > ahead) return refusals.length > 0 ? refusals : [201];
  return refusals.length > 0 ? [...refusals, 'license-quota-exceeded'] : [waits ? 202 : 'license-quota-exceeded'];
};

const outcomesOf = (pool: Pool | undefined, me: Me, request: Request, now: number): Outcome[] => {
  if (!pool) return ['not-found'];
  const refused = inactive(pool, now);
  if (refused) return [refused];
  if (pool.licenseType === 'per-user' && !pool.licensed.has(me.userId)) return ['not-licensed'];
  const session = pool.sessions.get(request.sessionId);
  const anew = newOutcomes(pool, me, request, now);
  if (!session) return anew;
  if (session.status === 'ended') {
    if (session.reason === undefined) return ['activation-ended', ...anew];
    return mayComeBack.has(session.reason) ? anew : ['activation-ended'];
  }
  const isSame = session.userId === me.userId && session.machineId === request.machineId;
  const isBlocked = (pool.blocked.get(request.machineId) ?? 0) > now;
  if (isLive(session, pool, now))
    return isSame ? [200] : ['session-conflict', ...(isBlocked ? ['forbidden' as const] : [])];
  return isSame ? [200, ...anew] : anew;
};

/** No license is used twice, and none beyond the quota. */
export const expectWithinQuota = (pool: Pool, now: number): void => {
  const live = liveSessions(pool, now);
  if (pool.licenseType === 'floating') expect(new Set(live.map(({ seat }) => seat)).size).toBe(live.length);
  if (!pool.wasShrunk) expect(occupied(pool, now)).toBeLessThanOrEqual(pool.quota);
  if (!pool.machinesWereShrunk && machineQuotaBinds(pool))
    expect(registeredMachines(pool, now).size).toBeLessThanOrEqual(pool.machineQuota);
};

/** The session holds its license as the answer says, for one lease more. */
const extend = (pool: Pool, session: Session, { key }: Me, body: Json, now: number): void => {
  Object.assign(session, { status: 'live', reason: undefined, isReasonOpen: false, by: key?.id });
  session.leaseEnd = Math.min(now + leaseMs, pool.expiresAt);
  const { sessionId, machineId, userId, seat, fence } = session;
  const leaseExpiresAt = new Date(session.leaseEnd).toISOString();
  expect(body).toMatchObject({ sessionId, machineId, userId, seat, fence, leaseExpiresAt, status: 'active' });
  expectWithinQuota(pool, now);
};

/** While few seats are free, online use takes those first that are kept for it. */
const expectKeptSeat = (pool: Pool, seat: number, now: number): void => {
  const { reserveOnline: kept, quota, licenseType, allowsOffline, wasShrunk } = pool;
  if (licenseType === 'per-user' || !allowsOffline || wasShrunk) return;
  const online = liveSessions(pool, now).filter((session) => session.seat <= kept);
  const offline = activeOffline(pool, now).filter((license) => license.kept < kept);
  if (Math.min(kept, quota) > online.length + offline.length) expect(seat).toBeLessThanOrEqual(kept);
};

const begin = (pool: Pool, me: Me, { sessionId, machineId }: Request, body: Json, now: number): void => {
  const { userId, key } = me;
  const before = pool.sessions.get(sessionId);
  if (before) expect(body.fence).toBeGreaterThan(before.seat === body.seat ? before.fence : 0);
  const former = new Set([...(before?.former ?? []), ...(before ? [before.userId] : [])]);
  former.delete(userId);
  if (pool.licenseType === 'per-user') {
    for (const other of pool.sessions.values())
      if (other.userId === userId && other.sessionId !== sessionId) end(pool, other, 'logged-in-elsewhere', now);
    pool.machines.set(machineId, userId);
  }
  const keyId = key && key.maxSessions !== null ? key.id : undefined;
  const { seat, fence } = body;
  expectKeptSeat(pool, seat, now);
  const session: Session = {
    ...{ sessionId, userId, machineId, seat, fence, keyId, former, by: key?.id },
    ...{ leaseEnd: 0, status: 'live', reason: undefined },
  };
  if (before?.status === 'live') before.status = 'ended';
  pool.sessions.set(sessionId, session);
  pool.past.push(session);
  pool.everUsed.add(machineId);
  extend(pool, session, me, body, now);
};

const leaveQueue = (pool: Pool, sessionId: string): void => {
  pool.queue = pool.queue.filter((place) => place.sessionId !== sessionId);
};

/** Ends a session by somebody else's decision, also one that waits. */
const force = (pool: Pool, sessionId: string, reason: string, now: number): void => {
  const place = pool.queue.find((one) => one.sessionId === sessionId);
  const session = pool.sessions.get(sessionId);
  leaveQueue(pool, sessionId);
  if (place && !(session && isLive(session, pool, now)))
    pool.sessions.set(sessionId, {
      ...{ ...place, seat: 1, fence: 1, leaseEnd: 0, keyId: undefined, by: undefined },
      status: 'ended',
      reason: session && session.reason !== undefined && !mayComeBack.has(session.reason) ? session.reason : reason,
      former: new Set([...(session?.former ?? []), ...(session ? [session.userId] : [])]),
    });
  else if (session) end(pool, session, reason, now);
};

/** Ends the sessions that run, or wait, with these. */
export const endAll = (
  pool: Pool,
  isMeant: (session: { userId: string; machineId: string }) => boolean,
  reason: string,
  now: number,
): void => {
  const meant = [...pool.queue, ...pool.sessions.values()].filter(isMeant).map(({ sessionId }) => sessionId);
  for (const sessionId of new Set(meant)) {
    const session = pool.sessions.get(sessionId);
    if (pool.queue.some((place) => place.sessionId === sessionId && isMeant(place)))
      force(pool, sessionId, reason, now);
    else if (session && isMeant(session)) end(pool, session, reason, now);
  }
};

/** Notes the end of a session, which a read or a refused heartbeat shows. */
const noteEnd = (session: Session, reason: string): void => {
  if (session.reason !== undefined) expect(reason).toBe(session.reason);
  session.status = 'ended';
  session.reason = reason;
};

export const sessions = [
  calls({
    operation: activate,
    weight: 6,
    access: byMembers,
    mostly: 'concerned',
    args: fc.record({
      product: someProduct,
      n: which,
      sessionId: someSession,
      machineId: someMachine,
      waits: fc.constantFrom(false, false, true),
      dryRun: fc.constantFrom(false, false, false, false, true),
    }),
    plan: ({ organization, now }, { product, n, dryRun, ...request }) => {
      const { sessionId, machineId, waits } = request;
      const pool = organization.pools.get(product);
      const body = { sessionId, machineId, ...(waits && { waitSeconds: 3600 }), ...(dryRun && { dryRun }) };
      return {
        path: { product },
        body,
        concerned: pick([...(pool?.licensed ?? [])], n),
        expected: (me) => {
          const outcomes = outcomesOf(pool, me, request, now);
          return dryRun && pool ? 200 : outcomes;
        },
        done: (answered, me, { status }) => {
          if (!pool) throw new Error('unreachable');
          if (dryRun) {
            const outcomes = outcomesOf(pool, me, request, now);
            const { accepted, code, position } = answered;
            const told = accepted ? [200, 201] : [code, ...(position === undefined ? [] : [202])];
            expect(
              told.filter((one) => outcomes.includes(one)),
              JSON.stringify(answered),
            ).not.toEqual([]);
            return;
          }
          if (status === 202) {
            if (!pool.queue.some((place) => place.sessionId === sessionId))
              pool.queue.push({ sessionId, machineId, userId: me.userId });
            const position = pool.queue.findIndex((place) => place.sessionId === sessionId) + 1;
            if (!pool.isQueueDoubtful) expect(answered.position).toBe(position);
            return;
          }
          leaveQueue(pool, sessionId);
          if (status === 201) begin(pool, me, request, answered, now);
          else extend(pool, pool.sessions.get(sessionId) as Session, me, answered, now);
        },
        refused: ({ code, endedReason }) => {
          const session = pool?.sessions.get(sessionId);
          if (code === 'activation-ended' && session) noteEnd(session, endedReason);
          if (!pool?.queue.some((place) => place.sessionId === sessionId) || dryRun) return;
          if (code === 'license-quota-exceeded') leaveQueue(pool, sessionId);
          else pool.isQueueDoubtful = true;
        },
      };
    },
  }),
  calls({
    operation: heartbeat,
    weight: 2,
    access: byMembers,
    mostly: 'concerned',
    args: fc.record({
      of: aSession,
      isStale: fc.constantFrom(false, false, false, false, true),
      idleMinutes: fc.constantFrom(undefined, 0, 9, 10, 29, 30),
    }),
    plan: (scene, { of, isStale, idleMinutes }) => {
      const { now } = scene;
      const { path, pool, session, concerned } = find(scene, of);
      const { seat = 1, fence = 1 } = session ?? {};
      const { idleTimeoutMinutes: timeout = null } = pool ?? {};
      const isIdle = timeout !== null && (idleMinutes ?? 0) >= timeout;
      return {
        path,
        concerned,
        body: {
          ...{ seat, fence: isStale ? fence + 1 : fence },
          ...(idleMinutes !== undefined && { idleSeconds: idleMinutes * 60 }),
        },
        expected: ({ userId }) => {
          if (!pool || !session) return 'not-found';
          if (session.userId !== userId) return session.former.has(userId) ? 'activation-ended' : 'not-found';
          if (session.status === 'ended' || isStale || inactive(pool, now) || isIdle) return 'activation-ended';
          return isLive(session, pool, now) ? 200 : [200, 'activation-ended'];
        },
        done: (answered, me) => {
          if (!pool || !session) return;
          extend(pool, session, me, answered, now);
          const left = timeout === null ? 0 : (timeout - (idleMinutes ?? 0)) * 60_000;
          const warningAt = new Date(now + left - Math.min(15 * 60_000, left / 4)).toISOString();
          expect(answered.idleWarningAt).toBe(timeout === null ? null : warningAt);
        },
        refused: ({ code, endedReason }, { userId }) => {
          if (code !== 'activation-ended' || session?.userId !== userId || isStale) return;
          if (pool && isLive(session, pool, now)) expect(endedReason).toBe(inactive(pool, now) ?? 'idle-timeout');
          noteEnd(session, endedReason);
        },
      };
    },
  }),
  calls({
    operation: deactivate,
    access: byMembers,
    mostly: 'concerned',
    args: aSession,
    plan: (scene, of) => {
      const { now } = scene;
      const { path, pool, session, place, concerned } = find(scene, of);
      const { sessionId } = path;
      return {
        path,
        concerned,
        expected: ({ userId, manages }) => {
          if (!session && !place) return 'not-found';
          const isOwn = session?.userId === userId || session?.former.has(userId) || place?.userId === userId;
          return isOwn || manages ? 204 : 'not-found';
        },
        done: (_, { userId, manages }) => {
          if (!pool) return;
          if (place && (place.userId === userId || manages)) {
            // A session whose lease ended is forced to end, too, and its end stands.
            const isForced = session?.status === 'live' && session.userId !== userId;
            if (place.userId === userId || isForced) leaveQueue(pool, sessionId);
            else force(pool, sessionId, 'license-removed', now);
            if (isForced && place.userId !== userId) end(pool, session, 'license-removed', now);
          } else if (session && session.userId === userId) end(pool, session, 'released', now);
          else if (session && manages) end(pool, session, 'license-removed', now);
        },
      };
    },
  }),
  calls({
    operation: getActivation,
    access: byMembers,
    mostly: 'concerned',
    args: aSession,
    plan: (scene, of) => {
      const { now } = scene;
      const { path, pool, session, place, concerned } = find(scene, of);
      return {
        path,
        concerned,
        expected: ({ userId, manages }) =>
          [session, place].some((one) => one && (manages || one.userId === userId)) ? 200 : 'not-found',
        done: ({ status, seat, fence, endedReason }) => {
          if (!pool || status === 'waiting') return void expect(place).toBeDefined();
          if (!session) return void expect(pool.isQueueDoubtful).toBe(true);
          if (status === 'ended') {
            expect(isLive(session, pool, now)).toBe(false);
            noteEnd(session, endedReason);
          } else {
            expect(isLive(session, pool, now)).toBe(true);
            expect({ seat, fence }).toEqual({ seat: session.seat, fence: session.fence });
          }
        },
      };
    },
  }),
  calls({
    operation: listActivations,
    access: byMembers,
    mostly: 'member',
    args: someProduct,
    plan: ({ organization, now }, product) => {
      const pool = organization.pools.get(product);
      return {
        path: { product },
        query: longPage,
        expected: () => (pool ? 200 : 'not-found'),
        done: (answered, { userId, manages }) => {
          const shown = liveSessions(pool as Pool, now).filter((one) => manages || one.userId === userId);
          expectItems(answered, ({ sessionId, seat, fence, machineId }) => ({ sessionId, seat, fence, machineId }), [
            ...shown.map(({ sessionId, seat, fence, machineId }) => ({ sessionId, seat, fence, machineId })),
          ]);
        },
      };
    },
  }),
  calls({
    operation: transferActivation,
    access: byManagers,
    args: fc.record({ of: aSession, machineId: someMachine }),
    plan: (scene, { of, machineId }) => {
      const { now } = scene;
      const { path, pool, session } = find(scene, of);
      return {
        path,
        body: { machineId },
        expected: () => {
          if (!pool) return 'not-found';
          if (pool.licenseType === 'per-user') return 'invalid-request';
          if (!session) return 'not-found';
          const refused = inactive(pool, now);
          if (refused) return refused;
          if (!isLive(session, pool, now)) return 'activation-ended';
          if (session.machineId === machineId) return 200;
          const bound = activeOffline(pool, now).map((license) => license.machineId);
          if (bound.includes(machineId) || bound.includes(session.machineId)) return 'offline-license-active';
          if ((pool.blocked.get(machineId) ?? 0) > now) return 'forbidden';
          const used = registeredMachines(pool, now);
          if (!machineQuotaBinds(pool) || used.has(machineId)) return 200;
          const leavesItsMachine = used.get(session.machineId)?.online === 1;
          if (pool.machinesWereShrunk) return [200, 'machine-quota-exceeded'];
          return used.size - (leavesItsMachine ? 1 : 0) < pool.machineQuota ? 200 : 'machine-quota-exceeded';
        },
        done: (answered, me) => {
          if (!pool || !session) return;
          if (session.machineId !== machineId) expect(answered.fence).toBeGreaterThan(session.fence);
          const isSame = session.machineId === machineId;
          if (!isSame) pool.past.push({ ...session, status: 'ended', reason: 'license-transferred', hasLeft: true });
          Object.assign(session, { machineId, fence: answered.fence, isMoved: !isSame || session.isMoved });
          pool.everUsed.add(machineId);
          if (!isSame) extend(pool, session, me, answered, now);
        },
        refused: ({ code, endedReason }) => {
          if (code === 'activation-ended' && session) noteEnd(session, endedReason);
        },
      };
    },
  }),
];
