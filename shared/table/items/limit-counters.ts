import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import pMap from 'p-map';
import type { LimitName } from '../../contracts/schemas/limits.ts';
import type { LimitReached, Window } from '../../domain/accounts/limits.ts';
import { checkAuthority } from '../store/authority.ts';
import { type Key, keys, type LimitList, type LimitWindow } from '../store/keys.ts';
import { Contended } from '../store/retry.ts';
import { getItem, type Table, update } from '../store/table.ts';
import type { Pending } from './pending-things.ts';

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
  // No window has room for so many.
  if (tooMany) return { ...reached(tooMany), endsAt: undefined };
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
  if (value < 1) return { limit, value };
  const { done } = await update(table, {
    Key: windowKey(organizationId, count),
    UpdateExpression: 'SET endsAt = :endsAt ADD ids :id',
    ConditionExpression: 'attribute_not_exists(ids) OR size(ids) < :value OR contains(ids, :one)',
    ExpressionAttributeValues: { ':endsAt': window.endsAt, ':id': new Set([id]), ':one': id, ':value': value },
  });
  return done ? undefined : { limit, value, endsAt: window.endsAt };
};

/** How often to write a list that others write at the same time. */
const joinTries = 6;

/**
 * Gives a pending thing its place on the list that bounds how many are live. Nothing has to leave the list: a request that finds
 * no room sorts it out, so that no end costs a write, and a crash leaks nothing. A pending thing counts once it is on the list.
 * Every join writes the list, also if the thing is on it, so that nobody who read the list before drops the thing.
 *
 * @param joining.id the thing's ID: the same in a repetition of its request
 * @param joining.name its name on the list, unique among the live things
 * @param joining.readThings reads every live or pending thing, strongly consistent
 * @param joining.readsFirst whether to sort the list out in any case: it may have the things by other names
 * @returns undefined if the thing has its place; `full` if the maximum is live, or a thing of this name is (`same`)
 * @throws Contended if others were in the way for too long
 */
export const joinList = async <T extends Pending & { id: string }>(
  table: Table,
  list: Key<LimitList>,
  joining: {
    id: string;
    name: string;
    value: number;
    readThings: () => Promise<readonly T[]>;
    nameOf: (thing: T) => string;
    readsFirst?: boolean;
  },
): Promise<{ outcome: 'full'; same: T | undefined } | undefined> => {
  const { id, name, value, readThings, nameOf, readsFirst = false } = joining;
  if (!readsFirst && (await addTo(table, list, joining))) return undefined;
  for (let tries = 0; tries < joinTries; tries++) {
    if (tries > 0) await setTimeout(Math.random() * 25 * 2 ** tries);
    // Read the list before the things: a thing that joins in between changes the list's version.
    const asRead = await getItem(table, list);
    const others = (await readThings()).filter(
      (one) => one.id !== id && (one.pending === undefined || asRead?.things?.has(nameOf(one))),
    );
    const twins = others.filter((one) => nameOf(one) === name);
    const names = new Set(others.map(nameOf));
    if (twins.length > 0 || names.size >= value)
      return { outcome: 'full', same: twins.find(({ pending }) => pending === undefined) ?? twins[0] };
    if (await writeList(table, list, asRead, { id, names: names.add(name) })) return undefined;
  }
  throw new Contended();
};

/**
 * Adds a thing to a list, if there is room. The ID of the last one that joined tells its own earlier try.
 *
 * @returns false if there is no room, a thing of this name is listed, or there is no list yet
 */
const addTo = async (
  table: Table,
  list: Key<LimitList>,
  { id, name, value }: { id: string; name: string; value: number },
): Promise<boolean> => {
  const { done } = await update(table, {
    Key: list,
    UpdateExpression: 'SET version = version + :one, lastJoin = :id ADD things :names',
    ConditionExpression:
      'attribute_exists(version) AND :value > :none AND (attribute_not_exists(things) OR ' +
      '(size(things) < :value AND NOT contains(things, :name)) OR (contains(things, :name) AND lastJoin = :id))',
    ExpressionAttributeValues: {
      ':one': 1,
      ':id': id,
      ':names': new Set([name]),
      ':name': name,
      ':value': value,
      ':none': 0,
    },
  });
  return done;
};

/** Writes the names of a list with the thing that joins, if nobody has written it since it was read. */
const writeList = async (
  table: Table,
  list: Key<LimitList>,
  asRead: LimitList | undefined,
  { id, names }: { id: string; names: ReadonlySet<string> },
): Promise<boolean> => {
  const next = (asRead?.version ?? 0) + 1;
  const { done, item } = await update(table, {
    Key: list,
    UpdateExpression: 'SET version = :next, lastJoin = :id, things = :names',
    ConditionExpression: asRead?.version === undefined ? 'attribute_not_exists(version)' : 'version = :version',
    ExpressionAttributeValues: {
      ':next': next,
      ':id': id,
      ':version': asRead?.version,
      ':names': names,
    },
  });
  return done || (item?.lastJoin === id && item.version === next);
};
