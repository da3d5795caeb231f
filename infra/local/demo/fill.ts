import pMap from 'p-map';
import { dayMs, dayOf, hourMs } from '../../../shared/domain/dates.ts';
import type { Delivery } from '../../../shared/domain/outbox/webhook.ts';
import { soldSubscription } from '../../../shared/domain/portfolio.ts';
import { createApiKey } from '../../../shared/table/accounts/api-keys.ts';
import { invite } from '../../../shared/table/accounts/invitations.ts';
import { createOrganization } from '../../../shared/table/accounts/organizations.ts';
import { startActivation } from '../../../shared/table/activations/activations.ts';
import { planDue } from '../../../shared/table/items/due-items.ts';
import { addMember } from '../../../shared/table/items/members.ts';
import { putProduct } from '../../../shared/table/items/products.ts';
import { setSubscription } from '../../../shared/table/items/subscriptions.ts';
import { grantLicense } from '../../../shared/table/licensed-users/grant-license.ts';
import { issueOfflineLicense } from '../../../shared/table/offline/offline-licenses.ts';
import { messageId } from '../../../shared/table/outbox/attempts.ts';
import { confirmWebhook, createWebhook } from '../../../shared/table/outbox/webhooks.ts';
import { writeEntry } from '../../../shared/table/portfolio/sold-subscriptions.ts';
import { type Key, keys, type Pool } from '../../../shared/table/store/keys.ts';
import { asActor, getItem, getItemWithActor, type Table, update } from '../../../shared/table/store/table.ts';
import { accounts, subjectOf } from '../demo-accounts.ts';
import { customers, ownSales, people, type Sale } from './customers.ts';
import { putAll } from './put-all.ts';
import { eventItems, liveSessions, pastDays } from './sessions.ts';

/** The history of the demo, days. */
const historyDays = 92;
/** At most so many sessions of a product have audit events: a day of 10,000 starts would hide all others. */
const mostWithEvents = 1000;

/**
 * Fills an empty table with an organization that has run for three months, and with other customers of the vendor.
 *
 * @param options.beginStream begins the table's stream. Everything that follows from the writes before it is written, too;
 *   the stream function follows the writes after it
 * @param options.share the share of the sessions to write, 0..1
 * @returns the organization's ID, and an API key of its user
 */
export const fillDemo = async (
  table: Table,
  { beginStream, share = 1, now = Date.now() }: { beginStream: () => Promise<unknown>; share?: number; now?: number },
): Promise<{ organizationId: string; apiKey: string }> => {
  const since = now - historyDays * dayMs;
  const vendor = asActor(table, `vendor#${subjectOf(accounts.vendor)}`);
  for (const sale of ownSales) await addToCatalogue(vendor, sale, since);
  const organizationId = await createCustomer(vendor, {
    name: 'Acme International Quality Engineering & Test Automation',
    email: accounts.owner.email,
    at: since,
  });
  const owner = (await addMember(table, { organizationId, ...accounts.owner, role: 'owner', now: since })).userId;
  const asOwner = asActor(table, `user#${owner}`);
  const others = await pMap(people.slice(1), async (person, index) => {
    const joinedAt = since + (index + 1) * 5 * dayMs;
    const { userId } = await addMember(asOwner, { organizationId, ...person, now: joinedAt });
    await putEvents(table, keys.member(organizationId, userId), { at: joinedAt });
    return userId;
  });
  const userIds = [owner, ...others];

  for (const { live = 0, busy = 0, ...sale } of ownSales) {
    const pool = { organizationId, product: sale.product };
    await sell(vendor, pool, sale, { since, now, live });
    const until = Math.min(now, now + sale.endsInDays * dayMs);
    const days = Math.floor(((until - since) / dayMs) * share);
    await putAll(table, pastDays(pool, { days, busy: Math.min(busy, sale.quota), quota: sale.quota, userIds, until }));
    const count = Math.ceil(live * share);
    await putAll(table, liveSessions(pool, { count, userIds, now, events: count <= mostWithEvents }));
  }
  await pMap(customers, async ({ name, email, sales }) => {
    const customer = await createCustomer(vendor, { name, email, at: since });
    for (const { live = 0, ...sale } of sales) {
      const pool = { organizationId: customer, product: sale.product };
      await sell(vendor, pool, sale, { since, now, live });
      await putAll(
        table,
        liveSessions(pool, { count: Math.ceil(live * share), userIds: ['usr_other'], now, events: false }),
      );
    }
  });
  await beginStream();

  await useLicenses(asOwner, organizationId, userIds);
  await addWebhooks(asOwner, organizationId, { createdBy: owner, now });
  const terms = { organizationId, role: 'user' as const, invitedBy: owner, expiresAt: now + dayMs };
  await invite(asOwner, { ...terms, emails: ['francesca.bartolomei-castiglione@contractors.example'] }, now);
  const user = userIds[people.findIndex(({ email }) => email === accounts.user.email)] as string;
  return { organizationId, apiKey: await addApiKeys(table, organizationId, { owner, user, now }) };
};

/** Writes the audit event of the last write of an item. */
const putEvents = async (
  table: Table,
  key: Key<object>,
  { at, before }: { at: number; before?: object | undefined },
) => {
  const after = await getItemWithActor(table, key);
  await putAll(table, eventItems({ at, before: before && { ...key, ...before }, after: { ...key, ...after } }));
};

const createCustomer = async (vendor: Table, { name, email, at }: { name: string; email: string; at: number }) => {
  const { id } = await createOrganization(vendor, { name, ownerEmail: email, now: at });
  await putEvents(vendor, keys.organization(id), { at });
  return id;
};

const addToCatalogue = async (vendor: Table, { product, productName: name, licenseType }: Sale, at: number) => {
  const terms = {
    ...{ quota: 10, months: 12, trialDays: 30, leaseSeconds: 120, idleTimeoutMinutes: null },
    offline: { allowed: licenseType === 'floating', maxDays: 60 },
  };
  await putProduct(vendor, { product, name, licenseType, terms, changedAt: at });
  await putEvents(vendor, keys.product(product), { at });
};

/** Sells a product for half of the licenses, and renews and resizes the subscription a month later. */
const sell = async (
  vendor: Table,
  pool: Pool,
  { endsInDays, ...sale }: Sale,
  { since, now, live }: { since: number; now: number; live: number },
) => {
  const expiresAt = now + endsInDays * dayMs;
  const terms = {
    ...sale,
    expiresAt,
    machineQuota: sale.quota,
    leaseSeconds: 86_400,
    offline: { allowed: true, maxDays: 60, reserveOnline: 1 },
    idleTimeoutMinutes: null,
    suspended: sale.suspended ?? false,
  };
  const key = keys.subscription(pool);
  const small = {
    ...terms,
    quota: Math.ceil(sale.quota / 2),
    machineQuota: Math.ceil(sale.quota / 2),
    suspended: false,
  };
  await setSubscription(vendor, pool, { ...small, expiresAt: Math.min(expiresAt, since + 45 * dayMs) }, since);
  await putEvents(vendor, key, { at: since });
  const before = await getItemWithActor(vendor, key);
  await setSubscription(vendor, pool, terms, since + 30 * dayMs);
  await putEvents(vendor, key, { at: since + 30 * dayMs, before });
  await planDue(vendor, { kind: 'subscription', pool, at: expiresAt });
  const [subscription, organization] = await Promise.all([
    getItem(vendor, key),
    getItem(vendor, keys.organization(pool.organizationId)),
  ]);
  if (!subscription || !organization) return;
  const peaks = Array.from({ length: 14 }, (_, ago) => ({
    day: dayOf(now) - ago * dayMs,
    peak: Math.round(live * (1 - (ago * (pool.product.length % 3)) / 20)),
  }));
  const use = { inUse: live, countedAt: now, peaks };
  await writeEntry(vendor, { ...soldSubscription(subscription, organization.name), use });
};

/** Grants licenses of the per-user product, some long ago, and uses some of them; issues offline licenses. */
const useLicenses = async (table: Table, organizationId: string, userIds: readonly string[]) => {
  const perUser = { organizationId, product: 'KSE' };
  for (const [index, userId] of userIds.slice(0, 10).entries()) {
    await grantLicense(table, perUser, userId);
    if (index % 3 === 2) {
      // A license that nobody uses.
      await update(table, {
        Key: keys.license(perUser, userId),
        UpdateExpression: 'SET licensedAt = :at',
        ExpressionAttributeValues: { ':at': Date.now() - (30 + 7 * index) * dayMs },
      });
      continue;
    }
    const machineId = `laptop-${index + 1}-${people[index]?.name
      .split(' ')
      .at(-1)
      ?.normalize('NFD')
      .replace(/[^A-Za-z-]/g, '')
      .toLowerCase()}`;
    await startActivation(table, perUser, {
      sessionId: `studio-${index + 1}`,
      machineId,
      hostname: `${machineId}.corp.example`,
      userId,
    });
  }
  for (const [product, count] of [
    ['KRE', 7],
    ['KSE', 1],
  ] as const)
    for (let at = 1; at <= count; at++) {
      const request = { machineId: `air-gapped-lab-${at}`, usedBy: null, askedExpiry: null };
      const description =
        at % 2 === 0 ? null : `Test rack ${at} in the shielded chamber of building C, without a network`;
      await issueOfflineLicense(
        table,
        { organizationId, product },
        { ...request, description },
        { issuedBy: userIds[0] as string },
      );
    }
};

/** Adds a webhook whose target works, and one whose target fails. */
const addWebhooks = async (
  table: Table,
  organizationId: string,
  { createdBy, now }: { createdBy: string; now: number },
) => {
  for (const [host, works] of [
    ['hooks.ci.acme-international.example', true],
    ['legacy-chat-bridge.acme-international.example', false],
  ] as const) {
    const events = works ? ['*'] : ['license.refused', 'subscription.*'];
    const made = await createWebhook(
      table,
      { organizationId, url: `https://${host}/leasehold`, events },
      { createdBy, now },
    );
    if (!('webhook' in made)) throw new Error(`The webhook was not created: ${made.outcome}`);
    const { webhook } = made;
    await confirmWebhook(table, { organizationId, id: webhook.id }, webhook.challenge ?? '', now);
    const deliveries = Array.from({ length: 40 }, (_, index) => delivered(webhook, { index, works, now }));
    await putAll(
      table,
      deliveries.map((delivery) => ({ ...keys.delivery(delivery), ...delivery })),
    );
  }
};

const delivered = (
  { id: webhookId, organizationId }: { id: string; organizationId: string },
  { index, works, now }: { index: number; works: boolean; now: number },
): Delivery => {
  const createdAt = now - (index + 1) * 5 * hourMs;
  const action = index % 2 ? 'license.refused' : 'subscription.expiring';
  const parked = !works || index % 13 === 5;
  const status = parked ? 'parked' : 'delivered';
  const settledAt = createdAt + (parked ? 23 * hourMs : 2_000);
  return {
    id: messageId('dlv', createdAt, `${webhookId} ${index}`),
    organizationId,
    webhookId,
    event: { id: crypto.randomUUID(), action },
    payload: JSON.stringify({ type: action, timestamp: new Date(createdAt).toISOString(), data: {} }),
    status: settledAt > now ? 'pending' : status,
    createdAt,
    attempts: parked ? (settledAt > now ? 6 : 10) : 1 + (index % 3),
    queuedAt: createdAt,
    nextAttemptAt: Math.max(settledAt, now + hourMs),
    ...(settledAt <= now && { settledAt }),
    lastAnswer: parked
      ? { error: index % 2 ? 'the target did not answer within 10 s' : 'the target answered 503', at: now - hourMs }
      : { status: 204, at: settledAt },
  };
};

const addApiKeys = async (
  table: Table,
  organizationId: string,
  { owner, user, now }: { owner: string; user: string; now: number },
) => {
  const create = async (userId: string, name: string, createdAt: number) => {
    const request = { organizationId, userId, name, scope: 'activate' as const, expiresAt: null };
    const made = await createApiKey(asActor(table, `user#${userId}`), request, { createdBy: userId, now: createdAt });
    if (made.outcome !== 'created') throw new Error(`The API key was not created: ${made.outcome}`);
    return made.key;
  };
  for (const name of [
    'GitHub Actions of checkout-service and payments-gateway',
    'Jenkins, nightly regression in Frankfurt',
  ])
    await create(owner, name, now - 60 * dayMs);
  return create(user, 'Local stack', now);
};
