import pMap from 'p-map';
import type { Operation } from '../contracts/operation.ts';
import { issueCursor, readCursor } from '../table/store/cursors.ts';
import type { Page } from '../table/store/keys.ts';
import type { Table } from '../table/store/table.ts';
import { invalid } from './problems/problem.ts';

/**
 * Returns the paging of one list. A cursor is valid only for the list that issued it.
 *
 * @param scope identifies the list besides the operation: path, filters, and whose items it shows
 */
export const pageOfList = async (
  table: Table,
  operation: Operation,
  scope: Record<string, string | undefined>,
  query: { limit: number; cursor?: string },
) => {
  const list = `${operation.name}\n${JSON.stringify(scope)}`;
  const after = query.cursor === undefined ? undefined : await readCursor(table, list, query.cursor);
  if (query.cursor !== undefined && !after)
    throw invalid('/query/cursor', 'was not issued by this list: begin again without it');
  return {
    limit: query.limit,
    after,
    /** Returns the fields of the answer: the items as the API shows them, and the cursor if there is more. */
    answer: async <T, B>({ items, next }: Page<T>, bodyOf: (item: T) => B | Promise<B>) => ({
      items: await pMap(items, bodyOf, { concurrency: 10 }),
      ...(next && { nextCursor: await issueCursor(table, list, next) }),
    }),
  };
};

/** Returns the `Link` (RFC 8288) to the rest of a list, if any, for answers whose body has no room for a cursor. */
export const nextLink = (
  operation: Operation,
  path: Record<string, unknown>,
  query: Record<string, string | undefined>,
): { Link?: string } => {
  if (query.cursor === undefined) return {};
  const parameters = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const target = operation.path.replace(/{(\w+)}/g, (_, name: string) => encodeURIComponent(String(path[name] ?? '')));
  return { Link: `<${target}?${new URLSearchParams(parameters)}>; rel="next"` };
};
