import { afterAll, describe, expect, it } from 'vitest';
import { issueOfflineLicense } from '../../../shared/table/offline/offline-licenses.ts';
import { listDeliveries } from '../../../shared/table/outbox/deliveries.ts';
import { listEvents } from '../../../shared/table/reports/list-events.ts';
import { settleAllDue } from '../../../shared/table/schedule/settle-due.ts';
import { asActor } from '../../../shared/table/store/table.ts';
import { createConfirmed } from '../support/confirmed-webhooks.ts';
import { createPool, type TestPool } from '../support/database.ts';
import { inviteOne } from '../support/invite-one.ts';
import { openChangeFeed } from '../support/stream/change-feed.ts';

const feed = await openChangeFeed();
const { table } = feed;
afterAll(() => feed.close());

const day = 86_400_000;
const schedule = 'service#schedule';
const runAt = (now: number) => settleAllDue(asActor(table, schedule), { now, most: 1000, until: () => false });
/** The schedule, twice at once and again: whatever it finds is told once. */
const runsAt = async (now: number) => {
  await Promise.all([runAt(now), runAt(now)]);
  await runAt(now + 60_000);
};
const eventsOf = async ({ organizationId }: TestPool, to: number) => {
  await feed.caughtUp();
  const range = { from: to - 32 * day, to, filter: {}, limit: 200 };
  const { items: events } = await listEvents(table, organizationId, range);
  return events.filter(({ actor }) => actor === schedule).toReversed();
};

describe('an end is told as an event of the schedule, once', () => {
  it('of a subscription: 30, 7 and 1 days before it and at it', async () => {
    const end = Date.now() + 40 * day;
    const pool = await createPool(table, { expiresAt: end });
    await feed.caughtUp();
    for (const left of [30, 7, 1, -2]) await runsAt(end - left * day);
    const subscription = { product: 'KRE', target: { type: 'subscription', id: 'KRE' } };
    const expiresAt = new Date(end).toISOString();
    const expiring = (daysLeft: number) => ({
      ...subscription,
      action: 'subscription.expiring',
      details: { daysLeft, expiresAt },
    });
    expect(await eventsOf(pool, end + day)).toMatchObject([
      expiring(30),
      expiring(7),
      expiring(1),
      { ...subscription, action: 'subscription.expired', at: end, details: { expiresAt } },
    ]);
  });

  it('of a subscription that was set to an end that had passed: when it was set', async () => {
    const pool = await createPool(table);
    // DynamoDB Local tells the times of its changes to the minute.
    const before = Date.now() - 60_000;
    await pool.set({ expiresAt: Date.now() - 300 * day });
    await feed.caughtUp();
    await runsAt(Date.now() + 60_000);
    const [expired, ...others] = await eventsOf(pool, Date.now() + day);
    expect(expired).toMatchObject({ action: 'subscription.expired' });
    expect(expired?.at).toBeGreaterThanOrEqual(before);
    expect(expired?.at).toBeLessThanOrEqual(Date.now());
    expect(others).toEqual([]);
  });

  it('of an offline license and of an invitation: at their time, however late the run', async () => {
    const end = Date.now() + 3 * day;
    const pool = await createPool(table, {
      expiresAt: Date.now() + 400 * day,
      offline: { allowed: true, maxDays: null, reserveOnline: 0 },
    });
    const request = { machineId: 'press-3', usedBy: null, description: null, askedExpiry: end };
    const issued = await issueOfflineLicense(table, pool, request, { issuedBy: 'usr_owner' });
    if (issued.outcome !== 'issued') throw new Error(issued.outcome);
    const email = 'late@acme.example';
    const { organizationId } = pool;
    await inviteOne(table, { organizationId, email, role: 'user', expiresAt: end + 1 }, Date.now());
    await feed.caughtUp();
    await runsAt(end + 7 * day);
    expect(await eventsOf(pool, end + day)).toMatchObject([
      { action: 'offline-license.expired', at: end, target: { id: issued.license.id } },
      { action: 'invitation.expired', at: end + 1, details: { email, role: 'user' } },
    ]);
  });
});

it('a webhook is told of a subscription’s end by what it asked for, once', async () => {
  const end = Date.now() + 40 * day;
  const pool = await createPool(table, { expiresAt: end });
  const { organizationId } = pool;
  const request = { organizationId, url: 'https://hooks.example.com/', events: ['subscription.expiring'] };
  const webhook = await createConfirmed(table, request);
  await feed.caughtUp();
  for (const left of [30, 0]) await runsAt(end - left * day);
  await feed.caughtUp();
  const { items: deliveries } = await listDeliveries(table, webhook, { limit: 50 });
  expect(deliveries.map(({ event }) => event.action)).toEqual(['subscription.expiring', 'webhook.challenge']);
});
