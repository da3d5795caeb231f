import type * as z from 'zod';
import type { Usage } from '../contracts/schemas/usage.ts';
import { utc } from '../domain/activation.ts';
import { averageOf } from '../domain/usage.ts';
import type { UsageInterval } from '../table/list-usage.ts';

/** What the API shows of the usage of an interval. */
export const usageBody = ({ usage, ...interval }: UsageInterval, now: number): z.input<typeof Usage> => {
  const { peak, users, machines, refused } = usage;
  return { from: utc(interval.from), peak, average: averageOf(usage, interval, now), users, machines, refused };
};

/** The columns of the file. */
export const usageColumns = [
  'From',
  'Peak',
  'Average',
  'Users',
  'Machines',
  'Refused by license quota',
  'Refused by machine quota',
] as const;

/** The row of an interval in the file. */
export const usageRow = (interval: UsageInterval, now: number): (string | number)[] => {
  const { from, peak, average, users, machines, refused } = usageBody(interval, now);
  return [from, peak, average, users, machines, refused.licenseQuota, refused.machineQuota];
};
