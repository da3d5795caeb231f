import type * as z from 'zod';
import type { Usage } from '../../contracts/schemas/usage.ts';
import { utc } from '../../domain/activation.ts';
import { averageOf, averageWaitOf } from '../../domain/history/usage.ts';
import type { UsageInterval } from '../../table/reports/list-usage.ts';

/** An interval, and the quota of that time. */
type IntervalWithQuota = UsageInterval & { quota: number };

/** Returns the usage of an interval as the API shows it. */
export const usageBody = ({ usage, quota, ...interval }: IntervalWithQuota, now: number): z.input<typeof Usage> => {
  const { peak, users, machines, refused, waited } = usage;
  return {
    from: utc(interval.from),
    quota,
    peak,
    average: averageOf(usage, interval, now),
    users,
    machines,
    refused,
    waited: {
      sessions: waited?.sessions ?? 0,
      averageSeconds: waited ? averageWaitOf(waited) : null,
      longestSeconds: waited?.longestSeconds ?? null,
    },
  };
};

/** The columns of the CSV file. */
export const usageColumns = [
  'From',
  'Peak',
  'Average',
  'Users',
  'Machines',
  'Refused by license quota',
  'Refused by machine quota',
  'Waited',
  'Average wait',
  'Longest wait',
  'Quota',
] as const;

/** Returns the row of an interval in the file. */
export const usageRow = (interval: IntervalWithQuota, now: number): (string | number)[] => {
  const { from, quota, peak, average, users, machines, refused, waited } = usageBody(interval, now);
  const { averageSeconds, longestSeconds } = waited;
  const inUse = [from, peak, average, users, machines, refused.licenseQuota, refused.machineQuota];
  return [...inUse, waited.sessions, averageSeconds ?? '', longestSeconds ?? '', quota];
};
