import { dayMs } from '../../domain/dates.ts';
import type { Refusal } from '../../domain/history/refusal.ts';
import { isOnline, type License, licenseUses } from '../../domain/license.ts';
import type { HeldSeat } from '../../domain/seat.ts';
import type { Subscription } from '../../domain/subscription.ts';
import { readOwnSeats } from '../activations/list-online.ts';
import { readLicense } from '../items/licenses.ts';
import { ranges } from '../store/keys.ts';
import { readPage, type Table } from '../store/table.ts';

/** A member's use of a product. */
export interface OwnUse {
  subscription: Subscription;
  /** Of a per-user product, if the member has one. */
  license: License | undefined;
  seats: HeldSeat[];
  /** The latest first. */
  refusals: Refusal[];
}

const mostSeats = 50;
const mostRefusals = 5;
/** Refusals are listed by time, not by user: how many of the latest are read, and how far back. */
const refusalsRead = 500;
const refusalsSince = 7 * dayMs;

/** Reads a member's license, live sessions and latest refusals of a product. */
export const readOwnUse = async (
  table: Table,
  subscription: Subscription,
  { userId, now }: { userId: string; now: number },
): Promise<OwnUse> => {
  const isPerUser = subscription.licenseType === 'per-user';
  const [found, floating, refusals] = await Promise.all([
    isPerUser ? readLicense(table, subscription, userId) : undefined,
    isPerUser ? [] : readOwnSeats(table, subscription, { userId, most: mostSeats, now }),
    readOwnRefusals(table, subscription, { userId, now }),
  ]);
  const license = found?.status === 'active' ? found : undefined;
  const isInUse = license && isOnline(license, subscription, now);
  return { subscription, license, seats: isInUse ? licenseUses([license]) : floating, refusals };
};

const readOwnRefusals = async (
  table: Table,
  subscription: Subscription,
  { userId, now }: { userId: string; now: number },
): Promise<Refusal[]> => {
  const range = ranges.refused(subscription, { from: now - refusalsSince, to: now });
  const { items } = await readPage(table, range, { backwards: true, limit: refusalsRead });
  return items.filter((refusal) => refusal.userId === userId).slice(0, mostRefusals);
};
