import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import pMap from 'p-map';
import type { LimitName } from '../../contracts/schemas/limits.ts';
import type { LimitReached, Window } from '../../domain/accounts/limits.ts';
import { checkAuthority } from '../store/authority.ts';
import { type Key, keys, type LimitList, type LimitWindow } from '../store/keys.ts';
import { getItem, type Item, type Table, update } from '../store/table.ts';
import { transact, type Write } from '../store/transactions.ts';

/** The subject of one window's count. */
export interface LimitCount {
  limit: LimitName;
  /** The address or product that is counted; empty for the whole organization. */
  of: string;
  window: Window;
  /** The maximum in the window. */
  value: number;
}

const windowKey = (organizationId: string, { limit, of, window }: LimitCount): Key<LimitWindow> =>
  keys.limitWindow(organizationId, { limit, of, startsAt: window.startsAt });

/**
 * Counts an action before it happens, in all of these windows or in none: one write for each. An action that then fails stays
 * counted until the window ends. A crash, or another request that counts in between, leaves one counted too many; never one too
 * few.
 *
 * @returns the first limit that is reached, if any
 * @throws LostAuthority if the caller's membership, role or key has ended
 */
export const countAll = async (
  table: Table,
  organizationId: string,
  counts: readonly (LimitCount & { amount: number })[],
): Promise<LimitReached | undefined> => {
  const reached = ({ limit, of, value, window: { endsAt } }: LimitCount): LimitReached => ({
    limit,
    of,
    value,
    endsAt,
  });
  const tooMany = counts.find(({ amount, value }) => amount > value);
  if (tooMany) return reached(tooMany);
  await checkAuthority(table);
  const name = randomUUID();
  const counted = await pMap(counts, (count) => countIn(table, windowKey(organizationId, count), count, name), {
    concurrency: 10,
  });
  const refusing = counts.find((_, index) => !counted[index]);
  if (!refusing) return undefined;
  const kept = counts.filter((_, index) => counted[index]);
  await pMap(kept, (count) => giveBack(table, windowKey(organizationId, count), count, name), { concurrency: 10 });
  return reached(refusing);
};

/** Counts in one window. The name of the count tells its own earlier try, whose answer was lost. */
const countIn = async (
  table: Table,
  key: Key<LimitWindow>,
  { window, value, amount }: LimitCount & { amount: number },
  name: string,
): Promise<boolean> => {
  const { done, item } = await update(table, {
    Key: key,
    UpdateExpression: 'SET endsAt = :endsAt, lastCount = :name ADD counted :amount',
    ConditionExpression:
      '(attribute_not_exists(counted) OR counted <= :room) AND (attribute_not_exists(lastCount) OR lastCount <> :name)',
    ExpressionAttributeValues: {
      ':endsAt': window.endsAt,
      ':amount': amount,
      ':room': value - amount,
      ':name': name,
    },
  });
  return done || item?.lastCount === name;
};

/** Takes a count back, unless another was counted since: then a late copy of this write could take it twice. */
const giveBack = async (table: Table, key: Key, { amount }: { amount: number }, name: string): Promise<void> => {
  await update(table, {
    Key: key,
    UpdateExpression: 'SET counted = counted - :amount REMOVE lastCount',
    ConditionExpression: 'lastCount = :name',
    ExpressionAttributeValues: { ':amount': amount, ':name': name },
  });
};

/**
 * Counts one thing by its ID. A repetition counts nothing.
 *
 * @returns the limit, if reached
 */
export const countOnce = async (
  table: Table,
  organizationId: string,
  count: LimitCount,
  id: string,
): Promise<LimitReached | undefined> => {
  const { limit, value, window } = count;
  const reached = { limit, value, endsAt: window.endsAt };
  if (value < 1) return reached;
  const { done } = await update(table, {
    Key: windowKey(organizationId, count),
    UpdateExpression: 'SET endsAt = :endsAt ADD ids :id',
    ConditionExpression: 'attribute_not_exists(ids) OR size(ids) < :value OR contains(ids, :one)',
    ExpressionAttributeValues: { ':endsAt': window.endsAt, ':id': new Set([id]), ':one': id, ':value': value },
  });
  return done ? undefined : reached;
};

/**
 * Adds a thing to the list that bounds how many are live. A thing joins the list in the transaction that makes it. Nothing has
 * to leave the list: `sortOut` drops the dead things when there is no room, so that no end costs a write, and a crash leaks
 * nothing.
 *
 * @returns the write that adds a thing, refused if the thing is listed, there is no room, or there is no list yet
 */
const addTo = (list: Key<LimitList>, { thing, value }: { thing: string; value: number }): Write => ({
  Update: {
    Key: list,
    UpdateExpression: 'SET version = version + :one ADD things :thing',
    ConditionExpression:
      'attribute_exists(version) AND :value > :none AND (attribute_not_exists(things) OR (size(things) < :value AND NOT contains(things, :name)))',
    ExpressionAttributeValues: { ':one': 1, ':thing': new Set([thing]), ':name': thing, ':value': value, ':none': 0 },
  },
});

/** How often to try a write that joins a list, each time after sorting the list out. */
const joinTries = 5;

/**
 * Makes a thing whose number is bounded, in one transaction with its place on the list.
 *
 * @param made.id the thing's ID: the same in a repetition of its request
 * @param made.thing its name on the list, unique among the live things
 * @param made.readLive reads every live thing, strongly consistent
 * @param made.writes the writes that make the thing
 * @returns `full` if the maximum is live, or a thing of this name is (`same`); `refused` with the item of the refusing write;
 *   `contended` if others were in the way for too long
 */
export const joining = async <T extends { id: string }>(
  table: Table,
  list: Key<LimitList>,
  made: {
    id: string;
    thing: string;
    value: number;
    writes: readonly Write[];
    readLive: () => Promise<readonly T[]>;
    nameOf: (thing: T) => string;
  },
): Promise<
  | { outcome: 'made' | 'contended' }
  | { outcome: 'refused'; item: Item | undefined }
  | { outcome: 'full'; same: T | undefined }
> => {
  const { id, thing, value, writes, readLive, nameOf } = made;
  for (let tries = 0; tries < joinTries; tries++) {
    const written = await transact(table, [...writes, addTo(list, { thing, value })]);
    if (written.done) return { outcome: 'made' };
    const refusing = written.refused.find((index) => index < writes.length);
    if (refusing !== undefined) return { outcome: 'refused', item: written.items[refusing] };
    if (written.refused.length === 0) return { outcome: 'contended' };
    const live = await sortOut(table, list, readLive, nameOf);
    // A repetition made the thing meanwhile: the next try finds it.
    if (live?.some((one) => one.id === id)) continue;
    const same = live?.find((one) => nameOf(one) === thing);
    if (live && (same || live.length >= value)) return { outcome: 'full', same };
    if (!live) await setTimeout(Math.random() * 25 * 2 ** tries);
  }
  return { outcome: 'contended' };
};

/**
 * Brings a list up to date. Reads the list before the live things: a thing that joins in between changes the list's version.
 *
 * @param readLive reads every live thing, strongly consistent
 * @returns the live things, or undefined if the list changed meanwhile
 */
const sortOut = async <T>(
  table: Table,
  list: Key<LimitList>,
  readLive: () => Promise<readonly T[]>,
  nameOf: (thing: T) => string,
): Promise<readonly T[] | undefined> => {
  const before = (await getItem(table, list))?.version;
  const live = await readLive();
  const names = new Set(live.map(nameOf));
  const { done } = await update(table, {
    Key: list,
    UpdateExpression: names.size > 0 ? 'SET version = :next, things = :names' : 'SET version = :next REMOVE things',
    ConditionExpression: before === undefined ? 'attribute_not_exists(version)' : 'version = :version',
    ExpressionAttributeValues: {
      ':next': (before ?? 0) + 1,
      ':version': before,
      ...(names.size > 0 && { ':names': names }),
    },
  });
  return done ? live : undefined;
};
