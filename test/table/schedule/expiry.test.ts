import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, describe, expect, it } from 'vitest';
import { settleDue } from '../../../infra/functions.ts';
import type { Notice } from '../../../shared/domain/outbox/expiry-notice.ts';
import { acceptInvitation } from '../../../shared/table/accounts/accept-invitation.ts';
import { createApiKey, revokeApiKey, verifyApiKey } from '../../../shared/table/accounts/api-keys.ts';
import { revokeInvitation } from '../../../shared/table/accounts/invitations.ts';
import { addMember } from '../../../shared/table/items/members.ts';
import { readSubscription } from '../../../shared/table/items/subscriptions.ts';
import { issueOfflineLicense } from '../../../shared/table/offline/offline-licenses.ts';
import { settleAllDue } from '../../../shared/table/schedule/settle-due.ts';
import { type Key, keys, type Pool } from '../../../shared/table/store/keys.ts';
import type { Item } from '../../../shared/table/store/table.ts';
import { withGrant } from '../../api/support/grants.ts';
import { createPool, type TestPool } from '../support/database.ts';
import { inviteOne } from '../support/invite-one.ts';
import { deathsOf, dying } from '../support/requests/places.ts';
import { activate, clockAt, heartbeat, seatOf } from '../support/sessions.ts';
import { openChangeFeed } from '../support/stream/change-feed.ts';

const feed = await openChangeFeed();
const { table } = feed;
afterAll(() => feed.close());

const day = 86_400_000;
const runAt = (now: number, by = table) =>
  withGrant(settleDue, () => settleAllDue(by, { now, most: 1000, until: () => false }));
const item = async (key: Key): Promise<Item | undefined> =>
  (await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }))).Item;
const notices = async (pool: Pool): Promise<Notice[]> => {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': keys.notice(pool, 0, 0).pk },
    }),
  );
  return Items as Notice[];
};
/** What the notices of a pool say, in the order of their writing. */
const told = async (pool: Pool) =>
  (await notices(pool))
    .toSorted((a, b) => a.noticedAt - b.noticedAt)
    .map(({ kind, step, daysLeft }) => [kind, step, daysLeft]);
const poolUntil = async (expiresAt: number): Promise<TestPool> => {
  const pool = await createPool(table, { expiresAt });
  await feed.caughtUp();
  return pool;
};

describe('the end of a subscription', () => {
  it('is told 30, 7 and 1 days before and at it, once each, however often the schedule runs', async () => {
    const end = Date.now() + 40 * day;
    const pool = await poolUntil(end);
    for (const left of [31, 30, 29, 7, 6.9, 1, 0.5, 0, -1]) {
      await Promise.all([runAt(end - left * day), runAt(end - left * day)]);
      await runAt(end - left * day + 60_000);
    }
    expect(await told(pool)).toEqual([
      ['expiring', 30, 30],
      ['expiring', 7, 7],
      ['expiring', 1, 1],
      ['expired', 0, 0],
    ]);
    expect((await notices(pool)).every(({ expiresAt }) => expiresAt === end)).toBe(true);
  });

  it('is marked with its own time, not that of a run that comes a week late', async () => {
    const end = Date.now() + 40 * day;
    const pool = await poolUntil(end);
    await runAt(end - 1);
    expect(await readSubscription(table, pool)).not.toHaveProperty('expiredAt');
    await runAt(end + 7 * day);
    expect(await readSubscription(table, pool)).toMatchObject({ expiresAt: end, expiredAt: end });
  });

  it('is told by what still makes sense after a time without runs', async () => {
    const end = Date.now() + 40 * day;
    const pool = await poolUntil(end);
    await runAt(end - 2 * day);
    expect(await told(pool)).toEqual([['expiring', 7, 2]]);
    const over = await poolUntil(end);
    await runAt(end + 7 * day);
    expect(await told(over)).toEqual([['expired', 0, 0]]);
  });

  it('that was set with fewer than 30 days left has only the warnings that are ahead', async () => {
    const end = Date.now() + 20 * day;
    const pool = await poolUntil(end);
    await runAt(Date.now() + 60_000);
    expect(await told(pool)).toEqual([]);
    await runAt(end - 7 * day);
    expect(await told(pool)).toEqual([['expiring', 7, 7]]);
  });

  it('that was renewed in time is not told; the new one is', async () => {
    const end = Date.now() + 40 * day;
    const pool = await poolUntil(end);
    await runAt(end - 30 * day);
    await pool.set({ expiresAt: end + 100 * day });
    await feed.caughtUp();
    for (const left of [7, 1, 0]) await runAt(end - left * day);
    expect(await told(pool)).toEqual([['expiring', 30, 30]]);
    expect(await readSubscription(table, pool)).not.toHaveProperty('expiredAt');
    await runAt(end + 70 * day);
    expect(await told(pool)).toEqual([
      ['expiring', 30, 30],
      ['expiring', 30, 30],
    ]);
  });

  it('stays marked while other terms are set, and no longer once it is renewed', async () => {
    const end = Date.now() + 2 * day;
    const pool = await poolUntil(end);
    await runAt(end);
    await pool.set({ expiresAt: end, quota: 3 });
    expect(await readSubscription(table, pool)).toMatchObject({ expiredAt: end, quota: 3 });
    await pool.set({ expiresAt: end + day });
    expect(await readSubscription(table, pool)).not.toHaveProperty('expiredAt');
    // Set back before that end came, by the clock of this setting: nobody is told twice.
    await pool.set({ expiresAt: end });
    await feed.caughtUp();
    await runAt(end + 60_000);
    expect(await readSubscription(table, pool)).toMatchObject({ expiredAt: end });
    expect(await told(pool)).toEqual([['expired', 0, 0]]);
  });

  it('is told again if a renewed subscription is set back to it: sessions of the renewal end', async () => {
    const end = Date.now() - 1000;
    const pool = await poolUntil(end);
    await runAt(Date.now() + 60_000);
    for (const expiresAt of [end + 40 * day, end]) {
      await pool.set({ expiresAt });
      await feed.caughtUp();
    }
    await Promise.all([runAt(Date.now() + 60_000), runAt(Date.now() + 60_000)]);
    expect(await told(pool)).toEqual([
      ['expired', 0, 0],
      ['expired', 0, 0],
    ]);
  });

  it('is told once whatever run dies on the way', async () => {
    const end = Date.now() + 2 * day;
    await poolUntil(end);
    const deaths = await deathsOf(feed.database, (by) => runAt(end, by));
    expect(deaths.length).toBeGreaterThan(2);
    for (const death of deaths) {
      const pool = await poolUntil(end);
      await runAt(end, dying(feed.database, death)).catch(() => {});
      await Promise.all([runAt(end + 60_000), runAt(end + 60_000)]);
      expect(await told(pool), JSON.stringify(death)).toEqual([['expired', 0, 0]]);
      expect(await readSubscription(table, pool), JSON.stringify(death)).toMatchObject({ expiredAt: end });
    }
  });
});

describe('the end of an offline license', () => {
  it('is marked with its own time, and the license stays as it is', async () => {
    const pool = await createPool(table, {
      expiresAt: Date.now() + 40 * day,
      offline: { allowed: true, maxDays: null, reserveOnline: 0 },
    });
    const end = Date.now() + 3 * day;
    const request = { machineId: 'press-3', usedBy: null, description: null, askedExpiry: end };
    const result = await issueOfflineLicense(table, pool, request, { issuedBy: 'usr_owner' });
    if (result.outcome !== 'issued') throw new Error(result.outcome);
    await feed.caughtUp();
    const key = keys.offlineLicense(pool, result.license.id);
    await runAt(end - 1);
    const before = await item(key);
    expect(before).not.toHaveProperty('expiredAt');
    await Promise.all([runAt(end + 7 * day), runAt(end + 7 * day)]);
    expect(await item(key)).toEqual({ ...before, writtenAt: expect.any(Number), expiredAt: end });
  });
});

describe('the end of an invitation', () => {
  let invited = 0;
  const invitation = async (expiresAt: number, email = `ada${++invited}@acme.example`) => {
    const pool = await createPool(table);
    const { organizationId } = pool;
    const made = { organizationId, email, role: 'user', expiresAt } as const;
    const result = await inviteOne(table, made, Date.now());
    if (result.outcome !== 'invited') throw new Error(result.outcome);
    return { ...result, made, key: keys.invitation(organizationId, result.invitation.id) };
  };

  it('is marked with its own time', async () => {
    const end = Date.now() + day;
    const { key } = await invitation(end);
    await feed.caughtUp();
    await runAt(end - 1);
    expect(await item(key)).not.toHaveProperty('expiredAt');
    await runAt(end + 7 * day);
    expect(await item(key)).toMatchObject({ expiredAt: end });
  });

  it('is not that of one that was used, revoked, or made anew', async () => {
    const end = Date.now() + day;
    const used = await invitation(end);
    const person = { subject: 'ada', userId: 'usr_ada', email: used.made.email, name: 'Ada' };
    expect(await acceptInvitation(table, used.token, person, Date.now())).toMatchObject({ outcome: 'member' });
    const revoked = await invitation(end);
    await revokeInvitation(table, revoked.made.organizationId, revoked.invitation.id, Date.now());
    const again = await invitation(end);
    await inviteOne(table, { ...again.made, expiresAt: end + 30 * day }, Date.now());
    await feed.caughtUp();
    await runAt(end + 60_000);
    for (const { key } of [used, revoked, again]) expect(await item(key)).not.toHaveProperty('expiredAt');
    await runAt(end + 31 * day);
    expect(await item(again.key)).toMatchObject({ expiredAt: end + 30 * day });
  });
});

describe('the end of an API key', () => {
  const apiKey = async (expiresAt: number | null) => {
    const { organizationId } = await createPool(table);
    const email = `${organizationId}@acme.example`;
    const { userId } = await addMember(table, { organizationId, email, role: 'user', now: Date.now() });
    const request = { organizationId, userId, name: 'ci', scope: 'activate', expiresAt } as const;
    const result = await createApiKey(table, request, { createdBy: userId, now: Date.now() });
    if (result.outcome !== 'created') throw new Error(result.outcome);
    return { ...result, item: keys.apiKey(organizationId, result.apiKey.id), organizationId };
  };

  it('is marked with its own time, also of one that is in use', async () => {
    const end = Date.now() + day;
    const made = await apiKey(end);
    expect(await verifyApiKey(table, made.key, Date.now())).toMatchObject({ outcome: 'good' });
    await feed.caughtUp();
    await runAt(end + 7 * day);
    expect(await item(made.item)).toMatchObject({ expiredAt: end });
  });

  it('is not that of one that was revoked, or has none', async () => {
    const end = Date.now() + day;
    const [revoked, endless] = [await apiKey(end), await apiKey(null)];
    await revokeApiKey(table, revoked.organizationId, revoked.apiKey.id, { now: Date.now() });
    await feed.caughtUp();
    await runAt(end + 1000 * day);
    expect(await item(revoked.item)).not.toHaveProperty('expiredAt');
    expect(await item(endless.item)).not.toHaveProperty('expiredAt');
  });
});

it('heartbeats plan nothing', async () => {
  const pool = await createPool(table, { leaseSeconds: 3600, expiresAt: Date.now() + 40 * day });
  const start = Date.now();
  const seat = seatOf(await activate(table, pool, 'a', clockAt(start)));
  await feed.caughtUp();
  const before = await feed.dues(pool);
  for (let minute = 1; minute <= 10; minute++) await heartbeat(table, pool, 'a', seat, start + minute * 60_000);
  await feed.caughtUp();
  expect(before.length).toBeGreaterThan(0);
  expect(await feed.dues(pool)).toEqual(before);
});
