import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getActivation } from '../../../shared/contracts/get-activation.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { listActivations } from '../../../shared/contracts/list-activations.ts';
import { transferActivation } from '../../../shared/contracts/transfer-activation.ts';
import { type As, clock, day, type Json, openWorld, utcIn } from '../support/harness.ts';

const { got, subscribe, activated, userId } = await openWorld();
interface Told {
  sessionId: string;
  seat: number;
  fence: number;
}
/** A heartbeat with the seat and fence that an activation told. */
const beat = (status: number, { sessionId, seat, fence }: Told, as: As = 'user', more: object = {}): Promise<Json> =>
  got(status, heartbeat, { as, path: { sessionId }, body: { seat, fence, ...more } });
const leaseOf = ({ leaseExpiresAt }: Json) => Date.parse(leaseExpiresAt) - Date.now();

describe('200', () => {
  it('extends the lease by its length, from now', async () => {
    await subscribe({ leaseSeconds: 60 });
    const activation = await activated('a');
    for (let round = 0; round < 4; round++) {
      clock.advance(40_000);
      const { leaseExpiresAt, ...rest } = await beat(200, activation);
      expect(leaseOf({ leaseExpiresAt })).toBeGreaterThan(50_000);
      expect(leaseOf({ leaseExpiresAt })).toBeLessThanOrEqual(60_000);
      const { leaseExpiresAt: _, hostname: __, ...same } = activation;
      expect(rest).toEqual({ ...same, idleWarningAt: null });
    }
  });
  it('a heartbeat that comes after the lease ended revives the activation if its seat is still unclaimed', async () => {
    await subscribe({ quota: 1 });
    const activation = await activated('a');
    clock.advance(600_000);
    expect(leaseOf(await beat(200, activation))).toBeGreaterThan(50_000);
    await got(409, activate, { as: 'otherUser', body: { machineId: 'm', sessionId: 'b' } });
  });
  it('keeps the host name that the activation told: each other answer has it', async () => {
    await subscribe();
    const body = { machineId: 'm', sessionId: 'a', hostname: 'ci.example' };
    const activation = await got(201, activate, { as: 'user', body });
    expect(activation.hostname).toBe('ci.example');
    expect(Object.keys(await beat(200, activation))).not.toContain('hostname');
    const path = { sessionId: 'a' };
    const { items } = await got(200, listActivations, { as: 'owner' });
    const answers = [
      await got(200, activate, { as: 'user', body: { ...body, hostname: undefined } }),
      await got(200, getActivation, { as: 'user', path }),
      await got(200, transferActivation, { as: 'owner', path, body: { machineId: 'm' } }),
      items[0],
    ];
    expect(answers.map(({ hostname }) => hostname)).toEqual(answers.map(() => 'ci.example'));
  });
  it('may come from its member through an API key', async () => {
    await subscribe();
    await beat(200, await activated('a', 'user'), 'apiKey');
    await beat(200, await activated('b', 'apiKey'), 'user');
  });
  it('a changed lease length takes effect at the next heartbeat, and in how often to send them', async () => {
    const { set } = await subscribe({ leaseSeconds: 60 });
    const activation = await activated('a');
    await set({ leaseSeconds: 600 });
    const longer = await beat(200, activation);
    expect(longer).toMatchObject({ heartbeatSeconds: 200 });
    expect(leaseOf(longer)).toBeGreaterThan(590_000);
    await set({ leaseSeconds: 30 });
    const shorter = await beat(200, activation);
    expect(shorter).toMatchObject({ heartbeatSeconds: 10 });
    expect(leaseOf(shorter)).toBeLessThanOrEqual(30_000);
    clock.advance(31_000);
    expect(await got(200, getActivation, { as: 'user', path: { sessionId: 'a' } })).toMatchObject({
      endedReason: 'lease-expired',
    });
  });
  it('an earlier expiry caps the lease; a renewal lengthens it again', async () => {
    const { set } = await subscribe({ leaseSeconds: 3600 });
    const activation = await activated('a');
    const expiresAt = utcIn(60_000);
    await set({ expiresAt });
    expect(await beat(200, activation)).toMatchObject({ leaseExpiresAt: expiresAt });
    await set({ expiresAt: utcIn(30 * day) });
    expect(leaseOf(await beat(200, activation))).toBeGreaterThan(3_590_000);
  });
  it('idleSeconds is taken, and of no meaning for a floating license', async () => {
    await subscribe();
    await beat(200, await activated('a'), 'user', { idleSeconds: 1_000_000 });
  });
  it('a shrink ends nobody', async () => {
    const { set } = await subscribe({ quota: 2 });
    const [a, b] = [await activated('a'), await activated('b')];
    await set({ quota: 0 });
    await beat(200, a);
    await beat(200, b);
  });
});

describe('410: the holder learns the one reason', () => {
  it('released', async () => {
    await subscribe();
    const activation = await activated('a');
    await got(204, deactivate, { as: 'user', path: { sessionId: 'a' } });
    expect(await beat(410, activation)).toMatchObject({ code: 'activation-ended', endedReason: 'released' });
  });
  it('license-removed', async () => {
    await subscribe();
    const activation = await activated('a');
    await got(204, deactivate, { as: 'owner', path: { sessionId: 'a' } });
    expect(await beat(410, activation)).toMatchObject({ endedReason: 'license-removed' });
  });
  it('lease-expired, when another session has the seat, which it keeps', async () => {
    await subscribe({ quota: 1 });
    const late = await activated('a');
    clock.advance(60_001);
    const holder = await activated('b', 'otherUser');
    expect(await beat(410, late)).toMatchObject({ endedReason: 'lease-expired' });
    await beat(200, holder, 'otherUser');
    expect(await got(200, getActivation, { as: 'user', path: { sessionId: 'a' } })).toMatchObject({
      status: 'ended',
      endedReason: 'lease-expired',
    });
  });
  it('lease-expired, once anybody has seen the end: an activation shown as ended is not revived', async () => {
    await subscribe();
    const late = await activated('a');
    clock.advance(60_001);
    expect(await got(200, getActivation, { as: 'owner', path: { sessionId: 'a' } })).toMatchObject({ status: 'ended' });
    expect(await beat(410, late)).toMatchObject({ endedReason: 'lease-expired' });
  });
  it.each([
    ['subscription-suspended', { status: 'suspended' }],
    ['subscription-expired', { expiresAt: utcIn(-1) }],
  ])('%s, and then the seat is free', async (endedReason, change) => {
    const { set } = await subscribe({ quota: 1 });
    const activation = await activated('a');
    await set(change);
    expect(await beat(410, activation)).toMatchObject({ endedReason });
    expect(await beat(410, activation)).toMatchObject({ endedReason });
    expect(await got(200, getActivation, { as: 'user', path: { sessionId: 'a' } })).toMatchObject({
      status: 'ended',
      endedReason,
    });
    await set({});
    expect(await beat(410, activation)).toMatchObject({ endedReason });
    await activated('b', 'otherUser');
  });
  it('at its expiry a subscription’s licenses stop: running ones end with subscription-expired', async () => {
    await subscribe({ expiresAt: utcIn(30_000) });
    const activation = await activated('a');
    clock.advance(30_001);
    expect(await beat(410, activation)).toMatchObject({ endedReason: 'subscription-expired' });
  });
  it('a renewal before the next heartbeat takes effect at once: the activation runs on', async () => {
    const { set } = await subscribe({ expiresAt: utcIn(30_000) });
    const activation = await activated('a');
    clock.advance(30_001);
    await set({ expiresAt: utcIn(day) });
    await beat(200, activation);
  });
  it('a stale fence of the same session, never a success on its newer lease', async () => {
    await subscribe({ quota: 1 });
    const old = await activated('a');
    await got(204, deactivate, { as: 'user', path: { sessionId: 'a' } });
    const current = await activated('a');
    const { items } = await got(200, listActivations, { as: 'user' });
    clock.advance(5000);
    expect(await beat(410, old)).toMatchObject({ endedReason: 'released' });
    expect((await got(200, listActivations, { as: 'user' })).items).toEqual(items);
    await beat(200, current);
  });
  it('a seat or fence of another activation', async () => {
    await subscribe({ quota: 3 });
    const { seat, fence, sessionId } = await activated('a');
    await beat(410, { sessionId, seat, fence: fence + 1 });
    await beat(410, { sessionId, seat: seat + 1, fence });
    await beat(410, { sessionId, seat: 999_999, fence });
    await beat(200, { sessionId, seat, fence });
  });
  it('the seat and fence of another session are no way in', async () => {
    await subscribe({ quota: 2 });
    const mine = await activated('a', 'otherUser');
    const theirs = await activated('b', 'user');
    await beat(410, { ...theirs, sessionId: mine.sessionId }, 'otherUser');
  });
});

describe('404', () => {
  it.each(['otherUser', 'owner', 'admin', 'billingManager'] as const)('for a %s that is not its member', async (as) => {
    await subscribe();
    const activation = await activated('a');
    await beat(404, activation, as);
    expect((await got(200, getActivation, { as: 'user', path: { sessionId: 'a' } })).leaseExpiresAt).toBe(
      activation.leaseExpiresAt,
    );
  });
  it('also after its end: others do not learn the reason', async () => {
    await subscribe();
    const activation = await activated('a');
    await got(204, deactivate, { as: 'user', path: { sessionId: 'a' } });
    await beat(404, activation, 'otherUser');
  });
  it('a session that never existed, and a product that the organization does not have', async () => {
    await subscribe();
    const body = { seat: 1, fence: 1 };
    await got(404, heartbeat, { as: 'user', path: { sessionId: 'never' }, body });
    await got(404, heartbeat, { as: 'user', path: { sessionId: 'never', product: 'NONE' }, body });
  });
  it('on a suspended subscription, others still learn nothing and end nothing', async () => {
    const { set } = await subscribe();
    const activation = await activated('a');
    await set({ status: 'suspended' });
    await beat(404, activation, 'otherUser');
    await set({});
    expect(await beat(200, activation)).toMatchObject({ userId: await userId('user') });
  });
});

describe('400', () => {
  it.each<[string, object, string]>([
    ['no seat', { seat: undefined }, '/body/seat'],
    ['seat 0', { seat: 0 }, '/body/seat'],
    ['half a seat', { seat: 1.5 }, '/body/seat'],
    ['a seat as text', { seat: '1' }, '/body/seat'],
    ['a seat beyond any number', { seat: 1e300 }, '/body/seat'],
    ['no fence', { fence: undefined }, '/body/fence'],
    ['a negative fence', { fence: -1 }, '/body/fence'],
    ['negative idleSeconds', { idleSeconds: -1 }, '/body/idleSeconds'],
    ['idleSeconds over a year', { idleSeconds: 31_536_001 }, '/body/idleSeconds'],
    ['an unknown field', { sessionId: 'a' }, '/body/sessionId'],
  ])('%s', async (_, wrong, pointer) => {
    await subscribe();
    const { seat, fence } = await activated('a');
    const body = { seat, fence, ...wrong };
    expect(await got(400, heartbeat, { as: 'user', path: { sessionId: 'a' }, body })).toMatchObject({
      errors: [{ pointer }],
    });
  });
});
