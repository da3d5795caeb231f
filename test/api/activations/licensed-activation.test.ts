import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getActivation } from '../../../shared/contracts/get-activation.ts';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { grantLicense } from '../../../shared/contracts/grant-license.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { listActivations } from '../../../shared/contracts/list-activations.ts';
import { type As, clock, openWorld, utcIn } from '../support/harness.ts';

const { got, call, subscribe, userId } = await openWorld();
const perUser = async (changes: object = {}, licensed: As[] = ['user']) => {
  const subscribed = await subscribe({ licenseType: 'per-user', quota: 5, ...changes });
  for (const as of licensed) await got(201, grantLicense, { as: 'owner', path: { userId: await userId(as) } });
  return subscribed;
};
const activated = (sessionId: string, machineId = 'laptop', as: As = 'user') =>
  got(201, activate, { as, body: { sessionId, machineId } });
const beat = (status: number, { sessionId, seat, fence }: any, more: object = {}, as: As = 'user') =>
  got(status, heartbeat, { as, path: { sessionId }, body: { seat, fence, ...more } });
const found = (sessionId: string, as: As = 'owner') => got(200, getActivation, { as, path: { sessionId } });

describe('activating', () => {
  it('only licensed users may: others are refused before they learn anything about the session', async () => {
    await perUser();
    expect(await got(403, activate, { as: 'otherUser', body: { machineId: 'm' } })).toMatchObject({
      code: 'not-licensed',
    });
    expect(await got(403, activate, { as: 'owner', body: { machineId: 'm' } })).toMatchObject({ code: 'not-licensed' });
    const { accepted, code } = await got(200, activate, { as: 'otherUser', body: { machineId: 'm', dryRun: true } });
    expect({ accepted, code }).toEqual({ accepted: false, code: 'not-licensed' });
  });
  it('a licensed user gets an activation on the seat of the license, also by an API key', async () => {
    await perUser();
    const activation = await activated('a', 'laptop', 'apiKey');
    expect(activation).toMatchObject({
      sessionId: 'a',
      machineId: 'laptop',
      userId: await userId('user'),
      status: 'active',
      seat: expect.any(Number),
      endedAt: null,
    });
    expect(await found('a')).toEqual(activation);
    expect((await got(200, listActivations, { as: 'user' })).items).toEqual([activation]);
    expect((await got(200, listActivations, { as: 'otherUser' })).items).toEqual([]);
  });
  it('repeated, it gets the same activation: after a retry, a double click, or both at once', async () => {
    await perUser();
    const body = { machineId: 'laptop', sessionId: 'a' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => call(activate, { as: 'user', body })));
    const fences = new Set(answers.map(({ body: { seat, fence } }) => `${seat}/${fence}`));
    expect(fences.size).toBe(1);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect((await got(200, activate, { as: 'user', body })).fence).toBe(answers[0]?.body.fence);
  });
  it('a dry run changes nothing', async () => {
    await perUser();
    const { fence } = await activated('a');
    const body = { machineId: 'desktop', sessionId: 'b', dryRun: true };
    expect(await got(200, activate, { as: 'user', body })).toEqual({ accepted: true });
    expect(await found('a')).toMatchObject({ status: 'active', fence });
  });
});

describe('one machine at a time', () => {
  it('the newer activation ends the older one, whose next heartbeat says logged-in-elsewhere', async () => {
    await perUser();
    const older = await activated('a', 'laptop');
    const newer = await activated('b', 'desktop');
    expect(newer.fence).toBeGreaterThan(older.fence);
    expect(await beat(410, older)).toMatchObject({ code: 'activation-ended', endedReason: 'logged-in-elsewhere' });
    await beat(200, newer);
    expect(await found('a')).toMatchObject({ status: 'ended', endedReason: 'logged-in-elsewhere' });
    expect((await got(200, listActivations, { as: 'owner' })).items).toEqual([await found('b')]);
  });
  it('the older session cannot come back: its repeated activation says why, and ends nobody', async () => {
    await perUser();
    await activated('a', 'laptop');
    const newer = await activated('b', 'desktop');
    const body = { sessionId: 'a', machineId: 'laptop' };
    for (const dryRun of [true, false]) {
      const { code, endedReason } = await got(dryRun ? 200 : 410, activate, { as: 'user', body: { ...body, dryRun } });
      expect({ code, endedReason }).toEqual({ code: 'activation-ended', endedReason: 'logged-in-elsewhere' });
    }
    await beat(200, newer);
  });
  it('also when both arrive at once: one of them lives, the other was ended by it', async () => {
    await perUser();
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((id) => call(activate, { as: 'user', body: { sessionId: id, machineId: `on-${id}` } })),
    );
    const lives = (await got(200, listActivations, { as: 'owner' })).items;
    expect(lives).toHaveLength(1);
    for (const { status, body } of answers.filter((answer) => answer.status === 201)) {
      expect(status).toBe(201);
      const alive = body.sessionId === lives[0].sessionId;
      const told = await beat(alive ? 200 : 410, body);
      if (!alive) expect(told.endedReason).toBe('logged-in-elsewhere');
    }
    // An activation that was overtaken before its answer learns so at once.
    for (const { body } of answers.filter((answer) => answer.status !== 201))
      expect(body).toMatchObject({ code: 'activation-ended', endedReason: 'logged-in-elsewhere' });
  });
  it('users do not get in each other’s way, also on the same machine', async () => {
    await perUser({}, ['user', 'otherUser']);
    const one = await activated('a', 'shared', 'user');
    const other = await activated('b', 'shared', 'otherUser');
    await beat(200, one);
    await beat(200, other, {}, 'otherUser');
    expect((await got(200, getSubscription, { as: 'owner' })).inUse).toEqual({
      licensedUsers: 2,
      online: 2,
      offline: 0,
    });
  });
  it('a session ID that is live on another machine, or for another user, is a conflict', async () => {
    await perUser({}, ['user', 'otherUser']);
    const { fence } = await activated('a', 'laptop');
    for (const as of ['user', 'otherUser'] as const)
      expect(await got(409, activate, { as, body: { sessionId: 'a', machineId: 'desktop' } })).toMatchObject({
        code: 'session-conflict',
      });
    expect(await found('a')).toMatchObject({ status: 'active', fence, machineId: 'laptop' });
  });
});

describe('an activation ends', () => {
  it('by its lease, unless a heartbeat revives it', async () => {
    await perUser({ leaseSeconds: 60 });
    const activation = await activated('a');
    clock.advance(61_000);
    await beat(200, activation);
    clock.advance(61_000);
    expect(await found('a')).toMatchObject({ status: 'ended', endedReason: 'lease-expired' });
    expect(await beat(410, activation)).toMatchObject({ endedReason: 'lease-expired' });
    expect((await activated('a')).fence).toBeGreaterThan(activation.fence);
  });
  it('by its user, which may begin again; the license stays', async () => {
    await perUser();
    const activation = await activated('a');
    for (const _ of [1, 2]) await got(204, deactivate, { as: 'user', path: { sessionId: 'a' } });
    expect(await beat(410, activation)).toMatchObject({ endedReason: 'released' });
    expect((await got(200, getSubscription, { as: 'owner' })).inUse).toEqual({
      licensedUsers: 1,
      online: 0,
      offline: 0,
    });
    const again = await activated('a', 'desktop');
    expect(again.fence).toBeGreaterThan(activation.fence);
    // The old process has an old fence.
    expect(await beat(410, activation)).toMatchObject({ endedReason: 'released' });
    await beat(200, again);
  });
  it('by force: the same session cannot take the license back, another may', async () => {
    await perUser();
    const activation = await activated('a');
    await got(204, deactivate, { as: 'admin', path: { sessionId: 'a' } });
    expect(await beat(410, activation)).toMatchObject({ endedReason: 'license-removed' });
    expect(await got(410, activate, { as: 'user', body: { sessionId: 'a', machineId: 'laptop' } })).toMatchObject({
      endedReason: 'license-removed',
    });
    await activated('b');
  });
  it.each([
    ['suspended', { status: 'suspended' }, 'subscription-suspended'],
    ['expired', { expiresAt: utcIn(30_000) }, 'subscription-expired'],
  ])('by its next heartbeat once the subscription is %s; the license outlives that', async (_, change, reason) => {
    const { set } = await perUser({ leaseSeconds: 3600 });
    const activation = await activated('a');
    await set(change);
    clock.advance(31_000);
    expect(await beat(410, activation)).toMatchObject({ endedReason: reason });
    expect(await got(403, activate, { as: 'user', body: { machineId: 'm' } })).toMatchObject({ code: reason });
    await set({});
    expect((await got(200, getSubscription, { as: 'owner' })).inUse.licensedUsers).toBe(1);
    await activated('a');
  });
  it('never later than the subscription: its lease is cut', async () => {
    const expiresAt = utcIn(30_000);
    await perUser({ leaseSeconds: 3600, expiresAt });
    const activation = await activated('a');
    expect(activation.leaseExpiresAt).toBe(expiresAt);
    expect((await beat(200, activation)).leaseExpiresAt).toBe(expiresAt);
  });
});

describe('idle timeout', () => {
  it('is off by default: however long nobody works, the activation lives, and no warning is due', async () => {
    await perUser();
    expect(await beat(200, await activated('a'), { idleSeconds: 1_000_000 })).toMatchObject({ idleWarningAt: null });
  });
  it('ends an activation that nobody worked with for so long; the session may begin again', async () => {
    await perUser({ idleTimeoutMinutes: 120 });
    const activation = await activated('a');
    await beat(200, activation, { idleSeconds: 120 * 60 - 1 });
    expect(await beat(410, activation, { idleSeconds: 120 * 60 })).toMatchObject({ endedReason: 'idle-timeout' });
    expect(await found('a')).toMatchObject({ status: 'ended', endedReason: 'idle-timeout' });
    await activated('a');
  });
  it('the answer to a heartbeat says when the warning is due: the shorter of 15 minutes and a quarter of what remains', async () => {
    await perUser({ idleTimeoutMinutes: 120 });
    const activation = await activated('a');
    const warnIn = async (idleSeconds: number) => {
      const before = Date.now();
      const { idleWarningAt } = await beat(200, activation, { idleSeconds });
      return Math.round((Date.parse(idleWarningAt) - before) / 60_000);
    };
    expect(await warnIn(0)).toBe(105);
    expect(await warnIn(80 * 60)).toBe(30);
    expect(await warnIn(0)).toBe(105);
  });
});
