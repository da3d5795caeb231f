import type * as z from 'zod';
import type { Subscription as SubscriptionBody, SubscriptionSummary } from '../contracts/schemas/subscription.ts';
import { utc } from '../domain/activation.ts';
import { isQueued, lengthOf, lineOf, type Ticket } from '../domain/queue.ts';
import type { Seat } from '../domain/seat.ts';
import { figuresOf, type Subscription, statusOf } from '../domain/subscription.ts';
import { everySeat } from '../domain/view.ts';
import { readLicenses } from '../table/licenses.ts';
import { readAllMachines } from '../table/machines.ts';
import { readSeats } from '../table/seats.ts';
import type { Table } from '../table/table.ts';
import { readTickets } from '../table/tickets.ts';

/** What any member may know of a subscription. */
export const summaryOf = (subscription: Subscription, now: number): z.input<typeof SubscriptionSummary> => ({
  organizationId: subscription.organizationId,
  product: subscription.product,
  productName: subscription.productName,
  licenseType: subscription.licenseType,
  status: statusOf(subscription, now),
});

const readFigures = async (table: Table, subscription: Subscription, now: number) => {
  const perUser = subscription.licenseType === 'per-user';
  const [seats, licenses, machines, tickets] = await Promise.all([
    readSeats(table, subscription, [everySeat]),
    perUser ? readLicenses(table, subscription) : [],
    perUser ? readAllMachines(table, subscription) : [],
    isQueued(subscription, now) ? readTickets(table, subscription) : [],
  ]);
  return { ...figuresOf(subscription, { seats, licenses, machines }, now), queue: queueOf(tickets, seats, now) };
};

/** Who waits for the seats of a pool. */
const queueOf = (tickets: readonly Ticket[], seats: readonly Seat[], now: number) => {
  const { length, since } = lengthOf(lineOf(tickets, '', now), seats, now);
  return { length, longestWaitSeconds: since === undefined ? null : Math.floor((now - since) / 1000) };
};

/** A subscription with its figures, counted from what holds its seats. */
export const withFigures = async (
  table: Table,
  subscription: Subscription,
  now: number,
): Promise<z.input<typeof SubscriptionBody>> => ({
  ...summaryOf(subscription, now),
  ...(await readFigures(table, subscription, now)),
  quota: subscription.quota,
  machineQuota: subscription.machineQuota,
  expiresAt: utc(subscription.expiresAt),
  leaseSeconds: subscription.leaseSeconds,
  offline: subscription.offline,
  idleTimeoutMinutes: subscription.idleTimeoutMinutes,
});
