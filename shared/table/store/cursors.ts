import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Position } from './keys.ts';
import { currentSecret, type PurposeSecret, RetiredSecret, secretOfVersion } from './purpose-secrets.ts';
import type { Table } from './table.ts';

/**
 * Returns a signed position: `<version>.<position>.<signature>`. The version is that of the secret. A list accepts only its
 * own cursors.
 *
 * @param list the list's identity: operation, organization, product, filters, caller
 */
const cursorOf = ({ version, bytes }: PurposeSecret, list: string, position: string): string => {
  const signature = createHmac('sha256', bytes).update(`cursor\n${list}\n${position}`).digest().subarray(0, 16);
  return `${version}.${Buffer.from(position).toString('base64url')}.${signature.toString('base64url')}`;
};

/** Returns the cursor for a position in a list. */
export const issueCursor = async (table: Table, list: string, position: Position): Promise<string> =>
  cursorOf(await currentSecret(table, 'cursors'), list, JSON.stringify([position.pk, position.sk]));

const cursorForm = /^([1-9]\d{0,5})\.([\w-]+)\./;

/** Returns the position of a cursor, or undefined if this list did not issue it, or its secret was retired. */
export const readCursor = async (table: Table, list: string, cursor: string): Promise<Position | undefined> => {
  const [, version, position] = cursorForm.exec(cursor) ?? [];
  if (!version || !position) return undefined;
  const secret = await secretOfVersion(table, 'cursors', Number(version)).catch((error) => {
    if (error instanceof RetiredSecret) return undefined;
    throw error;
  });
  if (!secret) return undefined;
  const text = Buffer.from(position, 'base64url').toString();
  // One signature has many spellings in base64. So the whole cursor is compared.
  const expected = Buffer.from(cursorOf(secret, list, text));
  const given = Buffer.from(cursor);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const [pk, sk] = JSON.parse(text);
  return { pk, sk };
};
