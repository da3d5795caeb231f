import { afterAll, describe, expect, it } from 'vitest';
import type { Member } from '../../../shared/domain/accounts/member.ts';
import { createApiKey, readOpenKeys, revokeApiKey } from '../../../shared/table/accounts/api-keys.ts';
import { changeMember } from '../../../shared/table/accounts/change-member.ts';
import { readOpenInvitations } from '../../../shared/table/accounts/invitations.ts';
import { activateFloating } from '../../../shared/table/activations/activate-floating.ts';
import { transferSession } from '../../../shared/table/activations/transfer-session.ts';
import { addMember, readMember } from '../../../shared/table/items/members.ts';
import { readSession } from '../../../shared/table/items/sessions.ts';
import { grantLicense } from '../../../shared/table/licensed-users/grant-license.ts';
import { removeMember } from '../../../shared/table/removals/remove-member.ts';
import { settleKey } from '../../../shared/table/removals/settle-key.ts';
import type { Clock } from '../../../shared/table/store/clock.ts';
import type { Pool } from '../../../shared/table/store/keys.ts';
import { asActor, type Table } from '../../../shared/table/store/table.ts';
import { rightLingersMs } from '../../../shared/table/stream/due-checks.ts';
import { createPool, type TestPool } from '../support/database.ts';
import { inviteOne } from '../support/invite-one.ts';
import { activateAs, createLicensedPool } from '../support/licensed-pool.ts';
import { clockAt, heldSeats, holders } from '../support/sessions.ts';
import { openChangeFeed } from '../support/stream/change-feed.ts';

const feed = await openChangeFeed();
const { table } = feed;
afterAll(() => feed.close());

let people = 0;
const newPool = () => createPool(table, { leaseSeconds: 3600 });
const join = async ({ organizationId }: TestPool, role: 'admin' | 'user' = 'user') => {
  const email = `person${++people}@acme.example`;
  const member = { organizationId, email, role, now: Date.now() };
  const { userId } = await addMember(table, member);
  return { userId, again: () => addMember(table, { ...member, now: Date.now() }) };
};
const remove = ({ organizationId }: TestPool, userId: string) =>
  removeMember(table, { organizationId, userId, by: 'owner', now: Date.now() });
/** The schedule's run after the gateway has forgotten all of what happened until now. */
const later = async () => {
  await feed.caughtUp();
  await feed.settle(Date.now() + rightLingersMs);
};
const start = (by: Table, pool: Pool, sessionId: string, userId: string, clock?: Clock) =>
  activateFloating(by, pool, { sessionId, userId, machineId: `machine-of-${sessionId}` }, clock);
const keyFor = async (userId: string, { organizationId }: TestPool, createdBy = userId): Promise<string> => {
  const request = { organizationId, userId, name: 'CI', scope: 'full', expiresAt: null } as const;
  const made = await createApiKey(table, request, { createdBy, now: Date.now() });
  return made.outcome === 'created' ? made.apiKey.id : '';
};
/** The table, for who calls by an API key. */
const by = (keyId: string, userId: string) => asActor(table, `api-key#${keyId}#${userId}`);
const endOf = async (pool: Pool, sessionId: string) => (await readSession(table, pool, sessionId))?.endedReason;

describe('what a removed member was seated with, while the gateway still remembered it', () => {
  it('ends when the gateway has forgotten it, and nobody else’s', async () => {
    const pool = await newPool();
    const [gone, other] = [await join(pool), await join(pool)];
    await remove(pool, gone.userId);
    await start(table, pool, 'late', gone.userId);
    await start(table, pool, 'theirs', other.userId);
    await later();
    expect(await holders(table, pool)).toEqual(['theirs']);
    expect(await endOf(pool, 'late')).toBe('user-removed');
  });
  it('ends also when it has joined again; what it started since stays', async () => {
    const pool = await newPool();
    const member = await join(pool);
    await remove(pool, member.userId);
    await start(table, pool, 'late', member.userId);
    await member.again();
    await start(table, pool, 'new', member.userId);
    const kept = await keyFor(member.userId, pool);
    await later();
    expect(await holders(table, pool)).toEqual(['new']);
    expect((await readOpenKeys(table, pool.organizationId)).map(({ id }) => id)).toEqual([kept]);
  });
});

describe('what a revoked API key keeps in use', () => {
  it('ends when the gateway has forgotten the key; what came by another credential since goes on', async () => {
    const pool = await newPool();
    const { organizationId } = pool;
    const { userId } = await join(pool);
    const [revoked, other] = [await keyFor(userId, pool), await keyFor(userId, pool)];
    for (const sessionId of ['of-key', 'taken-over']) await start(by(revoked, userId), pool, sessionId, userId);
    await start(by(other, userId), pool, 'of-other', userId);
    await revokeApiKey(table, organizationId, revoked, { now: Date.now() });
    await start(by(revoked, userId), pool, 'late', userId);
    await start(by(other, userId), pool, 'taken-over', userId);
    await later();
    expect(await holders(table, pool)).toEqual(['of-other', 'taken-over']);
    for (const sessionId of ['of-key', 'late']) expect(await endOf(pool, sessionId)).toBe('license-removed');
  });
  it('is the sessions that it started or renewed, not those that it moved, or that stood in its way', async () => {
    const pool = await newPool();
    const { organizationId } = pool;
    const blockSize = 4;
    const small = { ...table, blockSize };
    await pool.set({ quota: blockSize + 1, leaseSeconds: 3600 }, small);
    const [{ userId }, stranger, admin] = [await join(pool), await join(pool), await join(pool, 'admin')];
    const [own, other] = [await keyFor(userId, pool), await keyFor(userId, pool)];
    const [refused, moving] = [await keyFor(stranger.userId, pool), await keyFor(admin.userId, pool)];
    // A refusal watches seats for two seconds at most: its clock stands still.
    const clock = clockAt(Date.now());
    const startBy = (keyId: string, sessionId: string, of = userId) =>
      start({ ...by(keyId, of), blockSize }, pool, sessionId, of, clock);
    for (const sessionId of ['a', 'b', 'c']) await startBy(own, sessionId);
    for (const sessionId of ['d', 'e']) await startBy(other, sessionId);
    expect(await startBy(refused, 'f', stranger.userId)).toMatchObject({ outcome: 'exhausted' });
    expect((await heldSeats(small, pool)).filter(({ watchedAt }) => watchedAt)).toHaveLength(blockSize + 1);
    for (const sessionId of ['a', 'd']) {
      const request = { sessionId, machineId: `other-${sessionId}` };
      const mover = { ...by(moving, admin.userId), blockSize };
      expect(await transferSession(mover, pool, request)).toMatchObject({ outcome: 'transferred' });
    }

    const settle = (keyId: string) => settleKey(small, { organizationId, keyId }, Date.now());
    for (const keyId of [refused, moving]) await settle(keyId);
    expect(await holders(small, pool)).toEqual(['a', 'b', 'c', 'd', 'e']);
    await settle(own);
    expect(await holders(small, pool)).toEqual(['d', 'e']);
  });
  it('ends also where users are licensed: they keep their licenses', async () => {
    const pool = await createLicensedPool(table, 5, 2);
    await pool.set({ leaseSeconds: 3600 });
    const [one, two] = pool.users as [string, string];
    for (const userId of [one, two]) await grantLicense(table, pool, userId);
    const revoked = await keyFor(one, pool);
    await activateAs(by(revoked, one), pool, one, 'of-key');
    await activateAs(table, pool, two, 'theirs');
    await revokeApiKey(table, pool.organizationId, revoked, { now: Date.now() });
    await later();
    expect(await endOf(pool, 'of-key')).toBe('license-removed');
    expect(await endOf(pool, 'theirs')).toBeUndefined();
    expect(await holders(table, pool)).toEqual([one, two].sort());
  });
  it('leaves a licensed user’s session whose lease had ended with that end, so that it may come back', async () => {
    const pool = await createLicensedPool(table, 1, 1);
    const { organizationId } = pool;
    const [userId = ''] = pool.users;
    await grantLicense(table, pool, userId);
    const revoked = await keyFor(userId, pool);
    const now = Date.now();
    await activateAs(
      by(revoked, userId),
      pool,
      userId,
      'lapsed',
      clockAt(() => now - 90_000),
    );
    await revokeApiKey(table, organizationId, revoked, { now });
    await settleKey(table, { organizationId, keyId: revoked }, now);
    const ended = { status: 'ended', endedReason: 'lease-expired', endedAt: now - 30_000 };
    expect(await readSession(table, pool, 'lapsed')).toMatchObject(ended);
    expect(await activateAs(table, pool, userId, 'lapsed')).toMatchObject({ outcome: 'acquired' });
  });
});

describe('a removal, and a demotion, that stopped right after the membership', () => {
  it.each([
    ['removal', () => ({ removedAt: Date.now() })],
    ['demotion', () => ({ role: 'user' as const })],
  ])('%s: is finished by the schedule', async (_, to) => {
    const pool = await newPool();
    const { organizationId } = pool;
    const [admin, other] = [await join(pool, 'admin'), await join(pool)];
    await keyFor(other.userId, pool, admin.userId);
    const own = await keyFor(other.userId, pool);
    const request = { organizationId, email: 'new@acme.example', role: 'user', invitedBy: admin.userId } as const;
    await inviteOne(table, { ...request, expiresAt: Date.now() + 600_000 }, Date.now());
    const member = (await readMember(table, organizationId, admin.userId)) as Member;
    expect(await changeMember(table, organizationId, member, to(), Date.now())).toBe('changed');
    await later();
    expect((await readOpenKeys(table, organizationId)).map(({ id }) => id)).toEqual([own]);
    expect(await readOpenInvitations(table, organizationId, Date.now())).toEqual([]);
  });
});
