import { randomBytes } from 'node:crypto';
import { type License, usesOver } from '../domain/license.ts';
import { previousEnds } from '../domain/record.ts';
import { holderKind, isHeld } from '../domain/seat.ts';
import { type Subscription, statusOf } from '../domain/subscription.ts';
import { everySeat } from '../domain/view.ts';
import { type Clock, systemClock } from './claimant.ts';
import { keys, type Pool } from './keys.ts';
import { endLicense } from './license-ends.ts';
import { licenseOf, readLicense, seatClaimOf } from './licenses.ts';
import { readAllMachines } from './machines.ts';
import { readMember } from './members.ts';
import { dropIntent, resolveLicense } from './pending-licenses.ts';
import { putRecord } from './records.ts';
import { readSeats } from './seats.ts';
import { subscriptionOf } from './subscriptions.ts';
import { keyText, readItems, type Table } from './table.ts';

export type Transferred =
  | { outcome: 'transferred'; license: License; subscription: Subscription }
  /** No such subscription, or the other user is no member. */
  | { outcome: 'missing' }
  | { outcome: 'suspended' | 'expired' }
  /** The pool's licenses belong to nobody. */
  | { outcome: 'floating' }
  /** The one has no license to give. */
  | { outcome: 'not-licensed' }
  /** The other has one already. */
  | { outcome: 'licensed-already' }
  /** One of the user's machines holds an offline license, until then (epoch ms). */
  | { outcome: 'offline'; machineId: string; until: number }
  | { outcome: 'contended' };

/**
 * Hands a user's license to another member in one step: its seat is never free between, and never used by both.
 *
 *     intent    the other's license, pending, naming the claim that it will have      (nobody can use it)
 *     commit    the seat moves from the one to the other, by compare-and-swap
 *     end       the one's license ends, with what runs on it (`license-transferred`)
 *     complete  the other's license is good
 *
 * Whoever meets the pending license goes on from there, by what the seat says. Repeating a transfer is harmless.
 */
export const transferLicense = async (
  table: Table,
  pool: Pool,
  { from, to }: { from: string; to: string },
  clock: Clock = systemClock,
): Promise<Transferred> => {
  for (let tries = 0; tries < 10; tries++) {
    if (tries > 0) await clock.pause(Math.random() * 50 * tries);
    const [subscriptionKey, oneKey, otherKey] = [
      keys.subscription(pool),
      keys.license(pool, from),
      keys.license(pool, to),
    ];
    const found = await readItems(table, [subscriptionKey, oneKey, otherKey]);
    const now = clock.now();
    const subscription = subscriptionOf(found.get(keyText(subscriptionKey)));
    if (!subscription) return { outcome: 'missing' };
    if (subscription.licenseType === 'floating') return { outcome: 'floating' };
    const status = statusOf(subscription, now);
    if (status !== 'active') return { outcome: status };
    const one = licenseOf(found.get(keyText(oneKey)));
    const other = licenseOf(found.get(keyText(otherKey)));

    const pending = [one, other].find((license) => license?.status === 'pending');
    if (pending) {
      await resolveLicense(table, pool, pending, now);
      continue;
    }
    if (other?.status === 'active')
      return isHandedOn(one, other)
        ? { outcome: 'transferred', license: other, subscription }
        : { outcome: 'licensed-already' };
    if (one?.status !== 'active') return { outcome: 'not-licensed' };
    const offline = await offlineOf(table, pool, one, now);
    if (offline) return { outcome: 'offline', ...offline };

    const intent: License = {
      status: 'pending',
      number: one.number,
      fence: one.fence + 1,
      revision: (other?.revision ?? 0) + 1,
      userId: to,
      previous: previousEnds(other, now),
      licensedAt: now,
      useFence: other?.useFence ?? 0,
      over: other ? usesOver(other) : [],
      from: { userId: from, fence: one.fence, intent: randomBytes(6).toString('base64url') },
    };
    if ((await putRecord(table, otherKey, intent, other)) === 'lost') continue;
    // Who removes a member does so first and lists its licenses after: one of the two sees the other.
    if (!(await readMember(table, pool.organizationId, to))) {
      const at = clock.now();
      // Somebody who met the intent may have completed it.
      if (!(await dropIntent(table, pool, intent, at)))
        await endLicense(table, pool, to, seatClaimOf(intent), { reason: 'user-removed', at });
      return { outcome: 'missing' };
    }
    await resolveLicense(table, pool, intent, clock.now());
    const license = await readLicense(table, pool, to);
    if (license?.status === 'active' && license.from?.userId === from)
      return { outcome: 'transferred', license, subscription };
    // The one's license ended first, or what was handed over has gone on since: look again.
  }
  return { outcome: 'contended' };
};

/** An offline license that is bound to one of a licensed user's machines. */
const offlineOf = async (
  table: Table,
  pool: Pool,
  { userId, inUse }: License,
  now: number,
): Promise<{ machineId: string; until: number } | undefined> => {
  const [seats, machines] = await Promise.all([readSeats(table, pool, [everySeat]), readAllMachines(table, pool)]);
  const own = new Set(machines.filter((machine) => machine.userId === userId).map(({ machineId }) => machineId));
  if (inUse) own.add(inUse.machineId);
  const bound = seats.find(
    (seat) => isHeld(seat, now) && holderKind(seat.hold.holder) === 'offline' && own.has(seat.hold.machineId ?? ''),
  );
  return bound?.hold && { machineId: bound.hold.machineId ?? '', until: bound.hold.availableAt };
};

/** Whether it was this very transfer that gave the other its license. */
const isHandedOn = (one: License | undefined, other: License) =>
  one?.status === 'ended' && other.from?.userId === one.userId && other.from.fence === one.fence;
