import { Metrics } from '@aws-lambda-powertools/metrics';
import { describe, expect, it, vi } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getActivation } from '../../../shared/contracts/get-activation.ts';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { removeMachine } from '../../../shared/contracts/remove-machine.ts';
import { removeMachineLicense } from '../../../shared/contracts/remove-machine-license.ts';
import { removeMember } from '../../../shared/contracts/remove-member.ts';
import { type As, clock, openWorld, stamp } from '../support/harness.ts';

const { call, got, subscribe, activated, stored, userId, addMember } = await openWorld();
const asking = (sessionId: string, changes: object = {}) => ({
  machineId: 'm',
  sessionId,
  waitSeconds: 600,
  ...changes,
});
/** Asks for a license, and is willing to wait ten minutes. */
const asks = (status: number, sessionId: string, changes: object = {}, as: As = 'user') =>
  got(status, activate, { as, body: asking(sessionId, changes) });
const releases = (sessionId: string, as: As = 'user') => got(204, deactivate, { as, path: { sessionId } });
const shown = (sessionId: string, as: As = 'user') => got(200, getActivation, { as, path: { sessionId } });
/** A pool whose one seat is held by `first`. */
const full = async (changes: object = {}) => {
  const subscription = await subscribe({ quota: 1, leaseSeconds: 86_400, ...changes });
  await activated('first');
  return subscription;
};

describe('202 waiting', () => {
  it('shows the place, when to ask again, also as Retry-After, and the end of the wait', async () => {
    await full();
    const { status, body, headers } = await call(activate, { as: 'apiKey', body: asking('a') });
    expect(status).toBe(202);
    expect(body).toMatchObject({ sessionId: 'a', status: 'waiting', position: 1, estimatedSeconds: null });
    expect(body.retryAfterSeconds).toBeGreaterThanOrEqual(2);
    expect(body.retryAfterSeconds).toBeLessThanOrEqual(4);
    expect(headers['retry-after']).toBe(String(body.retryAfterSeconds));
    expect(Date.parse(body.waitsUntil) - Date.parse(body.waitingSince)).toBe(600_000);
  });
  it('with a free license nobody waits', async () => {
    await subscribe({ quota: 1 });
    await asks(201, 'a');
    await asks(200, 'a');
  });
  it('keeps its place, whatever was lost: the same session is in the queue once', async () => {
    await full();
    const first = await asks(202, 'a');
    await asks(202, 'b');
    clock.advance(3_000);
    expect(await asks(202, 'a')).toMatchObject({ position: 1, waitingSince: first.waitingSince });
    expect(await asks(202, 'b')).toMatchObject({ position: 2 });
    const together = await Promise.all(['c', 'c', 'c'].map((sessionId) => asks(202, sessionId)));
    expect(together.map(({ position }) => position)).toEqual([3, 3, 3]);
  });
  it('first come, first served: a freed license is for the first, although others ask earlier', async () => {
    await full();
    for (const sessionId of ['a', 'b']) await asks(202, sessionId);
    await releases('first');
    expect(await asks(202, 'b')).toMatchObject({ position: 2 });
    expect(await asks(202, 'newcomer')).toMatchObject({ position: 3 });
    const refused = await asks(409, 'impatient', { waitSeconds: 0 });
    expect(refused).toMatchObject({ code: 'license-quota-exceeded', quota: 1, inUse: 0 });
    expect(refused.detail).toMatch(/reserved for waiting sessions.*3 wait before this session/);
    const served = await asks(201, 'a');
    expect(served).toMatchObject({ status: 'active', seat: 1 });
    await got(200, heartbeat, {
      as: 'user',
      path: { sessionId: 'a' },
      body: { seat: served.seat, fence: served.fence },
    });
    expect(await asks(202, 'b')).toMatchObject({ position: 1 });
  });
  it('with more licenses free than wait, nobody waits', async () => {
    const { set } = await full();
    await asks(202, 'a');
    await set({ quota: 3 });
    await got(201, activate, { as: 'user', body: { machineId: 'm', sessionId: 'b' } });
    await got(409, activate, { as: 'user', body: { machineId: 'm', sessionId: 'c' } });
    await asks(201, 'a');
  });
  it('seats of a larger quota, and of ended leases, are for waiting sessions', async () => {
    const { set } = await full({ leaseSeconds: 60 });
    for (const sessionId of ['a', 'b']) await asks(202, sessionId);
    await set({ quota: 2 });
    await asks(409, 'newcomer', { waitSeconds: 0 });
    clock.advance(10_000);
    await asks(201, 'a');
    for (const ms of [20_000, 20_000, 10_001]) {
      await asks(202, 'b');
      clock.advance(ms);
    }
    await asks(409, 'newcomer', { waitSeconds: 0 });
    await asks(201, 'b');
  });
  it('a runner that is silent loses its place, and finds the end of the queue when it comes back', async () => {
    await full();
    for (const sessionId of ['a', 'b']) await asks(202, sessionId);
    for (const ms of [15_000, 15_000, 15_000]) {
      clock.advance(ms);
      expect(await asks(202, 'b')).toMatchObject({ position: 2 });
    }
    clock.advance(10_000);
    expect(await asks(202, 'b')).toMatchObject({ position: 1 });
    const late = await asks(202, 'a');
    expect(late.position).toBe(2);
    await releases('first');
    await asks(201, 'b');
  });
  it('estimates by how fast the queue has moved', async () => {
    await full();
    for (const sessionId of ['a', 'b', 'c']) await asks(202, sessionId);
    clock.advance(10_000);
    for (const sessionId of ['a', 'b', 'c'])
      expect(await asks(202, sessionId)).toMatchObject({ estimatedSeconds: null });
    await releases('first');
    await asks(201, 'a');
    // One place in ten seconds: two take twenty.
    expect((await asks(202, 'c')).estimatedSeconds).toBeGreaterThanOrEqual(20);
    expect((await asks(202, 'c')).estimatedSeconds).toBeLessThanOrEqual(23);
  });
});

describe('the end of waiting', () => {
  it('comes when its time is over: 409, and asking again is a new place', async () => {
    await full();
    await asks(202, 'a', { waitSeconds: 10 });
    await asks(202, 'b');
    clock.advance(10_000);
    expect(await asks(409, 'a', { waitSeconds: 10 })).toMatchObject({ code: 'license-quota-exceeded' });
    expect(await asks(202, 'b')).toMatchObject({ position: 1 });
    expect(await asks(202, 'a', { waitSeconds: 10 })).toMatchObject({ position: 2 });
  });
  it('comes with waitSeconds 0, or none: 409, and the place is gone', async () => {
    await full();
    for (const sessionId of ['a', 'b']) await asks(202, sessionId);
    await got(409, activate, { as: 'user', body: { machineId: 'm', sessionId: 'a' } });
    expect(await asks(202, 'b')).toMatchObject({ position: 1 });
    await got(404, getActivation, { as: 'user', path: { sessionId: 'a' } });
  });
  it('comes by DELETE: 204 for its member, 404 for others', async () => {
    await full();
    for (const sessionId of ['a', 'b']) await asks(202, sessionId);
    await got(404, deactivate, { as: 'otherUser', path: { sessionId: 'a' } });
    await releases('a');
    // Repeated, by a runner that got no answer: the same.
    await releases('a');
    await got(404, deactivate, { as: 'otherUser', path: { sessionId: 'a' } });
    expect(await asks(202, 'b')).toMatchObject({ position: 1 });
    expect(await asks(202, 'a')).toMatchObject({ position: 2 });
  });
  it('by an owner or admin is a decision: 410 license-removed at the next poll', async () => {
    await full();
    for (const sessionId of ['a', 'b']) await asks(202, sessionId);
    await releases('a', 'admin');
    expect(await asks(410, 'a')).toMatchObject({ code: 'activation-ended', endedReason: 'license-removed' });
    expect(await shown('a')).toMatchObject({ status: 'ended', endedReason: 'license-removed' });
    expect(await asks(202, 'b')).toMatchObject({ position: 1 });
  });
  it.each(['release', 'lapse'])('by an owner whose own session had the ID until its %s, too', async (how) => {
    await subscribe({ quota: 1 });
    await activated('a', 'owner');
    if (how === 'release') await releases('a', 'owner');
    else clock.advance(61_000);
    await activated('first');
    await asks(202, 'a');
    await releases('a', 'owner');
    expect(await asks(410, 'a')).toMatchObject({ code: 'activation-ended', endedReason: 'license-removed' });
  });
  it.each([
    ['its machine is deactivated', removeMachine, 'machine-removed'],
    ['what is on its machine is ended', removeMachineLicense, 'license-removed'],
  ] as const)('when %s: 410', async (_, operation, reason) => {
    await full();
    await asks(202, 'a', { machineId: 'waits-here' });
    await asks(202, 'b');
    await got(204, operation, { as: 'owner', path: { machineId: 'waits-here' } });
    expect(await asks(410, 'a', { machineId: 'waits-here' })).toMatchObject({ endedReason: reason });
    expect(await asks(202, 'b')).toMatchObject({ position: 1 });
  });
  it('when its machine is blocked: 403, and nobody waits for it', async () => {
    await full();
    await got(204, removeMachine, { as: 'owner', path: { machineId: 'm' }, query: { blockMinutes: '5' } });
    await asks(403, 'a');
    await asks(201, 'b', { machineId: 'n' });
  });
  it.each([
    ['is removed', false],
    ['removes itself', true],
  ])('when its member %s', async (_, isOwn) => {
    await full();
    const own = { bearer: await addMember(`${stamp()}@acme.example`, 'owner') };
    await asks(202, 'a', {}, own);
    await asks(202, 'b');
    await got(204, removeMember, { as: isOwn ? own : 'owner', path: { userId: await userId(own) } });
    expect(await asks(202, 'b')).toMatchObject({ position: 1 });
    expect(await shown('a', 'owner')).toMatchObject({ status: 'ended', endedReason: 'user-removed' });
  });
  it('when the subscription is suspended: 403; a place that is not lost before the resumption stays', async () => {
    const { set } = await full();
    const { waitingSince } = await asks(202, 'a');
    await set({ quota: 1, status: 'suspended' });
    await asks(403, 'a');
    await set({ quota: 1, status: 'active' });
    expect(await asks(202, 'a')).toMatchObject({ waitingSince });
  });
});

describe('the queue as others see it', () => {
  it('a session that waits is shown as waiting to its member, owners and admins; to others it does not exist', async () => {
    await full();
    await asks(202, 'z');
    await asks(202, 'a');
    for (const as of ['user', 'apiKey', 'owner', 'admin'] as const)
      expect(await shown('a', as)).toMatchObject({ sessionId: 'a', status: 'waiting', position: 2 });
    await got(404, getActivation, { as: 'otherUser', path: { sessionId: 'a' } });
    await releases('first');
    await asks(201, 'z');
    expect(await shown('z')).toMatchObject({ status: 'active' });
  });
  it('409 session-conflict: the session ID waits on another machine, or for another member', async () => {
    await full();
    await asks(202, 'a');
    for (const waitSeconds of [0, 600]) {
      expect(await asks(409, 'a', { machineId: 'other', waitSeconds })).toMatchObject({ code: 'session-conflict' });
      expect(await asks(409, 'a', { waitSeconds }, 'otherUser')).toMatchObject({ code: 'session-conflict' });
    }
    clock.advance(60_000);
    expect(await asks(202, 'a', {}, 'otherUser')).toMatchObject({ position: 1 });
  });
  it('subscription details show how many wait, and for how long', async () => {
    await full();
    const queue = async () => (await got(200, getSubscription, { as: 'owner' })).queue;
    expect(await queue()).toEqual({ length: 0, longestWaitSeconds: null });
    for (const sessionId of ['a', 'b']) await asks(202, sessionId);
    clock.advance(7_000);
    const { length, longestWaitSeconds } = await queue();
    expect(length).toBe(2);
    expect(longestWaitSeconds).toBeGreaterThanOrEqual(7);
    expect(longestWaitSeconds).toBeLessThanOrEqual(9);
  });
  it('metrics count the polls, the waiting sessions, and the wait of each that got a license', async () => {
    const metrics = vi.spyOn(Metrics.prototype, 'addMetric');
    const counted = () => {
      const told = metrics.mock.calls.filter(([name]) => name !== 'Latency');
      metrics.mockClear();
      return told;
    };
    await full();
    expect(counted()).toContainEqual(['Activations', 'Count', 1]);
    await asks(202, 'a');
    counted();
    await asks(202, 'b');
    expect(counted()).toEqual([
      ['Polls', 'Count', 1],
      ['QueueLength', 'Count', 2],
    ]);
    clock.advance(20_000);
    await releases('first');
    counted();
    await asks(201, 'a');
    expect(counted()).toEqual([
      ['Activations', 'Count', 1],
      ['WaitedSeconds', 'Seconds', expect.closeTo(21, -1)],
    ]);
    metrics.mockRestore();
  });
  it('a dry run says whether the session would wait, and where; it changes nothing', async () => {
    await full();
    const foresees = (sessionId: string, changes: object = {}) => asks(200, sessionId, { dryRun: true, ...changes });
    expect(await foresees('x')).toMatchObject({ accepted: false, code: 'license-quota-exceeded', position: 1 });
    for (const sessionId of ['a', 'b']) await asks(202, sessionId);
    const before = await stored();
    expect(await foresees('x')).toMatchObject({ accepted: false, position: 3 });
    expect(await foresees('b')).toMatchObject({ accepted: false, position: 2 });
    expect(await foresees('x', { waitSeconds: 0 })).not.toHaveProperty('position');
    expect(await stored()).toEqual(before);
    await releases('first');
    expect(await foresees('b')).toMatchObject({ accepted: false, position: 2 });
    expect(await foresees('a')).toEqual({ accepted: true });
  });
});

describe('refusals without a wait', () => {
  it('a machine too many: 409 at once, also while no license is free', async () => {
    await subscribe({ quota: 2, machineQuota: 1, leaseSeconds: 86_400 });
    await activated('first', 'user', 'm1');
    await asks(409, 'a', { machineId: 'm2' });
    await activated('second', 'user', 'm1');
    expect(await asks(409, 'a', { machineId: 'm2' })).toMatchObject({ code: 'machine-quota-exceeded' });
    expect(await asks(202, 'b', { machineId: 'm1' })).toMatchObject({ position: 1 });
  });
  it('the license of a user: 403, granted or not, waiting changes nothing', async () => {
    await subscribe({ licenseType: 'per-user', quota: 1 });
    expect(await asks(403, 'a')).toMatchObject({ code: 'not-licensed' });
  });
});

describe('400', () => {
  it.each([-1, 86_401, 1.5, '60', null])('waitSeconds %j', async (waitSeconds) => {
    await subscribe();
    const { errors } = await asks(400, 'a', { waitSeconds });
    expect(errors).toEqual([{ pointer: '/body/waitSeconds', detail: expect.any(String) }]);
  });
  it('a whole day may be waited', async () => {
    await full();
    await asks(202, 'a', { waitSeconds: 86_400 });
  });
});
