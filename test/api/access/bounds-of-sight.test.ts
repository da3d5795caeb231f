import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getActivation } from '../../../shared/contracts/get-activation.ts';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { listActivations } from '../../../shared/contracts/list-activations.ts';
import { clock, mint, openWorld, principalOf, startHour, utcIn } from '../support/harness.ts';

const world = await openWorld();
const { got, subscribe, activated } = world;
const path = { sessionId: 'job' };

describe('a session of another member', () => {
  it('is not changed by a look at it: the owner of a lapsed session still revives it', async () => {
    await subscribe({ leaseSeconds: 60 });
    const { seat, fence } = await activated('job');
    clock.advance(61_000);
    await world.contextOf('otherUser');
    const before = await world.stored();
    await got(404, getActivation, { as: 'otherUser', path });
    expect(await world.stored()).toEqual(before);
    await got(200, heartbeat, { as: 'user', path, body: { seat, fence } });
  });
});

describe('a session ID that another member took over after the first one’s lease ended', () => {
  it('still tells the first member, and nobody else, why it ended', async () => {
    await subscribe({ leaseSeconds: 60 });
    const first = await activated('job');
    clock.advance(61_000);
    await got(201, activate, { as: 'otherUser', body: { sessionId: 'job', machineId: 'elsewhere' } });
    const body = { seat: first.seat, fence: first.fence };
    expect(await got(410, heartbeat, { as: 'user', path, body })).toMatchObject({ endedReason: 'lease-expired' });
    await got(404, heartbeat, { as: 'admin', path, body });
    await got(204, deactivate, { as: 'user', path });
    await got(404, getActivation, { as: 'user', path });
    expect(await got(200, getActivation, { as: 'otherUser', path })).toMatchObject({ status: 'active' });
  });
});

describe('after a subscription was set to end before its leases do', () => {
  it('no session is shown as online, by the list, the figures or itself', async () => {
    const { set } = await subscribe({ leaseSeconds: 3600 });
    await activated('job');
    const expiresAt = utcIn(60_000);
    await set({ expiresAt });
    expect((await got(200, listActivations, { as: 'owner' })).items).toMatchObject([{ leaseExpiresAt: expiresAt }]);
    clock.advance(61_000);
    expect((await got(200, listActivations, { as: 'owner' })).items).toEqual([]);
    expect(await got(200, getSubscription, { as: 'owner' })).toMatchObject({ status: 'expired', inUse: { online: 0 } });
    expect(await got(200, getActivation, { as: 'user', path })).toMatchObject({
      status: 'ended',
      endedReason: 'subscription-expired',
      endedAt: expiresAt,
    });
  });
});

describe('a token', () => {
  it.each([undefined, '', 'x'.repeat(256)])('with the subject %j is not valid', async (sub) => {
    const token = await mint({ sub, email: 'owner@acme.example', email_verified: true });
    expect(await principalOf(token)).toEqual({ type: 'nobody' });
  });
});

describe('an invalid request for another member’s key', () => {
  it('is 400 before it is 403', async () => {
    const body = { name: 'k', userId: await world.userId('owner'), expiresAt: utcIn(-1000) };
    await got(400, createApiKey, { as: 'user', body });
  });
});

describe('the use of an API key', () => {
  it('is noted once an hour, and never causes a refusal', async () => {
    const bearer = world.credential('apiKey');
    clock.advance(3_600_000);
    startHour();
    const before = await world.stored();
    await principalOf(bearer);
    const noted = await world.stored();
    expect(noted).not.toEqual(before);
    await Promise.all([principalOf(bearer), principalOf(bearer)]);
    expect(await world.stored()).toEqual(noted);
  });
});
