import { randomBytes } from 'node:crypto';
import { longestBlockMinutes } from '../../contracts/schemas/machine.ts';
import { blockOf, blockSize } from '../../domain/census.ts';
import { everySeat } from '../../domain/seat-view.ts';
import {
  isInBlocks,
  resizedClaimable,
  resizedSlots,
  type Subscription,
  type SubscriptionTerms,
} from '../../domain/subscription.ts';
import { keys, type Page, type PageRequest, type Pool, type Position, ranges } from '../store/keys.ts';
import { getItem, getItems, put, readPage, type Table, update } from '../store/table.ts';
import { pushTerms } from './blocks.ts';
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

/** The most licenses that the subscriptions of a page with figures have together: five of the largest. Figures read all seats. */
const mostCounted = 500_000;

/** Reads a page of subscriptions whose seats will be read: no more than have `mostCounted` licenses together. */
export const listSubscriptionsToCount = async (
  table: Table,
  organizationId: string,
  options: PageRequest,
): Promise<Page<Subscription>> => {
  const { items, next } = await listSubscriptions(table, organizationId, options);
  let licenses = 0;
  const shown = items.filter(({ quota }) => {
    licenses += quota;
    return licenses <= mostCounted;
  });
  const last = shown.at(-1);
  return { items: shown, next: last && shown.length < items.length ? keys.subscription(last) : next };
};

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
 * Until when (ms from the growth into blocks) a removal that did not note it may block a machine: the longest block, and an hour
 * for the removal's request and for clocks that differ.
 */
const longestUnnotedMs = longestBlockMinutes * 60_000 + 3_600_000;

/**
 * Creates, renews, resizes, suspends or resumes a subscription: one write, conditional on the version that was read. In a pool
 * of several blocks, one more for the copy of each block, before the answer.
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
    const version = (before?.version ?? 0) + 1;
    const blocks = await blocksAfter(table, pool, before, terms);
    const isLarge = blocks !== undefined && blocks > 1;
    const isFirst = isLarge && !(before && isInBlocks(before));
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
      blocks,
      machinesBlockedUntil:
        before?.machinesBlockedUntil ?? (isLarge ? (before ? now + longestUnnotedMs : 0) : undefined),
      // The first version in blocks: no older copy is possible.
      pushed: before && isFirst ? version : before?.pushed,
      settingId: randomBytes(6).toString('base64url'),
      version,
    };
    const asRead = before && `${versionName(before)} = :asRead`;
    const { done, item } = await put(table, {
      Item: { ...keys.subscription(pool), ...storedSubscription(subscription, table.blockSize) },
      ConditionExpression: asRead ?? 'attribute_not_exists(pk)',
      ...(before && { ExpressionAttributeValues: { ':asRead': before.version } }),
    });
    // Refused by our own earlier try, whose answer was lost: others may have changed the terms since.
    const current = done ? subscription : item;
    if (!current || current.settingId !== subscription.settingId) continue;
    await pushTerms(table, current);
    return { outcome: before ? 'changed' : 'created', subscription: current };
  }
  return { outcome: 'contended' };
};

/** Returns how many blocks a pool has had after a change of its terms: `Subscription.blocks`. */
const blocksAfter = async (
  table: Table,
  pool: Pool,
  before: Subscription | undefined,
  { licenseType, quota }: Pick<SubscriptionTerms, 'licenseType' | 'quota'>,
): Promise<number | undefined> => {
  if (licenseType === 'per-user') return undefined;
  const { blockSize: size = blockSize } = table;
  const wanted = Math.max(1, blockOf(quota, size));
  if (!before || before.blocks) return Math.max(wanted, before?.blocks ?? 1);
  // An earlier release set these terms: each of its seats is in the pool's partition.
  if (before.blocks === 0 || before.quota > size) return 0;
  if (quota <= size) return undefined;
  const above = await readPage(table, ranges.seats(pool, size + 1, everySeat.last), { limit: 1 });
  return above.items.length > 0 ? 0 : wanted;
};

/**
 * Returns a subscription as it is stored. In blocks, an earlier release sees a pool whose first block alone can be claimed, and
 * which it can't change: it does not find its version. So it claims no seat where this release does not look.
 */
const storedSubscription = (subscription: Subscription, size = blockSize): object => {
  if (!isInBlocks(subscription)) return subscription;
  const { quota, claimable, version, ...others } = subscription;
  const first = Math.min(claimable, size);
  const inBlocks = { blockQuota: quota, blockClaimable: claimable, blockVersion: version };
  return { ...others, quota: first, claimable: first, ...inBlocks };
};

type InBlocks = Pick<Subscription, 'blocks'>;
const versionName = (subscription: InBlocks) => (isInBlocks(subscription) ? 'blockVersion' : 'version');

/**
 * Sets an attribute of a subscription, and begins a new version, so that a concurrent change of the terms does not overwrite it.
 *
 * @param asRead the subscription, which may have changed since
 */
export const noteOn = async (
  table: Table,
  asRead: Pool & InBlocks,
  note: { set: string; condition: string; values: Record<string, unknown> },
): Promise<Subscription | undefined> => {
  const name = versionName(asRead);
  const { done, item } = await update(table, {
    Key: keys.subscription(asRead),
    UpdateExpression: `SET ${note.set}, ${name} = ${name} + :one`,
    ConditionExpression: `attribute_exists(${name}) AND ${note.condition}`,
    ExpressionAttributeValues: { ...note.values, ':one': 1 },
  });
  // The pool has got blocks since.
  if (!done && item && isInBlocks(item) && !isInBlocks(asRead)) return noteOn(table, item, note);
  return item;
};

/** Sets the number up to which a pool's seats, or slots, may be claimed, if the subscription is as it was read. */
export const setClaimable = async (
  table: Table,
  { numbered, ...pool }: Pool,
  asRead: Subscription,
  claimable: number,
): Promise<'set' | 'lost'> => {
  const name = versionName(asRead);
  const ofSeats = isInBlocks(asRead) ? 'blockClaimable' : 'claimable';
  const { done, item } = await update(table, {
    Key: keys.subscription(pool),
    UpdateExpression: `SET ${numbered === 'slots' ? 'machineClaimable' : ofSeats} = :claimable, ${name} = ${name} + :one`,
    ConditionExpression: `${name} = :asRead`,
    ExpressionAttributeValues: { ':claimable': claimable, ':one': 1, ':asRead': asRead.version },
  });
  if (done && item && numbered !== 'slots') await pushTerms(table, item);
  return done ? 'set' : 'lost';
};

/**
 * Notes that a removal blocks a machine until a time (epoch ms), before it does so. Does nothing in a pool whose activations
 * always look.
 */
export const noteMachineBlocked = async (table: Table, pool: Pool, until: number): Promise<void> => {
  const asRead = await readSubscription(table, pool);
  if (!asRead || asRead.machinesBlockedUntil === undefined) return;
  const current = await noteOn(table, asRead, {
    set: 'machinesBlockedUntil = :until',
    condition: 'machinesBlockedUntil < :until',
    values: { ':until': until },
  });
  if (current) await pushTerms(table, current);
};

/** Notes that every machine in use holds a slot, if the subscription is as it was read. */
export const setSlotsComplete = async (table: Table, pool: Pool, asRead: Subscription): Promise<void> => {
  const name = versionName(asRead);
  await update(table, {
    Key: keys.subscription(pool),
    UpdateExpression: `SET slotsComplete = :complete, ${name} = ${name} + :one`,
    ConditionExpression: `${name} = :asRead`,
    ExpressionAttributeValues: { ':complete': true, ':one': 1, ':asRead': asRead.version },
  });
};

/**
 * Notes that there may be a queue until a time (epoch ms). Raises the version, so that a request that sets the subscription
 * meanwhile does not overwrite the note. Writes nothing if the note lasts until `needed`. In a pool of several blocks, each copy
 * has the note before this returns.
 *
 * @param needed the earliest time until which the note must last, epoch ms
 */
export const stampQueue = async (
  table: Table,
  pool: Pool & InBlocks,
  { needed, until }: { needed: number; until: number },
): Promise<void> => {
  const current = await noteOn(table, pool, {
    set: 'lineUntil = :until',
    condition: '(attribute_not_exists(lineUntil) OR lineUntil < :needed)',
    values: { ':until': until, ':needed': needed },
  });
  if (current) await pushTerms(table, current);
};
