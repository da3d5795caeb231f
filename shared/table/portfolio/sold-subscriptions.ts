import { isWantedSale, type SoldFilter, type SoldSubscription, soldSubscription } from '../../domain/portfolio.ts';
import type { Subscription } from '../../domain/subscription.ts';
import { readOrganization } from '../accounts/organizations.ts';
import { readFiltered } from '../store/filtered-page.ts';
import { keys, type Page, type PageRequest, ranges } from '../store/keys.ts';
import { readPage, type Table, update } from '../store/table.ts';

/** The most entries that one request of a list reads; for a longer page, such as a file, as many as that. */
const mostRead = 2000;

/** Writes the terms of a subscription into its entry, unless the entry has newer ones. */
export const writeTerms = async (table: Table, subscription: Subscription): Promise<void> => {
  const organization = await readOrganization(table, subscription.organizationId);
  if (organization) await writeEntry(table, soldSubscription(subscription, organization.name));
};

/** Writes the fields of an entry that are given, and removes undefined ones, unless the entry has newer terms. */
export const writeEntry = async (table: Table, entry: SoldSubscription): Promise<void> => {
  const fields = Object.entries(entry);
  const given = fields.filter(([, value]) => value !== undefined);
  const gone = fields.filter(([, value]) => value === undefined).map(([name]) => `#${name}`);
  const remove = gone.length > 0 ? ` REMOVE ${gone.join(', ')}` : '';
  await update(table, {
    Key: keys.soldSubscription(entry),
    UpdateExpression: `SET ${given.map(([name]) => `#${name} = :${name}`).join(', ')}${remove}`,
    ConditionExpression: 'attribute_not_exists(version) OR version <= :version',
    ExpressionAttributeValues: Object.fromEntries(given.map(([name, value]) => [`:${name}`, value])),
  });
};

/** Returns a page of the subscriptions of all organizations that match a filter, by organization and product. */
export const listSold = (
  table: Table,
  { filter, now, ...options }: PageRequest & { filter: SoldFilter; now: number },
): Promise<Page<SoldSubscription>> =>
  readFiltered(
    (after) => readPage(table, ranges.soldSubscriptions(), { limit: 500, after, consistent: false }),
    (entries) => entries.filter((entry) => isWantedSale(entry, filter, now)),
    keys.soldSubscription,
    { ...options, most: Math.max(mostRead, options.limit) },
  );
