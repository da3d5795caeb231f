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
  createHmac('sha256', await serviceSecret(table)).update(`cursor\n${list}\n${position}`).digest().subarray(0, 16);

/** The cursor for a position in a list. */
export const issueCursor = async (table: Table, list: string, position: Position): Promise<string> => {
  const text = JSON.stringify([position.pk, position.sk]);
  return `${Buffer.from(text).toString('base64url')}.${(await sign(table, list, text)).toString('base64url')}`;
};

/** The position that a cursor stands for, or undefined if this list did not issue it. */
export const readCursor = async (table: Table, list: string, cursor: string): Promise<Position | undefined> => {
  const [position = '', signature = ''] = cursor.split('.');
  const text = Buffer.from(position, 'base64url').toString();
  const expected = await sign(table, list, text);
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const [pk, sk] = JSON.parse(text);
  return { pk, sk };
};
