import { BatchWriteCommand, type BatchWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import type { Key } from '../../../shared/table/store/keys.ts';
import { type Table, withActor } from '../../../shared/table/store/table.ts';

/** The most items of one request. */
const most = 25;

/** Puts items without conditions, many in one request. */
export const putAll = async (table: Table, items: readonly Key[]): Promise<void> => {
  const starts = Array.from({ length: Math.ceil(items.length / most) }, (_, batch) => batch * most);
  await pMap(starts, (start) => putBatch(table, items.slice(start, start + most)), { concurrency: 8 });
};

const putBatch = async (table: Table, items: readonly Key[]) => {
  let left: BatchWriteCommandInput['RequestItems'] = {
    [table.name]: items.map((item) => ({ PutRequest: { Item: withActor(table, item) } })),
  };
  while (left && Object.keys(left).length > 0)
    left = (await table.client.send(new BatchWriteCommand({ RequestItems: left }))).UnprocessedItems;
};
