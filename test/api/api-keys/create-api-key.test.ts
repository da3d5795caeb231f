import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { getOrganization } from '../../../shared/contracts/get-organization.ts';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { listActivations } from '../../../shared/contracts/list-activations.ts';
import { listApiKeys } from '../../../shared/contracts/list-api-keys.ts';
import { listMembers } from '../../../shared/contracts/list-members.ts';
import { listSubscriptions } from '../../../shared/contracts/list-subscriptions.ts';
import { revokeApiKey } from '../../../shared/contracts/revoke-api-key.ts';
import { setLimits } from '../../../shared/contracts/set-limits.ts';
import { setMember } from '../../../shared/contracts/set-member.ts';
import { type As, clock, day, openWorld, principalOf, stamp, utcIn } from '../support/harness.ts';

const { organizationId, call, got, subscribe, stored, userId, addMember } = await openWorld();
const create = (status: number, body: object, as: As = 'user', idempotencyKey?: string) =>
  got(status, createApiKey, { as, body, headers: idempotencyKey ? { 'idempotency-key': idempotencyKey } : {} });
const secretOf = (key: string) => key.split('_')[2] as string;

// More keys than a member may have by default.
await got(200, setLimits, { as: 'vendor', body: { apiKeysPerMember: 1000 } });

describe('201', () => {
  it('a member makes a key for itself: `lh_<keyId>_<secret>`, with scope activate and no end by default', async () => {
    const { key, ...shown } = await create(201, { name: '  GitHub Actions ' });
    expect(shown).toEqual({
      id: shown.id,
      name: 'GitHub Actions',
      userId: await userId('user'),
      createdBy: await userId('user'),
      scope: 'activate',
      maxSessions: null,
      createdAt: expect.any(String),
      expiresAt: null,
      lastUsedAt: null,
    });
    expect(key).toMatch(new RegExp(`^lh_${shown.id}_[A-Za-z0-9]{43}$`));
  });
  it('the key acts as its member, in its organization alone, with its scope', async () => {
    const { key, id } = await create(201, { name: 'CI', scope: 'full' });
    expect(await principalOf(key)).toEqual({
      type: 'api-key',
      keyId: id,
      userId: await userId('user'),
      organizationId,
      role: 'user',
      scope: 'full',
      belowOwner: false,
    });
  });
  it('only a hash of the secret is kept', async () => {
    const { key } = await create(201, { name: 'CI' });
    const derived = (await create(201, { name: 'CI' }, 'user', stamp())).key;
    const items = (await stored()).join('\n');
    for (const secret of [key, derived].map(secretOf)) {
      expect(items).not.toContain(secret);
      expect(items).not.toContain(Buffer.from(secret).toString('base64'));
      expect(items).toContain(createHash('sha256').update(secret).digest('hex'));
    }
  });
  it('is shown in this answer alone', async () => {
    const { id, key } = await create(201, { name: 'Once' });
    const listed = await got(200, listApiKeys, { as: 'user', query: { limit: '200' } });
    expect(JSON.stringify(listed)).toContain(id);
    expect(JSON.stringify(listed)).not.toContain(secretOf(key));
  });
  it('two keys of the same name are two keys', async () => {
    const [one, two] = [await create(201, { name: 'Twin' }), await create(201, { name: 'Twin' })];
    expect(one.id).not.toBe(two.id);
    expect(one.key).not.toBe(two.key);
  });
  it.each(['owner', 'admin'] as const)('an %s makes keys for other members; they act as these', async (as) => {
    const { key } = await create(201, { name: 'For a user', userId: await userId('user'), scope: 'full' }, as);
    expect(await principalOf(key)).toMatchObject({ userId: await userId('user'), role: 'user' });
  });
  it('an owner makes keys for another owner', async () => {
    const second = await addMember('second-owner@acme.example', 'owner');
    const body = { name: 'For an owner', userId: await userId({ bearer: second }) };
    await create(201, body, 'owner');
  });
  it('shows the member who made it, in its list too', async () => {
    const [user, admin] = [await userId('user'), await userId('admin')];
    const own = await create(201, { name: 'Own' });
    const made = await create(201, { name: 'Made for it', userId: user }, 'admin');
    expect([own, made]).toMatchObject([
      { userId: user, createdBy: user },
      { userId: user, createdBy: admin },
    ]);
    const { items } = await got(200, listApiKeys, { as: 'user', query: { limit: '200' } });
    expect(items).toContainEqual(expect.objectContaining({ id: made.id, userId: user, createdBy: admin }));
  });
});

describe('201 with an Idempotency-Key', () => {
  it('the same request again gets the same key', async () => {
    const idempotencyKey = stamp();
    const body = { name: 'CI', scope: 'full', expiresAt: utcIn(60_000) };
    const first = await create(201, body, 'user', idempotencyKey);
    clock.advance(10_000);
    expect(await create(201, body, 'user', idempotencyKey)).toEqual(first);
    expect(await principalOf(first.key)).toMatchObject({ keyId: first.id });
  });
  it('the same request many times at once gets one key', async () => {
    const idempotencyKey = stamp();
    const keys = await Promise.all([1, 2, 3, 4].map(() => create(201, { name: 'CI' }, 'user', idempotencyKey)));
    expect(new Set(keys.map((key) => JSON.stringify(key))).size).toBe(1);
  });
  it('is the caller’s own: another’s same Idempotency-Key gets another key', async () => {
    const idempotencyKey = stamp();
    const [mine, theirs] = [
      await create(201, { name: 'CI' }, 'user', idempotencyKey),
      await create(201, { name: 'CI' }, 'otherUser', idempotencyKey),
    ];
    expect(mine.key).not.toBe(theirs.key);
    expect(theirs.userId).toBe(await userId('otherUser'));
  });
  it.each([{ name: 'Other' }, { scope: 'full' }, { expiresAt: utcIn(day) }])(
    'is refused for another request: %j',
    async (other) => {
      const idempotencyKey = stamp();
      await create(201, { name: 'CI' }, 'user', idempotencyKey);
      expect(await create(400, { name: 'CI', ...other }, 'user', idempotencyKey)).toMatchObject({
        errors: [{ pointer: '/headers/idempotency-key' }],
      });
    },
  );
  it('is refused once its key was revoked: a retry brings no dead key back', async () => {
    const idempotencyKey = stamp();
    const { id, key } = await create(201, { name: 'CI' }, 'user', idempotencyKey);
    await got(204, revokeApiKey, { as: 'user', path: { keyId: id } });
    await create(400, { name: 'CI' }, 'user', idempotencyKey);
    expect(await principalOf(key)).toEqual({ type: 'nobody' });
  });
  it.each(['short', 'x'.repeat(129), 'has a space in its middle', 'ü'.repeat(20)])(
    'may not be %j',
    async (idempotencyKey) => {
      expect(await create(400, { name: 'CI' }, 'user', idempotencyKey)).toMatchObject({
        errors: [{ pointer: '/headers/idempotency-key' }],
      });
    },
  );
});

describe('the scope of a key', () => {
  it('scope activate: activate and its own activations, and nothing else, whatever the member’s role', async () => {
    const { key } = await create(201, { name: 'CI' }, 'owner');
    const as = { bearer: key };
    await subscribe();
    await got(201, activate, { as, body: { machineId: 'm', sessionId: 'a' } });
    await got(200, listActivations, { as });
    for (const operation of [getSubscription, listSubscriptions, getOrganization, listMembers, listApiKeys])
      expect(await got(403, operation, { as })).toMatchObject({ code: 'forbidden' });
    expect(await got(403, createApiKey, { as, body: { name: 'More' } })).toMatchObject({ code: 'forbidden' });
  });
  it('scope full: all that its member may do', async () => {
    const { key } = await create(201, { name: 'Script', scope: 'full' }, 'admin');
    await subscribe();
    for (const operation of [getSubscription, listSubscriptions, getOrganization, listMembers, listApiKeys])
      await got(200, operation, { as: { bearer: key } });
  });
  it('nothing from the instant of its expiry on', async () => {
    const { key } = await create(201, { name: 'CI', expiresAt: utcIn(60_000) });
    expect(await principalOf(key)).toMatchObject({ type: 'api-key' });
    clock.advance(60_001);
    expect(await principalOf(key)).toEqual({ type: 'nobody' });
    await got(401, activate, { as: { bearer: key }, body: { machineId: 'm' } });
  });
  it('nothing with any character of it changed', async () => {
    const { key } = await create(201, { name: 'CI' });
    const wrong = [3, 10, 30, 54, 60, key.length - 1].map(
      (at) => key.slice(0, at) + (key[at] === 'a' ? 'b' : 'a') + key.slice(at + 1),
    );
    for (const bearer of [...wrong, key.slice(0, -1), `${key}a`, key.toUpperCase(), 'lh_', 'lh__', 'lh_a_b'])
      expect(await principalOf(bearer), bearer).toEqual({ type: 'nobody' });
  });
  it('not with the secret of another key', async () => {
    const [one, two] = [await create(201, { name: 'CI' }), await create(201, { name: 'CI' })];
    expect(await principalOf(`lh_${one.id}_${secretOf(two.key)}`)).toEqual({ type: 'nobody' });
  });
});

describe('400', () => {
  it.each<[string, object, string]>([
    ['no name', {}, '/body/name'],
    ['a name of spaces', { name: '  ' }, '/body/name'],
    ['a name of 101 characters', { name: 'x'.repeat(101) }, '/body/name'],
    ['an unknown scope', { name: 'CI', scope: 'admin' }, '/body/scope'],
    ['an expiry that is now past', { name: 'CI', expiresAt: utcIn(-1) }, '/body/expiresAt'],
    ['an expiry that is no time', { name: 'CI', expiresAt: 'tomorrow' }, '/body/expiresAt'],
    ['a user ID with a #', { name: 'CI', userId: 'usr#1' }, '/body/userId'],
    ['a role', { name: 'CI', role: 'owner' }, '/body/role'],
  ])('%s', async (_, body, pointer) => {
    expect(await create(400, body)).toMatchObject({ errors: [{ pointer }] });
  });
});

describe('403: no way to more than one’s own rights', () => {
  it.each(['user', 'billingManager'] as const)('a %s makes no keys for others', async (as) => {
    expect(await create(403, { name: 'CI', userId: await userId('otherUser') }, as)).toMatchObject({
      code: 'forbidden',
    });
  });
  it('an admin can’t make a key for an owner', async () => {
    const body = { name: 'CI', userId: await userId('owner'), scope: 'full' };
    await create(403, body, 'admin');
  });
  it('an admin’s key for a member that becomes an owner acts as an admin; the owners’ own and theirs as an owner', async () => {
    const bearer = await addMember('rising@acme.example', 'user');
    const id = await userId({ bearer });
    const body = { name: 'CI', scope: 'full', userId: id };
    const keyOf = async (as: As) => (await create(201, body, as)).key;
    const [byAdmin, byOwner, own] = [await keyOf('admin'), await keyOf('owner'), await keyOf({ bearer })];
    await got(200, setMember, { as: 'owner', path: { userId: id }, body: { role: 'owner' } });
    expect(await principalOf(byAdmin)).toMatchObject({ userId: id, role: 'admin' });
    for (const key of [byOwner, own]) expect(await principalOf(key)).toMatchObject({ userId: id, role: 'owner' });
    const path = { userId: await userId('otherUser') };
    await got(403, setMember, { as: { bearer: byAdmin }, path, body: { role: 'owner' } });
  });
  it.each(['apiKey', 'fullKey'] as const)('an API key makes no keys, and learns what to do: %s', async (as) => {
    const { detail } = await create(403, { name: 'CI' }, as);
    expect(detail).toContain('signed in; no API key');
  });
  it('nor does a key of an owner', async () => {
    const { key } = await create(201, { name: 'Script', scope: 'full' }, 'owner');
    await create(403, { name: 'CI', scope: 'full' }, { bearer: key });
  });
  it('the vendor makes no keys in an organization', async () => {
    await create(403, { name: 'CI', userId: await userId('owner') }, 'vendor');
  });
});

describe('404', () => {
  it('a user that is not a member, also one of another organization', async () => {
    for (const someone of ['usr_none', await userId('stranger')])
      await create(404, { name: 'CI', userId: someone }, 'owner');
  });
  it('another organization', async () => {
    expect((await call(createApiKey, { as: 'stranger', body: { name: 'CI' } })).status).toBe(404);
  });
});
