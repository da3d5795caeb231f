import { type Figures, figuresOf, type Subscription } from '../domain/subscription.ts';
import { everySeat } from '../domain/view.ts';
import { readLicenses } from './licenses.ts';
import { readAllMachines } from './machines.ts';
import { readSeats } from './seats.ts';
import type { Table } from './table.ts';

/** The figures of a subscription, counted from what holds its seats. */
export const readFigures = async (table: Table, subscription: Subscription, now: number): Promise<Figures> => {
  const perUser = subscription.licenseType === 'per-user';
  const [seats, licenses, machines] = await Promise.all([
    readSeats(table, subscription, [everySeat]),
    perUser ? readLicenses(table, subscription) : [],
    perUser ? readAllMachines(table, subscription) : [],
  ]);
  return figuresOf(subscription, { seats, licenses, machines }, now);
};
