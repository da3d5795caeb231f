import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { grantLicense } from '../../../shared/contracts/grant-license.ts';
import { listYourLicenses } from '../../../shared/contracts/list-your-licenses.ts';
import { openFollower } from '../support/changes.ts';
import { type As, clock, day, type Json, openWorld, utcIn } from '../support/harness.ts';

const { got, subscribe, activated, organizationId, table, userId } = await openWorld({ stream: true });
const follow = await openFollower(table);

const mine = async (as: As, product: string): Promise<Json> => {
  const { items } = await got(200, listYourLicenses, { as, query: { limit: '200' } });
  return items.find((item: Json) => item.product === product);
};

describe('200', () => {
  it('shows each member its own sessions of a floating product alone, with the machine and the end of the lease', async () => {
    const { path } = await subscribe({ quota: 3 });
    const session = await activated('mine', 'user', 'laptop');
    await activated('other', 'otherUser');
    const own = await mine('user', path.product);
    expect(own).toMatchObject({
      organizationId,
      product: path.product,
      licenseType: 'floating',
      status: 'active',
      licensedAt: null,
      activations: [session],
      refusals: [],
    });
    expect(own.activations[0]).toMatchObject({ machineId: 'laptop', leaseExpiresAt: expect.any(String) });
    for (const as of ['owner', 'admin', 'billingManager'] as const)
      expect((await mine(as, path.product)).activations).toEqual([]);
    await got(204, deactivate, { as: 'user', path: { ...path, sessionId: 'mine' } });
    expect((await mine('user', path.product)).activations).toEqual([]);
  });
  it('shows the license of a per-user product, and the machine that has it', async () => {
    const expiresAt = utcIn(30 * day);
    const { path } = await subscribe({ licenseType: 'per-user', expiresAt });
    expect(await mine('user', path.product)).toMatchObject({ licensedAt: null, activations: [], expiresAt });
    await got(201, grantLicense, { as: 'owner', path: { ...path, userId: await userId('user') } });
    expect(await mine('user', path.product)).toMatchObject({ licensedAt: expect.any(String), activations: [] });
    await activated('studio', 'user', 'desk-1');
    expect((await mine('user', path.product)).activations).toMatchObject([
      { machineId: 'desk-1', sessionId: 'studio' },
    ]);
    clock.advance(day);
    expect((await mine('user', path.product)).activations).toEqual([]);
  });
  it('shows why a quota refused the member, the latest first, for 7 days, and nobody else’s refusals', async () => {
    const { path } = await subscribe({ quota: 1 });
    await activated('holder', 'otherUser');
    for (const [as, sessionId] of [
      ['user', 'first'],
      ['admin', 'foreign'],
      ['user', 'second'],
    ] as const) {
      await got(409, activate, { as, path, body: { machineId: 'm', sessionId } });
      clock.advance(1000);
    }
    await follow();
    const { refusals } = await mine('user', path.product);
    expect(refusals.map(({ sessionId }: Json) => sessionId)).toEqual(['second', 'first']);
    expect(refusals[0]).toMatchObject({ reason: 'license-quota', quota: 1, inUse: 1, machineId: 'm' });
    clock.advance(7 * day);
    expect((await mine('user', path.product)).refusals).toEqual([]);
  });
});
