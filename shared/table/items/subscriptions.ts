import { randomBytes } from 'node:crypto';
import {
  resizedClaimable,
  resizedSlots,
  type Subscription,
  type SubscriptionTerms,
} from '../../domain/subscription.ts';
import { keys, type Page, type PageRequest, type Pool, type Position, ranges } from '../store/keys.ts';
import { getItem, getItems, put, readPage, type Table, update } from '../store/table.ts';
import { missingInCatalogue } from './products.ts';

/** Reads the subscription, strongly consistent. */
export const readSubscription = (table: Table, pool: Pool): Promise<Subscription | undefined> =>
  getItem(table, keys.subscription(pool));

/** Reads a page of an organization's subscriptions, by product. */
export const listSubscriptions = (
  table: Table,
  organizationId: string,
  options: PageRequest,
): Promise<Page<Subscription>> => readPage(table, ranges.subscriptions(organizationId), options);

/** Calls a function for each subscription of an organization, one after the other. */
export const forEachSubscription = async (
  table: Table,
  organizationId: string,
  work: (subscription: Subscription) => Promise<void> | undefined,
): Promise<void> => {
  let after: Position | undefined;
  do {
    const page = await listSubscriptions(table, organizationId, { limit: 100, after });
    for (const subscription of page.items) await work(subscription);
    after = page.next;
  } while (after);
};

export type SubscriptionSet =
  | { outcome: 'created' | 'changed'; subscription: Subscription }
  | { outcome: 'no-organization' }
  /** A subscription's license type never changes. */
  | { outcome: 'other-license-type'; subscription: Subscription }
  /** A new subscription of a product that the catalogue does not have; `catalogue`: its codes. */
  | { outcome: 'not-in-catalogue'; catalogue: string[] }
  | { outcome: 'contended' };

/**
 * Creates, renews, resizes, suspends or resumes a subscription: one write at any quota, conditional on the version
 * that was read.
 *
 * @param terms without a note, the note stays; null removes it
 */
export const setSubscription = async (
  table: Table,
  pool: Pool,
  { note, ...terms }: Omit<SubscriptionTerms, 'note'> & { note?: string | null | undefined },
  now: number,
): Promise<SubscriptionSet> => {
  // The first read may be stale, at half the price: the write's condition finds that out.
  for (const consistent of [false, true, true, true, true]) {
    const wanted = { organization: keys.organization(pool.organizationId), before: keys.subscription(pool) };
    const { organization, before } = await getItems(table, wanted, { consistent });
    if (!organization) {
      if (!consistent) continue;
      return { outcome: 'no-organization' };
    }
    if (before && before.licenseType !== terms.licenseType)
      return { outcome: 'other-license-type', subscription: before };
    const catalogue = before ? undefined : await missingInCatalogue(table, pool.product);
    if (catalogue) return { outcome: 'not-in-catalogue', catalogue };
    const subscription: Subscription = {
      ...terms,
      note: note === undefined ? before?.note : (note ?? undefined),
      organizationId: pool.organizationId,
      product: pool.product,
      createdAt: before?.createdAt ?? now,
      expiredAt: before?.expiresAt === terms.expiresAt ? before.expiredAt : undefined,
      claimable: resizedClaimable(before, terms.quota),
      lineUntil: before?.lineUntil,
      queueUntil: before?.queueUntil,
      ...resizedSlots(before, terms),
      settingId: randomBytes(6).toString('base64url'),
      version: (before?.version ?? 0) + 1,
    };
    const { done, item } = await put(table, {
      Item: { ...keys.subscription(pool), ...subscription },
      ConditionExpression: before ? 'version = :asRead' : 'attribute_not_exists(pk)',
      ...(before && { ExpressionAttributeValues: { ':asRead': before.version } }),
    });
    // Refused by our own earlier try, whose answer was lost: others may have changed the terms since.
    const current = done ? subscription : item;
    if (current && current.settingId === subscription.settingId)
      return { outcome: before ? 'changed' : 'created', subscription: current };
  }
  return { outcome: 'contended' };
};

/** Sets the number up to which a pool's seats, or slots, may be claimed, if the subscription is as it was read. */
export const setClaimable = async (
  table: Table,
  { numbered, ...pool }: Pool,
  { version }: Subscription,
  claimable: number,
): Promise<'set' | 'lost'> => {
  const { done } = await update(table, {
    Key: keys.subscription(pool),
    UpdateExpression: `SET ${numbered === 'slots' ? 'machineClaimable' : 'claimable'} = :claimable, version = version + :one`,
    ConditionExpression: 'version = :asRead',
    ExpressionAttributeValues: { ':claimable': claimable, ':one': 1, ':asRead': version },
  });
  return done ? 'set' : 'lost';
};

/** Notes that every machine in use holds a slot, if the subscription is as it was read. */
export const setSlotsComplete = async (table: Table, pool: Pool, { version }: Subscription): Promise<void> => {
  await update(table, {
    Key: keys.subscription(pool),
    UpdateExpression: 'SET slotsComplete = :complete, version = version + :one',
    ConditionExpression: 'version = :asRead',
    ExpressionAttributeValues: { ':complete': true, ':one': 1, ':asRead': version },
  });
};

/**
 * Notes that there may be a queue until a time (epoch ms). Raises the version, so that a request that sets the subscription
 * meanwhile does not overwrite the note. Writes nothing if the note lasts until `needed`.
 *
 * @param needed the earliest time until which the note must last, epoch ms
 */
export const stampQueue = async (
  table: Table,
  pool: Pool,
  { needed, until }: { needed: number; until: number },
): Promise<void> => {
  await update(table, {
    Key: keys.subscription(pool),
    UpdateExpression: 'SET lineUntil = :until, version = version + :one',
    ConditionExpression: 'attribute_exists(pk) AND (attribute_not_exists(lineUntil) OR lineUntil < :needed)',
    ExpressionAttributeValues: { ':until': until, ':needed': needed, ':one': 1 },
  });
};
