import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../../../shared/table/store/table.ts';

/** The bytes that DynamoDB adds to each stored item. */
const overhead = 100;

/** Returns the size of a value as DynamoDB counts it, bytes. */
const sizeOf = (value: unknown): number => {
  if (typeof value === 'string') return Buffer.byteLength(value);
  // About: two digits a byte, without the zeros at the end.
  if (typeof value === 'number') return Math.ceil(String(Math.abs(value)).replace(/0+$/, '').length / 2) + 1;
  if (Array.isArray(value)) return 3 + value.reduce((sum: number, part) => sum + 1 + sizeOf(part), 0);
  if (typeof value === 'object' && value !== null)
    return 3 + Object.entries(value).reduce((sum, [name, part]) => sum + 1 + name.length + sizeOf(part), 0);
  return 1;
};

/** Returns the size of an item as DynamoDB counts it, bytes. */
export const itemBytes = (item: object): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + name.length + sizeOf(value), 0);

/** Returns how many items a table has, and how many bytes they take. */
export const itemsOf = async ({ client, name }: Table): Promise<{ items: number; bytes: number }> => {
  const found = { items: 0, bytes: 0 };
  let start: Record<string, unknown> | undefined;
  do {
    const page = await client.send(new ScanCommand({ TableName: name, ExclusiveStartKey: start }));
    for (const item of page.Items ?? []) {
      found.items++;
      found.bytes += itemBytes(item) + overhead;
    }
    start = page.LastEvaluatedKey;
  } while (start);
  return found;
};
