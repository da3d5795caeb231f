import type { Operation } from '../../contracts/operation.ts';
import { reportRange, type TimeRange } from '../../domain/dates.ts';
import type { Organization } from '../../table/accounts/organizations.ts';
import { nextLink } from '../page.ts';
import { invalid } from '../problems/problem.ts';
import { attachment } from './content-disposition.ts';
import { csvLines } from './csv.ts';

/** How many rows one file has at most: at their longest they stay within what Lambda can answer, 6 MB. */
export const mostRows = 5000;

/** The range that a report is asked for. Throws a 400 that says what is wrong with it. */
export const rangeOf = (asked: { from?: string; to?: string }, now: number): TimeRange => {
  const range = reportRange(asked, now);
  if ('wrong' in range) throw invalid(`/query/${range.wrong}`, range.why);
  return range;
};

const yyyymmdd = (time: number) => new Date(time).toISOString().slice(0, 10).replaceAll('-', '');

interface Report {
  title: string;
  organization: Pick<Organization, 'id' | 'name'>;
  range: TimeRange;
  /** Of the request, with the cursor of what follows, if any does. */
  path: Record<string, string>;
  query: Record<string, string | undefined>;
  /** The columns' names first. */
  rows: readonly (readonly (string | number)[])[];
}

/**
 * The answer of a report as a file, whose name has the organization, and the first and last day. What one file has no room
 * for is where `Link` says.
 */
export const reportFile = (operation: Operation, { title, organization, range, path, query, rows }: Report) => {
  const { id, name } = organization;
  const fileName = `${title}_${name}_${id}_${yyyymmdd(range.from)}-${yyyymmdd(range.to - 1)}.csv`;
  return {
    status: 200,
    mediaType: 'text/csv',
    headers: { 'Content-Disposition': attachment(fileName), ...nextLink(operation, path, query) },
    body: csvLines(rows),
  } as const;
};
