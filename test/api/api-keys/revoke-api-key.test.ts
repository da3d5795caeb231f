import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { getActivation } from '../../../shared/contracts/get-activation.ts';
import { revokeApiKey } from '../../../shared/contracts/revoke-api-key.ts';
import { type As, openWorld, principalOf } from '../support/harness.ts';

const { got, subscribe, foreignId } = await openWorld();
const create = (as: As = 'user', body: object = {}) => got(201, createApiKey, { as, body: { name: 'CI', ...body } });
const revoke = (status: number, keyId: string, as: As = 'user') => got(status, revokeApiKey, { as, path: { keyId } });

describe('204', () => {
  it('a revoked key is invalid at once for the authorizer; repeating is harmless', async () => {
    const { id, key } = await create();
    await revoke(204, id);
    expect(await principalOf(key)).toEqual({ type: 'nobody' });
    await revoke(204, id);
    expect(await principalOf(key)).toEqual({ type: 'nobody' });
  });
  it.each(['owner', 'admin', 'user', 'fullKey'] as const)('may be revoked by the %s', async (as) => {
    const { id, key } = await create('user');
    await revoke(204, id, as);
    expect(await principalOf(key)).toEqual({ type: 'nobody' });
  });
  it('a key can revoke itself', async () => {
    const { id, key } = await create('user', { scope: 'full' });
    await revoke(204, id, { bearer: key });
    await revoke(401, id, { bearer: key });
  });
  it('its activations go on until their runner could have changed to another key', async () => {
    await subscribe();
    const { id, key } = await create();
    await got(201, activate, { as: { bearer: key }, body: { machineId: 'm', sessionId: 'a' } });
    await revoke(204, id);
    expect(await got(200, getActivation, { as: 'user', path: { sessionId: 'a' } })).toMatchObject({
      status: 'active',
    });
  });
  it('the other keys of the member go on working', async () => {
    const [one, two] = [await create(), await create()];
    await revoke(204, one.id);
    expect(await principalOf(two.key)).toMatchObject({ keyId: two.id });
  });
});

describe('404', () => {
  it.each(['otherUser', 'billingManager'] as const)('somebody else’s key, for a %s; it goes on working', async (as) => {
    const { id, key } = await create('user');
    await revoke(404, id, as);
    expect(await principalOf(key)).toMatchObject({ keyId: id });
  });
  it('a key that never existed', async () => {
    await revoke(404, 'none', 'owner');
  });
  it('a key of another organization', async () => {
    const theirs = await got(201, createApiKey, {
      as: 'stranger',
      path: { organizationId: foreignId },
      body: { name: 'CI' },
    });
    await revoke(404, theirs.id, 'owner');
    expect(await principalOf(theirs.key)).toMatchObject({ organizationId: foreignId });
  });
});

describe('403', () => {
  it('a key of scope activate revokes none, not even itself', async () => {
    const { id, key } = await create();
    await revoke(403, id, { bearer: key });
  });
});

describe('400', () => {
  it.each(['', 'a_b', 'a'.repeat(65), '../x'])('a key ID of %j', async (keyId) => {
    expect(await revoke(400, keyId)).toMatchObject({ errors: [{ pointer: '/path/keyId' }] });
  });
});
