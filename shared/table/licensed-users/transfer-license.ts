import { randomBytes } from 'node:crypto';
import { isRecordOf, previousEnds } from '../../domain/holder-record.ts';
import { endedUsesBefore, type License, lastUseOf } from '../../domain/license.ts';
import { everySeat } from '../../domain/seat-view.ts';
import { type Subscription, statusOf } from '../../domain/subscription.ts';
import { putRecord } from '../items/holder-records.ts';
import { readLicense } from '../items/licenses.ts';
import { readAllMachines } from '../items/machines.ts';
import { readMember } from '../items/members.ts';
import { readSeats } from '../items/read-seats.ts';
import { type BoundMachine, findOfflineMachine } from '../machines/bound-machines.ts';
import { checkAuthority } from '../store/authority.ts';
import { type Clock, systemClock } from '../store/clock.ts';
import { keys, type Pool } from '../store/keys.ts';
import { type BeginAgain, retryWhileContended } from '../store/retry.ts';
import { getItems, type Table } from '../store/table.ts';
import { dropIntent, resolveLicense, verifyIntent } from './pending-licenses.ts';

/** How often a transfer begins again because others changed the licenses meanwhile. */
const mostTries = 10;

export type Transferred =
  | { outcome: 'transferred'; license: License; subscription: Subscription }
  /** No such subscription, or the recipient is no member. */
  | { outcome: 'missing' }
  | { outcome: 'suspended' | 'expired' }
  /** The pool's licenses belong to nobody. */
  | { outcome: 'floating' }
  /** The giver has no license. */
  | { outcome: 'not-licensed' }
  /** The recipient has a license already. */
  | { outcome: 'licensed-already' }
  /** One of the giver's machines holds an offline license, until then (epoch ms). */
  | ({ outcome: 'offline' } & BoundMachine)
  | { outcome: 'contended' };

/**
 * Hands a user's license to another member in one step: its seat is never free in between, and never used by both.
 *
 *     intent    the recipient's license, pending, naming the claim that it will have  (nobody can use it)
 *     verify    with the intent in place, the recipient is a member, and no machine of the giver is bound offline:
 *               marks the intent as verified
 *     commit    the seat moves from the giver to the recipient, by compare-and-swap
 *     end       the giver's license ends, with the session that uses it (`license-transferred`)
 *     complete  the recipient's license is good
 *
 * Each request that meets the pending license goes on from there, as the seat decides. Repeating a transfer is harmless.
 */
export const transferLicense = async (
  table: Table,
  pool: Pool,
  users: { from: string; to: string },
  clock: Clock = systemClock,
): Promise<Transferred> => {
  await checkAuthority(table);
  return retryWhileContended(clock, { tries: mostTries }, () => attempt(table, pool, users, clock));
};

const attempt = async (
  table: Table,
  pool: Pool,
  { from, to }: { from: string; to: string },
  clock: Clock,
): Promise<Transferred | BeginAgain> => {
  const recipientKey = keys.license(pool, to);
  const { subscription, giver, recipient } = await getItems(table, {
    subscription: keys.subscription(pool),
    giver: keys.license(pool, from),
    recipient: recipientKey,
  });
  const now = clock.now();
  if (!subscription) return { outcome: 'missing' };
  if (subscription.licenseType === 'floating') return { outcome: 'floating' };
  const status = statusOf(subscription, now);
  if (status !== 'active') return { outcome: status };

  const pending = [giver, recipient].find((license) => license?.status === 'pending');
  if (pending) {
    await resolveLicense(table, pool, pending, now);
    return { outcome: 'again' };
  }
  if (recipient?.status === 'active')
    return isHandedOn(giver, recipient)
      ? { outcome: 'transferred', license: recipient, subscription }
      : { outcome: 'licensed-already' };
  if (giver?.status !== 'active') return { outcome: 'not-licensed' };
  const offline = await offlineOf(table, pool, from, now);
  if (offline) return { outcome: 'offline', ...offline };

  const intent: License = {
    status: 'pending',
    number: giver.number,
    fence: giver.fence + 1,
    revision: (recipient?.revision ?? 0) + 1,
    userId: to,
    previous: previousEnds(recipient, now),
    licensedAt: now,
    useFence: recipient?.useFence ?? 0,
    over: recipient ? endedUsesBefore(recipient, now) : [],
    ...(recipient && lastUseOf(recipient)),
    from: { userId: from, fence: giver.fence, intent: randomBytes(6).toString('base64url') },
  };
  if ((await putRecord(table, recipientKey, intent, recipient)) === 'lost') return { outcome: 'again' };
  // A removal ends the membership, then lists the licenses: one of the two sees the other.
  if (!(await readMember(table, pool.organizationId, to))) {
    await dropIntent(table, pool, intent, clock.now());
    return { outcome: 'missing' };
  }
  // An offline license is issued after its claim and a read of the intents: likewise one of the two sees the other.
  const boundSince = await offlineOf(table, pool, from, clock.now());
  if (boundSince) {
    await dropIntent(table, pool, intent, clock.now());
    return { outcome: 'offline', ...boundSince };
  }
  const verified = await verifyIntent(table, pool, intent);
  if (!verified) return { outcome: 'again' };
  await resolveLicense(table, pool, verified, clock.now());
  const license = await readLicense(table, pool, to);
  // Otherwise the giver's license ended first, or the recipient's was passed on since.
  return wasMade(intent, license) ? { outcome: 'transferred', license, subscription } : { outcome: 'again' };
};

/** Returns whether a transfer was made, also if its license was removed since. A dropped intent names no claim. */
const wasMade = (intent: License, license: License | undefined): license is License =>
  license?.from?.intent === intent.from?.intent && isRecordOf(license, intent);

/** Finds an offline license, issued or pending, on one of a licensed user's machines. */
const offlineOf = async (table: Table, pool: Pool, userId: string, now: number): Promise<BoundMachine | undefined> => {
  const [seats, machines, license] = await Promise.all([
    readSeats(table, pool, [everySeat]),
    readAllMachines(table, pool),
    readLicense(table, pool, userId),
  ]);
  const own = machines.filter((machine) => machine.userId === userId).map(({ machineId }) => machineId);
  const inUse = license?.inUse ? [license.inUse.machineId] : [];
  return findOfflineMachine(table, pool, { seats, machineIds: new Set([...own, ...inUse]), now });
};

/** Returns whether the recipient's license came from the giver's. */
const isHandedOn = (giver: License | undefined, { from, number }: License) =>
  from !== undefined && isRecordOf(giver, { number, fence: from.fence });
