import { DAY } from '../../../components/time/format-time.ts';

/** The length of an interval of the report. */
export const granularities = ['hour', 'day', 'month'] as const;
export type Granularity = (typeof granularities)[number];

/** Days (UTC), `2027-01-31`: the first and the last one of a report. */
export interface ReportRange {
  from: string;
  to: string;
}

const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

const compact = (day: string) => day.replaceAll('-', '');

/** Returns the default range: for months, from the first day of the month 12 months ago. `now`: epoch ms. */
export const usualRange = (granularity: Granularity, now: number): ReportRange => {
  const to = dayOf(now);
  if (granularity === 'hour') return { from: dayOf(now - DAY), to };
  if (granularity === 'day') return { from: dayOf(now - 29 * DAY), to };
  const today = new Date(now);
  return { from: dayOf(Date.UTC(today.getUTCFullYear() - 1, today.getUTCMonth(), 1)), to };
};

/** Names a report as a file: `License Utilization_Acme_org_1_20260201-20270131.csv`. */
export const reportFile = (report: string, organization: { id: string; name: string }, { from, to }: ReportRange) =>
  `${report}_${organization.name}_${organization.id}_${compact(from)}-${compact(to)}.csv`;
