import { lineOf, mayHaveQueue, queueLengthOf, type Ticket } from '../../domain/queue.ts';
import type { Seat } from '../../domain/seat.ts';
import { everySeat } from '../../domain/seat-view.ts';
import { type Figures, figuresOf, type Subscription } from '../../domain/subscription.ts';
import type { Table } from '../store/table.ts';
import { readLicenses } from './licenses.ts';
import { readAllMachines } from './machines.ts';
import { readTickets } from './queue-tickets.ts';
import { readSeats } from './read-seats.ts';

/** The length of the queue for a seat, and the wait of its head, whole seconds; null in an empty queue. */
interface Queue {
  length: number;
  longestWaitSeconds: number | null;
}

/** Returns the figures of a subscription, counted from its seats' holders, and its queue. */
export const readFigures = async (
  table: Table,
  subscription: Subscription,
  now: number,
): Promise<Figures & { queue: Queue }> => {
  const perUser = subscription.licenseType === 'per-user';
  const [seats, licenses, machines, tickets] = await Promise.all([
    readSeats(table, subscription, [everySeat]),
    perUser ? readLicenses(table, subscription) : [],
    perUser ? readAllMachines(table, subscription) : [],
    mayHaveQueue(subscription, now) ? readTickets(table, subscription) : [],
  ]);
  return { ...figuresOf(subscription, { seats, licenses, machines }, now), queue: queueOf(tickets, seats, now) };
};

const queueOf = (tickets: readonly Ticket[], seats: readonly Seat[], now: number): Queue => {
  const { length, waitingSince } = queueLengthOf(lineOf(tickets, '', now), seats, now);
  return { length, longestWaitSeconds: waitingSince === undefined ? null : Math.floor((now - waitingSince) / 1000) };
};
