import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Position } from './keys.ts';
import { serviceSecret } from './service-secret.ts';
import type { Table } from './table.ts';

/**
 * Cursors: where a list goes on, signed, so that none but those that this very list issued are accepted.
 *
 * @param list everything that makes it this list: operation, organization, product, filters, who asks
 */
const sign = async (table: Table, list: string, position: string) =>
  createHmac('sha256', await serviceSecret(table))
    .update(`cursor\n${list}\n${position}`)
    .digest()
    .subarray(0, 16);

const cursorOf = async (table: Table, list: string, position: string) =>
  `${Buffer.from(position).toString('base64url')}.${(await sign(table, list, position)).toString('base64url')}`;

/** The cursor for a position in a list. */
export const issueCursor = (table: Table, list: string, position: Position): Promise<string> =>
  cursorOf(table, list, JSON.stringify([position.pk, position.sk]));

/** The position that a cursor stands for, or undefined if this list did not issue it. */
export const readCursor = async (table: Table, list: string, cursor: string): Promise<Position | undefined> => {
  const text = Buffer.from(cursor.split('.', 1)[0] as string, 'base64url').toString();
  // Compared as a whole, as it would be issued: one signature has many spellings in base64.
  const expected = Buffer.from(await cursorOf(table, list, text));
  const given = Buffer.from(cursor);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const [pk, sk] = JSON.parse(text);
  return { pk, sk };
};
