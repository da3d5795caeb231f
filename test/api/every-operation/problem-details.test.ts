import { describe, expect, it } from 'vitest';
import { acceptInvitation } from '../../../shared/contracts/accept-invitation.ts';
import { activate } from '../../../shared/contracts/activate.ts';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { getActivation } from '../../../shared/contracts/get-activation.ts';
import { getOrganization } from '../../../shared/contracts/get-organization.ts';
import { grantLicense } from '../../../shared/contracts/grant-license.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { invite } from '../../../shared/contracts/invite.ts';
import { issueOfflineLicense } from '../../../shared/contracts/issue-offline-license.ts';
import type { Operation } from '../../../shared/contracts/operation.ts';
import { setMember } from '../../../shared/contracts/set-member.ts';
import { transferLicense } from '../../../shared/contracts/transfer-license.ts';
import { openWorld, stamp } from '../support/harness.ts';

const { got, call, subscribe, userId, foreignId } = await openWorld();

describe('a problem says what to do', () => {
  it('a missing field is called required, whatever its type', async () => {
    await subscribe();
    const required = (pointer: string) => ({ pointer, detail: 'is required' });
    const bodies = [
      [activate, 'user', {}, [required('/body/machineId')]],
      [heartbeat, 'user', {}, [required('/body/seat'), required('/body/fence')]],
      [invite, 'owner', {}, [required('/body/emails'), required('/body/role')]],
      [createApiKey, 'user', {}, [required('/body/name')]],
    ] as const;
    for (const [operation, as, body, errors] of bodies) {
      const path: Record<string, string> = operation === heartbeat ? { sessionId: 'a' } : {};
      expect((await got(400, operation, { as, path, body })).errors).toEqual(errors);
    }
    // A wrong value is not called so.
    const { errors } = await got(400, activate, { as: 'user', body: { machineId: null } });
    expect(errors[0].detail).not.toBe('is required');
  });
  it.each(['tomorrow', '2027-01-31', '2027-01-31T09:30:00+02:00', '2027-02-30T09:30:00Z'])(
    'the time %s: how to write one',
    async (expiresAt) => {
      await subscribe({ offline: { allowed: true } });
      const { errors } = await got(400, issueOfflineLicense, { as: 'owner', body: { machineId: 'm', expiresAt } });
      expect(errors).toEqual([
        { pointer: '/body/expiresAt', detail: 'must be a time in UTC, such as 2027-01-31T09:30:00Z' },
      ]);
    },
  );
  it('a user who is no member has to be invited: the same answer, whether or not the user exists elsewhere', async () => {
    await subscribe({ licenseType: 'per-user' });
    await got(201, grantLicense, { as: 'owner', path: { userId: await userId('user') } });
    for (const nobody of ['usr_none', await userId('stranger')]) {
      const [path, from] = [{ userId: nobody }, { userId: await userId('user') }];
      const answers = [
        await got(404, grantLicense, { as: 'owner', path }),
        await got(404, transferLicense, { as: 'owner', path: from, body: { toUserId: nobody } }),
        await got(404, setMember, { as: 'owner', path, body: { role: 'user' } }),
        await got(404, createApiKey, { as: 'owner', body: { name: 'CI', userId: nobody } }),
      ];
      for (const { detail } of answers)
        expect(detail).toBe(`${nobody} is no member of this organization. Invite them first.`);
    }
  });
  it('a transfer from a user without a license names the missing license', async () => {
    const { path } = await subscribe({ licenseType: 'per-user' });
    const [from, to] = [await userId('user'), await userId('otherUser')];
    const { detail } = await got(404, transferLicense, { as: 'owner', path: { userId: from }, body: { toUserId: to } });
    expect(detail).toBe(`${from} has no ${path.product} license to transfer.`);
  });
  it('a refusal for the quota says how many licenses are in use, when one may be free, and how to wait', async () => {
    const body = (sessionId: string) => ({ machineId: 'm', sessionId });
    const detail = async (sessionId: string) =>
      (await got(409, activate, { as: 'user', body: body(sessionId) })).detail;
    const { path } = await subscribe({ quota: 1 });
    await got(201, activate, { as: 'user', body: body('a') });
    const wait = String.raw`One may be free in \d\d s\. Send \`waitSeconds\` to wait in the queue, or ask your vendor for more\.$`;
    expect(await detail('b')).toMatch(new RegExp(`^The only ${path.product} license is in use\\. ${wait}`));
    const { path: two, set } = await subscribe({ quota: 2 });
    for (const sessionId of ['a', 'b']) await got(201, activate, { as: 'user', body: body(sessionId) });
    expect(await detail('c')).toMatch(new RegExp(`^All 2 ${two.product} licenses are in use\\. ${wait}`));
    await set({ quota: 1, leaseSeconds: 86_400 });
    expect(await detail('c')).toMatch(new RegExp(`^The only ${two.product} license is in use \\(2 held\\)\\. `));
  });
  it('a 404 names what was asked for, the same for a missing thing and a foreign one, and never a secret', async () => {
    const { path } = await subscribe();
    const { organizationId, product } = path;
    const told = async (operation: Operation, more: object, where: Record<string, string>) =>
      (await got(404, operation, { as: 'user', path: where, ...more })).detail;
    const next = "or your credential can't see it. Check each ID, and to which organization your credential belongs.";
    const body = { machineId: 'm' };
    expect(await told(activate, { body }, { product: 'NOPE' })).toBe(
      `Product NOPE was not found in ${organizationId}, ${next}`,
    );
    expect(await told(getActivation, {}, { sessionId: 's' })).toBe(
      `Session s of product ${product} was not found in ${organizationId}, ${next}`,
    );
    for (const elsewhere of [foreignId, 'org_none'])
      expect(await told(getOrganization, {}, { organizationId: elsewhere })).toBe(
        `Organization ${elsewhere} was not found, ${next}`,
      );
    expect(await told(acceptInvitation, {}, { token: 'lhi_a_secret' })).toBe(`This was not found, ${next}`);
  });
  it('a 401 says what to send', async () => {
    const { detail } = await got(401, activate, { as: 'nobody', body: { machineId: 'm' } });
    expect(detail).toContain('missing, unknown, revoked or expired. Send `Authorization: Bearer …`');
  });
  it('without a license that ends by itself, it says how to free one', async () => {
    await subscribe({ licenseType: 'per-user', quota: 1 });
    await got(201, grantLicense, { as: 'owner', path: { userId: await userId('user') } });
    const { detail } = await got(409, grantLicense, { as: 'owner', path: { userId: await userId('otherUser') } });
    expect(detail).toContain('Take one away or transfer it, or ask your vendor for more');
  });
  it('a refusal of a grant or an offline license advises no wait: these requests have no queue', async () => {
    const offline = { allowed: true, reserveOnline: 0 };
    const next = String.raw`One may be free at .*\. Take one away or transfer it, or ask your vendor for more\.$`;
    for (const licenseType of ['per-user', 'floating']) {
      const { path, set } = await subscribe({ licenseType, quota: 1, offline });
      const issue = () => call(issueOfflineLicense, { as: 'owner', body: { machineId: stamp() } });
      const grant = async () => call(grantLicense, { as: 'owner', path: { userId: await userId('user') } });
      const [taken, refused] = [await issue(), await (licenseType === 'per-user' ? grant : issue)()];
      expect([taken.status, refused.status]).toEqual([201, 409]);
      expect(refused.body.detail).toMatch(new RegExp(next));
      await set({ quota: 0, machineQuota: 9, offline: { allowed: true } });
      expect((await issue()).body.detail).toBe(
        `The ${path.product} subscription has no licenses. Ask your vendor for some.`,
      );
    }
  });
  it('a machine quota of 1 names the only machine, one of 0 no machine to use instead', async () => {
    const offline = { allowed: true, reserveOnline: 0 };
    const { path, set } = await subscribe({ licenseType: 'per-user', quota: 2, machineQuota: 1, offline });
    const issue = (status: number, machineId: string) =>
      got(status, issueOfflineLicense, { as: 'owner', body: { machineId } });
    await issue(201, 'm');
    expect((await issue(409, 'other')).detail).toBe(
      `The only machine that may use ${path.product} is registered. Use that one, or ask an owner or admin to remove one that ` +
        'is no longer needed, or your vendor for more.',
    );
    await set({ quota: 2, machineQuota: 0, offline });
    const { detail } = await issue(409, 'other');
    expect(detail).toBe(`No machine may use ${path.product}. Ask your vendor for a machine quota.`);
  });
});
