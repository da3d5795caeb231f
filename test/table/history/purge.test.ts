import { GetCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { settleDue } from '../../../infra/functions.ts';
import { dayOf } from '../../../shared/domain/dates.ts';
import { type Hold, offlineHolder, sessionHolder } from '../../../shared/domain/seat.ts';
import { acceptInvitation } from '../../../shared/table/accounts/accept-invitation.ts';
import { createApiKey, revokeApiKey, verifyApiKey } from '../../../shared/table/accounts/api-keys.ts';
import { revokeInvitation } from '../../../shared/table/accounts/invitations.ts';
import { checkClaimAfterMs } from '../../../shared/table/engine/unrecorded-claims.ts';
import { noteExport } from '../../../shared/table/history/exports.ts';
import { planPurge, purgeHistory } from '../../../shared/table/history/purge.ts';
import { countInTally } from '../../../shared/table/history/tallies.ts';
import { addMember } from '../../../shared/table/items/members.ts';
import { putProduct, removeProduct } from '../../../shared/table/items/products.ts';
import { claimSeat } from '../../../shared/table/items/seats.ts';
import { issueOfflineLicense } from '../../../shared/table/offline/offline-licenses.ts';
import { removeMember } from '../../../shared/table/removals/remove-member.ts';
import { listUsage } from '../../../shared/table/reports/list-usage.ts';
import { settleAllDue, settleClaim } from '../../../shared/table/schedule/settle-due.ts';
import { type Key, keyOf, keys } from '../../../shared/table/store/keys.ts';
import { getItem, type Item, readStoredPage } from '../../../shared/table/store/table.ts';
import { withGrant } from '../../api/support/grants.ts';
import { coldStart } from '../support/cold-start.ts';
import { createPool, type TestPool } from '../support/database.ts';
import { inviteOne } from '../support/invite-one.ts';
import { ran } from '../support/past-sessions.ts';
import { meter } from '../support/requests/metering.ts';
import { deathsOf, dying } from '../support/requests/places.ts';
import { activate, release } from '../support/sessions.ts';
import { openChangeFeed } from '../support/stream/change-feed.ts';
import { followRecord, reactionsToRecord } from '../support/stream/follow.ts';

const feed = await openChangeFeed();
const { table } = feed;
afterAll(() => feed.close());

const day = 86_400_000;
const item = async (key: Key): Promise<Item | undefined> =>
  (await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }))).Item;
const purgeAt = (before: number, by = table, most = 1000) =>
  withGrant(settleDue, () => purgeHistory(by, { before, most, until: () => false }));
const runAt = (now: number) => withGrant(settleDue, () => settleAllDue(table, { now, most: 1000, until: () => false }));
/** The plans to purge an item, straight from the table. */
const plansOf = async ({ pk, sk }: Key): Promise<Item[]> => {
  const { Items = [] } = await table.client.send(
    new ScanCommand({
      TableName: table.name,
      ConsistentRead: true,
      FilterExpression: 'begins_with(pk, :past) AND #key.pk = :pk AND #key.sk = :sk',
      ExpressionAttributeNames: { '#key': 'key' },
      ExpressionAttributeValues: { ':past': 'PAST#', ':pk': pk, ':sk': sk },
    }),
  );
  return Items;
};

let people = 0;
const newMember = async ({ organizationId }: TestPool) => {
  const email = `member${++people}@acme.example`;
  const { userId } = await addMember(table, { organizationId, email, role: 'user', now: Date.now() });
  return { organizationId, email, userId };
};
const newInvitation = async ({ organizationId }: TestPool, expiresAt = Date.now() + day) => {
  const email = `invited${++people}@acme.example`;
  const request = { organizationId, email, role: 'user', expiresAt } as const;
  const invited = await inviteOne(table, request, Date.now());
  if (invited.outcome !== 'invited') throw new Error(invited.outcome);
  return { ...invited, request, key: keys.invitation(organizationId, invited.invitation.id) };
};
const newApiKey = async (pool: TestPool, options: { expiresAt?: number; idempotencyKey?: string } = {}) => {
  const { organizationId, userId } = await newMember(pool);
  const request = {
    organizationId,
    userId,
    name: 'ci',
    scope: 'activate',
    expiresAt: options.expiresAt ?? null,
  } as const;
  const create = async () => {
    const created = await createApiKey(table, request, { ...options, createdBy: userId, now: Date.now() });
    if (created.outcome !== 'created') throw new Error(created.outcome);
    return created;
  };
  const created = await create();
  return { ...created, create, key: keys.apiKey(organizationId, created.apiKey.id), token: created.key };
};
const claimFirst = async (pool: TestPool, hold: Hold) => {
  const asRead = await getItem(table, keys.seat(pool, 1));
  const fence = (asRead?.fence ?? 0) + 1;
  const claimed = await claimSeat(table, pool, 1, hold, { claimId: `claim-${fence}`, fence, asRead });
  if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
  return { number: 1, fence, holder: hold.holder };
};
const claimOffline = async (pool: TestPool, id: string) => {
  const now = Date.now();
  const holder = offlineHolder(id);
  const hold = { holder, userId: '', machineId: 'm', claimedAt: now, availableAt: now + 60_000, leaseMs: 0 };
  return claimFirst(pool, hold);
};
const claimSession = async (pool: TestPool, sessionId: string) => {
  const now = Date.now();
  const holder = sessionHolder(sessionId);
  const hold = {
    holder,
    userId: 'usr_ada',
    machineId: 'm',
    claimedAt: now,
    availableAt: now + 60_000,
    leaseMs: 60_000,
  };
  return claimFirst(pool, hold);
};
const offer = (product: string) => {
  const terms = {
    ...{ quota: 1, months: 1, trialDays: 1, leaseSeconds: 60, idleTimeoutMinutes: null },
    offline: { allowed: false, maxDays: null },
  };
  return putProduct(table, { product, name: product, licenseType: 'floating', terms, changedAt: Date.now() });
};
const acme = () =>
  createPool(table, { expiresAt: Date.now() + 40 * day, offline: { allowed: true, maxDays: null, reserveOnline: 0 } });

/** The files that were given of a pool. */
const trailOf = async ({ organizationId, product }: TestPool) =>
  (await readStoredPage(table, { pk: `TRAIL#${organizationId}#${product}`, from: '0', to: '~' })).items;

/** Something that becomes history: its key, and since when it is. */
type Makes = (pool: TestPool) => Promise<{ key: Key; since: number }>;
const pasts: Record<string, Makes> = {
  'a claim that never became a session': async (pool) => {
    const claim = await claimSession(pool, 'a');
    const since = Date.now() + checkClaimAfterMs + 1000;
    await settleClaim(table, pool, claim, { now: since });
    return { key: keys.session(pool, 'a'), since };
  },
  'an offline license that has expired': async (pool) => {
    const since = Date.now() + day;
    const request = { machineId: 'press-3', usedBy: null, description: null, askedExpiry: since };
    const result = await issueOfflineLicense(table, pool, request, { issuedBy: 'usr_owner' });
    if (result.outcome !== 'issued') throw new Error(result.outcome);
    await feed.caughtUp();
    await runAt(since + day);
    return { key: keys.offlineLicense(pool, result.license.id), since };
  },
  'a claim that never became an offline license': async (pool) => {
    const claim = await claimOffline(pool, 'off_dead');
    const since = Date.now() + checkClaimAfterMs + 1000;
    await settleClaim(table, pool, claim, { now: since });
    return { key: keys.offlineLicense(pool, 'off_dead'), since };
  },
  'an invitation that was revoked': async (pool) => {
    const { key, invitation } = await newInvitation(pool);
    await revokeInvitation(table, pool.organizationId, invitation.id, Date.now());
    return { key, since: (await item(key))?.revokedAt as number };
  },
  'an invitation that has expired': async (pool) => {
    const since = Date.now() + day;
    const { key } = await newInvitation(pool, since);
    await feed.caughtUp();
    await runAt(since + day);
    return { key, since };
  },
  'an API key that was revoked': async (pool) => {
    const { key, apiKey } = await newApiKey(pool);
    await revokeApiKey(table, pool.organizationId, apiKey.id, { now: Date.now() });
    return { key, since: (await item(key))?.revokedAt as number };
  },
  'an API key that has expired': async (pool) => {
    const since = Date.now() + day;
    const { key } = await newApiKey(pool, { expiresAt: since });
    await feed.caughtUp();
    await runAt(since + day);
    return { key, since };
  },
  'a member that was removed': async (pool) => {
    const { organizationId, userId } = await newMember(pool);
    const since = Date.now();
    await removeMember(table, { organizationId, userId, by: 'owner', now: since });
    return { key: keys.member(organizationId, userId), since };
  },
  'a product that was taken out of the catalogue': async (pool) => {
    await offer(pool.product);
    const since = Date.now();
    await removeProduct(table, pool.product, since);
    return { key: keys.product(pool.product), since };
  },
  'a notice': async (pool) => {
    const expiresAt = Date.now() + 2 * day;
    await pool.set({ expiresAt });
    await feed.caughtUp();
    const since = expiresAt - day + 1;
    await runAt(since);
    return { key: keys.notice(pool, expiresAt, 1), since };
  },
  'a file that was given': async (pool) => {
    const since = Date.now();
    const target = { type: 'report', id: 'usage' } as const;
    await noteExport(table, pool, { target, details: { rows: 3 }, at: since });
    const [given] = await trailOf(pool);
    return { key: given?.key as Key, since };
  },
  'a count of what was refused': async (pool) => {
    const now = Date.now();
    const since = now - (now % 3_600_000);
    await countInTally(table, pool.organizationId, { kind: 'power', operation: 'invite' }, now);
    return { key: keys.tally(pool.organizationId, since, `power#invite#${table.actor}`), since };
  },
  'the usage of a day': async (pool) => {
    const from = dayOf(Date.now()) - 3 * day;
    for (const change of ran(pool, [{ startedAt: from, endedAt: from + 1 }])) await followRecord(table, change);
    const range = { from, to: from + day };
    await listUsage(table, pool, { granularity: 'day', range, limit: 1, now: Date.now() });
    return { key: keys.usage(pool, 'day', from), since: from + day };
  },
};

describe('history', () => {
  it.each(Object.entries(pasts))(
    '%s goes when its time is over, not before, also by two runs at once',
    async (_, make) => {
      const { key, since } = await make(await acme());
      await feed.caughtUp();
      expect(await plansOf(key)).toHaveLength(1);
      await purgeAt(since - 1);
      expect(await item(key)).toBeDefined();
      await Promise.all([purgeAt(since), purgeAt(since)]);
      expect(await item(key)).toBeUndefined();
      expect(await plansOf(key)).toEqual([]);
    },
  );

  it('an invitation that was accepted goes by the time of its acceptance', async () => {
    const { key, token, request } = await newInvitation(await acme());
    const person = { subject: 'ada', userId: `usr_ada${++people}`, email: request.email, name: 'Ada' };
    expect(await acceptInvitation(table, token, person, Date.now())).toMatchObject({ outcome: 'member' });
    await feed.caughtUp();
    // DynamoDB Local tells the minute of a change.
    await purgeAt(Date.now() - 120_000);
    expect(await item(key)).toBeDefined();
    await purgeAt(Date.now());
    expect(await item(key)).toBeUndefined();
  });

  it('is not what came back: a session, an address that is invited anew, a member, a product', async () => {
    const pool = await acme();
    await activate(table, pool, 'a');
    await release(table, pool, 'a', Date.now());
    const invited = await newInvitation(pool);
    await revokeInvitation(table, pool.organizationId, invited.invitation.id, Date.now());
    const { organizationId, email, userId } = await newMember(pool);
    await removeMember(table, { organizationId, userId, by: 'owner', now: Date.now() });
    await offer(pool.product);
    await removeProduct(table, pool.product, Date.now());
    await feed.caughtUp();
    await offer(pool.product);
    await activate(table, pool, 'a');
    await inviteOne(table, invited.request, Date.now() + 1);
    await addMember(table, { organizationId, email, role: 'user', now: Date.now() });
    await feed.caughtUp();
    const back = [
      keys.session(pool, 'a'),
      invited.key,
      keys.member(organizationId, userId),
      keys.product(pool.product),
    ];
    for (const key of back.slice(1)) expect(await plansOf(key)).toHaveLength(1);
    await purgeAt(Date.now() + 1000 * day);
    for (const key of back) {
      expect(await item(key)).toBeDefined();
      expect(await plansOf(key)).toEqual([]);
    }
    // And has a time of its own once it is over again.
    const again = Date.now() + 2 * day;
    await release(table, pool, 'a', again);
    await feed.caughtUp();
    await purgeAt(again + day);
    expect(await item(keys.session(pool, 'a'))).toBeUndefined();
  });

  it('is nothing that is in use, however old', async () => {
    const pool = await acme();
    await activate(table, pool, 'a');
    const { key: apiKey } = await newApiKey(pool);
    const { key: invitation } = await newInvitation(pool);
    const member = keys.member(pool.organizationId, (await newMember(pool)).userId);
    await feed.caughtUp();
    await purgeAt(Date.now() + 1000 * day);
    for (const key of [keys.session(pool, 'a'), apiKey, invitation, member, keys.subscription(pool)])
      expect(await item(key)).toBeDefined();
  });

  it('is planned once, by the change that made it so', () => {
    const key = keys.session({ organizationId: 'org_a', product: 'KRE' }, 'a');
    const ended = { ...key, status: 'ended', endedReason: 'released', endedAt: 5, number: 1, fence: 2, revision: 3 };
    const past = { key, since: 5, unchanged: { status: 'ended', number: 1, fence: 2 } };
    const claimed = { ...ended, status: 'active', fence: 1, previous: [] };
    expect(reactionsToRecord({ at: 9, before: undefined, after: ended })?.retention()).toEqual(past);
    expect(reactionsToRecord({ at: 9, before: claimed, after: { ...ended, previous: [] } })?.retention()).toEqual(past);
    // An activation that was told goes with the history of its day.
    expect(reactionsToRecord({ at: 9, before: { ...claimed, fence: 2 }, after: ended })?.retention()).toBeUndefined();
    expect(reactionsToRecord({ at: 9, before: ended, after: { ...ended, revision: 4 } })?.retention()).toBeUndefined();
    expect(
      reactionsToRecord({ at: 9, before: ended, after: { ...ended, fence: 4 } })?.retention()?.unchanged,
    ).toMatchObject({ fence: 4 });
    expect(reactionsToRecord({ at: 9, before: ended, after: undefined })?.retention()).toBeUndefined();
  });

  it('a revoked key’s secret is not good again when the same request makes a key after it', async () => {
    const pool = await acme();
    const made = await newApiKey(pool, { idempotencyKey: 'once' });
    expect(await made.create()).toMatchObject({ key: made.token });
    await revokeApiKey(table, pool.organizationId, made.apiKey.id, { now: Date.now() });
    await feed.caughtUp();
    await purgeAt(Date.now() + day);
    const { key } = await made.create();
    expect(await verifyApiKey(table, made.token, Date.now())).toMatchObject({ outcome: 'wrong-secret' });
    expect(await verifyApiKey(table, key, Date.now())).toMatchObject({
      outcome: 'good',
      apiKey: { id: made.apiKey.id },
    });
  });
});

describe('a run', () => {
  /** Items that have been history since long before everything else here. */
  const planned = async (name: string, count: number) => {
    const made = Array.from({ length: count }, (_, at) => keyOf({ pk: `SESSION#${name}#${at}`, sk: 'RECORD' }));
    for (const key of made) {
      await table.client.send(new PutCommand({ TableName: table.name, Item: { ...key, fence: 1 } }));
      await planPurge(table, { key, since: 1000, unchanged: { fence: 1 } });
    }
    return made;
  };
  const left = async (made: readonly Key[]) => (await Promise.all(made.map(item))).filter(Boolean).length;

  it('stops at its bound, and the next ones carry on', async () => {
    const made = await planned('bounded', 100);
    let runs = 0;
    for (let more = true; more; runs++) ({ more } = await purgeAt(2000, table, 16));
    expect(runs).toBeGreaterThan(3);
    expect(await left(made)).toBe(0);
  });

  it('that dies anywhere leaves the rest to the next', async () => {
    await planned('living', 3);
    const deaths = await deathsOf(feed.database, (by) => purgeAt(2000, by));
    expect(deaths.length).toBeGreaterThan(3);
    for (const death of deaths) {
      const made = await planned(`dying-${death.when}-${death.nth}`, 3);
      await purgeAt(2000, dying(feed.database, death)).catch(() => {});
      expect(await purgeAt(2000)).toMatchObject({ failed: [] });
      expect(await left(made)).toBe(0);
      for (const key of made) expect(await plansOf(key)).toEqual([]);
    }
  });

  it('costs two requests and two write units an item, however many there are', async () => {
    const { request, of } = meter();
    const counted = feed.database.client({ request });
    for (const count of [10, 200]) {
      await planned(`counted-${count}`, count);
      const { bill } = await of(() => purgeAt(2000, counted));
      // Each shard is asked at least once, and then for each 50.
      expect(bill.requests - 2 * count).toBeLessThanOrEqual(8 + 8 * Math.ceil(count / 50 / 4));
      expect(bill.write).toBe(2 * count);
    }
  });

  it('of the scheduled function keeps history for as many days as are set', async () => {
    const { handler } = await coldStart('settle-due');
    const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
    const key = keyOf({ pk: 'SESSION#kept', sk: 'RECORD' });
    await table.client.send(new PutCommand({ TableName: table.name, Item: { ...key, fence: 1 } }));
    await planPurge(table, { key, since: Date.now() - 2 * day, unchanged: { fence: 1 } });
    await handler({}, context);
    expect(await item(key)).toBeDefined();
    vi.stubEnv('HISTORY_DAYS', '3');
    await handler({}, context);
    expect(await item(key)).toBeDefined();
    vi.stubEnv('HISTORY_DAYS', '2');
    await expect(handler({}, context)).resolves.toMatchObject({ purged: 1, failed: 0, more: false });
    expect(await item(key)).toBeUndefined();
  });
});
