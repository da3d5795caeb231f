import type { Operation } from '../../contracts/operation.ts';
import type { Organization } from '../../domain/accounts/organization.ts';
import { utc } from '../../domain/activation.ts';
import { reportRange, type TimeRange } from '../../domain/dates.ts';
import { noteExport } from '../../table/history/exports.ts';
import type { Pool } from '../../table/store/keys.ts';
import type { Table } from '../../table/store/table.ts';
import { nextLink } from '../page.ts';
import { invalid } from '../problems/problem.ts';
import { attachment } from './content-disposition.ts';
import { csvFile } from './csv.ts';

/** The most rows of one file. Even the longest rows stay within Lambda's 6 MB. */
export const maxRows = 5000;

/** Returns the requested range of a report. Throws a 400 if it is not valid. */
export const rangeOf = (asked: { from?: string; to?: string }, now: number): TimeRange => {
  const range = reportRange(asked, now);
  if ('why' in range) throw invalid('/query/from', range.why);
  return range;
};

const yyyymmdd = (time: number) => new Date(time).toISOString().slice(0, 10).replaceAll('-', '');

interface Report {
  /** The report's name in the audit trail. */
  name: 'sessions' | 'usage';
  title: string;
  organization: Pick<Organization, 'id' | 'name'>;
  range: TimeRange;
  /** The pool in the path of the request. */
  path: Pool;
  asked: Record<string, string | undefined>;
  /** The cursor of the following rows, if any. */
  nextCursor?: string;
  /** The names of the columns. */
  columns: readonly string[];
  rows: readonly (readonly (string | number)[])[];
  /** Epoch ms. */
  now: number;
}

/**
 * Notes the export in the audit trail, and returns the report as a file, named after the organization and the first and last
 * day. `Link` leads to the rows that one file has no room for.
 */
export const reportFile = async (
  table: Table,
  operation: Operation,
  { name: report, title, organization, range, path, asked, nextCursor, columns, rows, now }: Report,
) => {
  const { id, name } = organization;
  const { organizationId, product } = path;
  await noteExport(table, path, {
    target: { type: 'report', id: report },
    details: { ...asked, from: utc(range.from), to: utc(range.to), rows: rows.length },
    at: now,
  });
  const fileName = `${title}_${name}_${id}_${yyyymmdd(range.from)}-${yyyymmdd(range.to - 1)}.csv`;
  return {
    status: 200,
    mediaType: 'text/csv',
    headers: {
      'Content-Disposition': attachment(fileName),
      ...nextLink(operation, { organizationId, product }, { ...asked, cursor: nextCursor }),
    },
    body: csvFile(columns, rows),
  } as const;
};
