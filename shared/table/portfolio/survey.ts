import { counted, soldSubscription } from '../../domain/portfolio.ts';
import { everySeat } from '../../domain/seat-view.ts';
import { figuresOf, type Subscription } from '../../domain/subscription.ts';
import { listAllOrganizations } from '../accounts/organizations.ts';
import { readSeats } from '../items/read-seats.ts';
import { forEachSubscription } from '../items/subscriptions.ts';
import { keys } from '../store/keys.ts';
import { getItem, put, type Table } from '../store/table.ts';
import { writeEntry } from './sold-subscriptions.ts';

/**
 * Counts the licenses in use of all subscriptions, once per `everyMs`, and writes them into their entries. A walk over all
 * organizations, one after the other: each run continues after the last organization that was counted. Two runs at once count
 * twice, and harm nothing.
 *
 * @param options.until returns true when the time is nearly over
 * @returns how many subscriptions were counted, and the failures: these are counted in the next walk
 */
export const surveySubscriptions = async (
  table: Table,
  { now, everyMs, until }: { now: number; everyMs: number; until: () => boolean },
): Promise<{ counted: number; failed: { subscription: Subscription; error: unknown }[] }> => {
  const report = { counted: 0, failed: [] as { subscription: Subscription; error: unknown }[] };
  const survey = await getItem(table, keys.survey());
  if (survey && !survey.after && now - survey.startedAt < everyMs) return report;
  const startedAt = survey?.after ? survey.startedAt : now;
  let after = survey?.after;
  do {
    const page = await listAllOrganizations(table, {}, { limit: 1, after });
    for (const { id, name } of page.items)
      await forEachSubscription(table, id, async (subscription) => {
        try {
          await countUse(table, subscription, { organizationName: name, now });
          report.counted++;
        } catch (error) {
          report.failed.push({ subscription, error });
        }
      });
    after = page.next;
    await put(table, { Item: { ...keys.survey(), startedAt, after } });
  } while (after && !until());
  return report;
};

/** Counts the seats of a subscription that are held. */
const countUse = async (
  table: Table,
  subscription: Subscription,
  { organizationName, now }: { organizationName: string; now: number },
): Promise<void> => {
  const [seats, entry] = await Promise.all([
    readSeats(table, subscription, [everySeat]),
    getItem(table, keys.soldSubscription(subscription)),
  ]);
  const { licensedUsers, online, offline } = figuresOf(subscription, { seats }, now).inUse;
  const use = counted(entry?.use, licensedUsers + online + offline, now);
  await writeEntry(table, { ...soldSubscription(subscription, organizationName), use });
};
