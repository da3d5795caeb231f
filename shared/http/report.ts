import { reportRange, type TimeRange } from '../domain/days.ts';
import type { Organization } from '../table/organizations.ts';
import { invalid } from './problem.ts';

/** How many rows one file has at most: at their longest they stay within what Lambda can answer, 6 MB. */
export const mostRows = 5000;

/** The range that a report is asked for. Throws a 400 that says what is wrong with it. */
export const rangeOf = (asked: { from?: string; to?: string }, now: number): TimeRange => {
  const range = reportRange(asked, now);
  if ('wrong' in range) throw invalid(`/query/${range.wrong}`, range.why);
  return range;
};

const yyyymmdd = (time: number) => new Date(time).toISOString().slice(0, 10).replaceAll('-', '');

/** The name of the file of a report: with its organization, and its first and last day. */
export const reportFileName = (
  title: string,
  { id, name }: Pick<Organization, 'id' | 'name'>,
  { from, to }: TimeRange,
): string => `${title}_${name}_${id}_${yyyymmdd(from)}-${yyyymmdd(to - 1)}.csv`;
