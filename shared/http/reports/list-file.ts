import type * as z from 'zod';
import type { Operation } from '../../contracts/operation.ts';
import { listName } from '../../contracts/schemas/list-file.ts';
import { nextLink } from '../page.ts';
import { prefers } from './accept.ts';
import { attachment } from './content-disposition.ts';
import { csvFile } from './csv.ts';

/** The most rows of one file of a list. `Link` leads to the rest. */
export const fileRows = 1000;

type Item = Record<string, unknown>;

interface FileFormat {
  columns: readonly string[];
  /** The schema of a page. */
  page: z.ZodType;
}

/** Returns the format of the file that a caller prefers to JSON; undefined for JSON, and if the handler makes the file. */
export const preferredFile = ({ answers }: Operation, accept: string | undefined): FileFormat | undefined => {
  const { body: page, or: { columns } = {} } = answers[200] ?? {};
  return page && columns && prefers(accept, 'text/csv') ? { columns, page } : undefined;
};

const cellOf = (value: unknown): string | number => {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return value;
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) return value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

const fieldOf = (item: Item, column: string): unknown =>
  column.split('.').reduce<unknown>((value, name) => (value as Item | null | undefined)?.[name], item);

interface Listed extends FileFormat {
  /** The path and query of the request. */
  path: Record<string, unknown>;
  query: Record<string, string | undefined>;
  /** The page that the handler answered. */
  body: unknown;
  /** Epoch ms. */
  now: number;
}

/** Returns a page of a list as a file, with the fields that the contract names. */
export const listFile = (operation: Operation, { columns, page, path, query, body, now }: Listed) => {
  const { items, nextCursor } = page.parse(body) as { items: Item[]; nextCursor?: string };
  const { limit: _, ...asked } = query;
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '');
  return {
    status: 200,
    mediaType: 'text/csv',
    headers: {
      'Content-Disposition': attachment(`${listName(operation.name)}_${day}.csv`),
      ...nextLink(operation, path, { ...asked, cursor: nextCursor }),
    },
    body: csvFile(
      columns,
      items.map((item) => columns.map((column) => cellOf(fieldOf(item, column)))),
    ),
  };
};
