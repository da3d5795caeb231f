import { describe, expect, it } from 'vitest';
import { getOfflineLicenseFile } from '../../../shared/contracts/get-offline-license-file.ts';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { issueOfflineLicense } from '../../../shared/contracts/issue-offline-license.ts';
import { listMachines } from '../../../shared/contracts/list-machines.ts';
import { listOfflineLicenses } from '../../../shared/contracts/list-offline-licenses.ts';
import { removeMachine } from '../../../shared/contracts/remove-machine.ts';
import { voidOfflineLicense } from '../../../shared/contracts/void-offline-license.ts';
import { type As, clock, openWorld, stamp, utcIn } from '../support/harness.ts';

const { got, subscribe: subscribeTo, activated } = await openWorld();
const subscribe = (changes: object = {}) =>
  subscribeTo({ quota: 1, offline: { allowed: true, maxDays: null, reserveOnline: 0 }, ...changes });
const issue = (status: number, body: object = {}, idempotencyKey = stamp()) =>
  got(status, issueOfflineLicense, {
    as: 'owner',
    body: { machineId: 'press-3', ...body },
    headers: { 'idempotency-key': idempotencyKey },
  });
const voided = (status: number, licenseId: string, { as = 'vendor', body = { reason: 'Leaked' } as object } = {}) =>
  got(status, voidOfflineLicense, { as: as as As, path: { licenseId }, body });
const listed = async () => (await got(200, listOfflineLicenses, { as: 'owner' })).items;
const figures = () => got(200, getSubscription, { as: 'owner' });

describe('200', () => {
  it('frees the seat at once, and shows the license as voided with the reason', async () => {
    await subscribe();
    const license = await issue(201);
    const answer = await voided(200, license.id, { body: { reason: ' Issued with a leaked key ' } });
    expect(answer).toEqual({
      ...license,
      status: 'voided',
      voidedAt: expect.any(String),
      voidReason: 'Issued with a leaked key',
    });
    expect(await listed()).toEqual([answer]);
    expect(await figures()).toMatchObject({ available: 1, inUse: { offline: 0 }, registeredMachines: 0 });
    await activated('next');
  });
  it('of a repetition: the first reason stays, and the later holder keeps the seat', async () => {
    await subscribe();
    const { id } = await issue(201);
    const first = await voided(200, id);
    await activated('next');
    expect(await voided(200, id, { body: { reason: 'Another' } })).toEqual(first);
    expect(await figures()).toMatchObject({ available: 0, inUse: { online: 1 } });
  });
  it('stays voided after its expiry', async () => {
    await subscribe();
    const { id } = await issue(201, { expiresAt: utcIn(60_000) });
    const answer = await voided(200, id);
    clock.advance(60_001);
    expect(await listed()).toEqual([answer]);
  });
  it('a license that has expired is answered as it is', async () => {
    await subscribe();
    const license = await issue(201, { expiresAt: utcIn(60_000) });
    clock.advance(60_001);
    expect(await voided(200, license.id)).toEqual({ ...license, status: 'expired' });
  });
  it('the repetition of the request that issued it gets the voided license, and no seat', async () => {
    await subscribe();
    const key = stamp();
    const { id } = await issue(201, {}, key);
    const answer = await voided(200, id);
    expect(await issue(201, {}, key)).toEqual(answer);
    expect(await figures()).toMatchObject({ available: 1 });
  });
  it('its file is no longer given out', async () => {
    await subscribe();
    const { id } = await issue(201);
    await got(200, getOfflineLicenseFile, { as: 'owner', path: { licenseId: id } });
    await voided(200, id);
    const problem = await got(403, getOfflineLicenseFile, { as: 'owner', path: { licenseId: id } });
    expect(problem.detail).toContain('Leaked');
  });
  it.each(['floating', 'per-user'])('its machine (%s) is bound no more, and its place is free', async (licenseType) => {
    await subscribe({ licenseType, quota: 2, machineQuota: 1 });
    const license = await issue(201);
    await got(409, removeMachine, { as: 'owner', path: { machineId: 'press-3' } });
    await issue(409, { machineId: 'press-4' });
    await voided(200, license.id);
    expect((await got(200, listMachines, { as: 'owner' })).items).toEqual([]);
    await issue(201, { machineId: 'press-4' });
    expect(await figures()).toMatchObject({ available: 1, inUse: { offline: 1 }, registeredMachines: 1 });
  });
});

describe('400', () => {
  it.each([{}, { reason: '' }, { reason: '  ' }, { reason: 'x'.repeat(501) }, { reason: 'x', more: 1 }])(
    '%j',
    async (body) => {
      await subscribe();
      await voided(400, (await issue(201)).id, { body });
    },
  );
});

describe('403', () => {
  it('for everybody of the organization: an offline license is irrevocable for them', async () => {
    await subscribe();
    const { id } = await issue(201);
    for (const as of ['owner', 'admin', 'billingManager', 'user', 'fullKey', 'apiKey'] as const)
      await voided(403, id, { as });
    expect(await figures()).toMatchObject({ available: 0, inUse: { offline: 1 } });
  });
});

describe('404', () => {
  it('there is no such license', async () => {
    await subscribe();
    await voided(404, 'off_none');
  });
});
