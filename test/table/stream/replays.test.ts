import { setTimeout } from 'node:timers/promises';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { dayMs } from '../../../shared/domain/dates.ts';
import type { AuditEvent } from '../../../shared/domain/history/audit.ts';
import { setLimits } from '../../../shared/table/accounts/organizations.ts';
import { setRole } from '../../../shared/table/accounts/set-role.ts';
import { purgeHistory } from '../../../shared/table/history/purge.ts';
import { beginAttempt, settleAttempts } from '../../../shared/table/outbox/attempts.ts';
import { listDeliveries, noteAnswer } from '../../../shared/table/outbox/deliveries.ts';
import { confirmWebhook, createWebhook } from '../../../shared/table/outbox/webhooks.ts';
import { listHistory } from '../../../shared/table/reports/list-sessions.ts';
import { listUsage } from '../../../shared/table/reports/list-usage.ts';
import { keys, type Pool } from '../../../shared/table/store/keys.ts';
import { readAll, remove } from '../../../shared/table/store/table.ts';
import type { StreamRecord } from '../../../shared/table/stream/change.ts';
import { createDatabase, createPool } from '../support/database.ts';
import { activate, clockAt, release, seatOf } from '../support/sessions.ts';
import { openChanges } from '../support/stream/changes.ts';
import { followRecord } from '../support/stream/follow.ts';

const database = await createDatabase({ stream: true });
const table = database.client();
const changes = await openChanges(database);

/** Follows changes as the stream function, or a replay, does at a time (epoch ms). */
const follow = async (batch: readonly StreamRecord[], at: number, now: number) => {
  for (const change of batch) await followRecord(table, { ...change, at }, { now });
};
const purge = (before: number) => purgeHistory(table, { before, most: 1000, until: () => false });
/** A webhook that has got events since a time (epoch ms). */
const webhookOf = async ({ organizationId }: Pool, now: number, events = 'activation.*') => {
  const wanted = { organizationId, url: 'https://x.example/', events: [events] };
  const created = await createWebhook(table, wanted, { createdBy: 'usr_ada', now });
  if (created.outcome !== 'created') throw new Error(created.outcome);
  const { webhook } = created;
  await confirmWebhook(table, webhook, webhook.challenge ?? '', now);
  await changes.next();
  return webhook;
};
const peakOf = async (pool: Pool, from: number) => {
  const range = { from, to: from + 3_600_000 };
  const { items: intervals } = await listUsage(table, pool, { granularity: 'hour', range, limit: 2, now: Date.now() });
  return Math.max(...intervals.map(({ usage }) => usage.peak));
};

it('a batch that is replayed after its history was purged makes no session that runs, and sends nothing again', async () => {
  const pool = await createPool(table, { quota: 1 });
  const start = Date.now() - 50 * dayMs;
  const webhook = await webhookOf(pool, start - dayMs);
  const at = (ms: number) => clockAt(start + ms);
  seatOf(await activate(table, pool, 'x', at(0)));
  await release(table, pool, 'x', start + 30_000);
  const batch = await changes.next();
  await follow(batch, start + 30_000, start + 31_000);
  const { items: deliveries } = await listDeliveries(table, webhook, { limit: 10 });
  expect(deliveries).toHaveLength(2);
  for (const delivery of deliveries) {
    const begun = await beginAttempt(table, keys.delivery(delivery), { attempts: 0, now: start + 60_000 });
    if (begun) await noteAnswer(table, begun, { status: 200 }, start + 60_000);
    await settleAttempts(table, keys.delivery(delivery), start + 40 * dayMs);
  }
  await purge(Date.now() - 30 * dayMs);

  // Fifty days later: what began by itself, without the end, which was in another batch.
  await follow(
    batch.filter(({ after }) => after?.status !== 'ended'),
    start + 30_000,
    Date.now(),
  );
  expect(await peakOf(pool, Date.now() - 3_600_000)).toBe(0);
  const always = { from: 0, to: Date.now() + dayMs };
  expect((await listHistory(table, pool, { range: always, limit: 10 })).items).toEqual([]);
  expect((await listDeliveries(table, webhook, { limit: 10 })).items).toEqual([]);
});

it('a batch that is replayed days later tells what runs still, and what ended with its end', async () => {
  const pool = await createPool(table, { quota: 2 });
  const start = Date.now() - 5 * dayMs;
  const webhook = await webhookOf(pool, start - dayMs);
  const at = (ms: number) => clockAt(start + ms);
  seatOf(await activate(table, pool, 'runs', at(0)));
  seatOf(await activate(table, pool, 'ended', at(0)));
  await release(table, pool, 'ended', start + 30_000);
  await follow(await changes.next(), start + 30_000, Date.now());
  const { items: sessions } = await listHistory(table, pool, { range: { from: 0, to: Date.now() }, limit: 10 });
  expect(sessions.find(({ sessionId }) => sessionId === 'runs')).not.toHaveProperty('endedAt');
  expect(sessions.find(({ sessionId }) => sessionId === 'ended')).toMatchObject({ endedAt: start + 30_000 });
  expect((await listDeliveries(table, webhook, { limit: 10 })).items).toHaveLength(3);
});

it('a notice that is replayed 30 days later sends no mails', async () => {
  const { organizationId, product } = await createPool(table, { quota: 1 });
  const now = Date.now();
  const notice = { organizationId, product, kind: 'expired', step: 0, daysLeft: 0, expiresAt: now, noticedAt: now };
  const after = { ...keys.notice({ organizationId, product }, now, 0), ...notice };
  const mailsAfter = async (delay: number) => {
    const record = { id: `notice-${delay}`, at: now, before: undefined, after };
    await followRecord(table, record, { now: now + delay, sendsMails: true });
    return readAll(table, { pk: keys.mail({ organizationId, id: '' }).pk, from: 'MAIL#', to: 'MAIL$' });
  };
  expect(await mailsAfter(30 * dayMs)).toEqual([]);
  expect(await mailsAfter(1000)).toMatchObject([{ about: { kind: 'subscription-end', product } }]);
});

it('a webhook gets each event, also if an earlier release made it without a list, or the function had found none', async () => {
  const start = Date.now() - 60_000;
  const deliveriesOf = async (pool: Pool, webhook: Awaited<ReturnType<typeof webhookOf>>, session: string) => {
    seatOf(await activate(table, pool, session, clockAt(start)));
    await follow(await changes.next(), start, start);
    return (await listDeliveries(table, webhook, { limit: 10 })).items.length;
  };
  const pool = await createPool(table, { quota: 2 });
  const former = await webhookOf(pool, start);
  await remove(table, { Key: keys.listOfWebhooks(pool.organizationId) });
  expect(await deliveriesOf(pool, former, 'x')).toBe(1);

  const other = await createPool(table, { quota: 2 });
  await activate(table, other, 'before', clockAt(start));
  await follow(await changes.next(), start, start);
  expect(await deliveriesOf(other, await webhookOf(other, start), 'after')).toBe(1);
});

it('the streams of two Regions, each with its own IDs and times, make the same items', async () => {
  const pool = await createPool(table, { quota: 1 }, { members: 1 });
  const { organizationId } = pool;
  const [userId = ''] = pool.users;
  const now = Date.now();
  await webhookOf(pool, now, 'member.*');
  // An item tells its changes apart by their millisecond.
  const change = async (write: () => Promise<unknown>) => {
    await write();
    await setTimeout(2);
  };
  for (const invitationsPerDay of [5, 6, 5, 6])
    await change(() => setLimits(table, organizationId, { invitationsPerDay }));
  for (const role of ['admin', 'user', 'admin'] as const)
    await change(() => setRole(table, { organizationId, userId, role, by: 'owner' }, now));
  for (const quota of [2, 1, 2]) await change(() => pool.set({ quota }));
  await activate(table, pool, 'x');
  await release(table, pool, 'x', Date.now());
  const written = await changes.next();
  const region = (name: string, laterMs: number) =>
    written.map((record, index) => ({ ...record, id: `${name}-${index}`, at: record.at + laterMs }));
  /** All items but the plans of the schedule and of the purge, which may be made twice. */
  const made = async () => {
    const { Items = [] } = await table.client.send(new ScanCommand({ TableName: table.name, ConsistentRead: true }));
    return Items.filter(({ pk }) => !/^(DUE|PAST)#/.test(String(pk)));
  };

  for (const record of region('first', 0)) await followRecord(table, record, { sendsMails: true });
  const once = await made();
  const events = once.filter(({ pk }) => String(pk).startsWith(`AUDIT#${organizationId}`));
  expect(events.filter(({ event }) => (event as AuditEvent).action === 'member.role-changed')).toHaveLength(3);
  for (const record of region('second', 1700).toReversed()) await followRecord(table, record, { sendsMails: true });
  expect(await made()).toEqual(once);
});
