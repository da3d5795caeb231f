import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import pMap from 'p-map';
import { createTable } from '../../../../infra/local/database/create-table.ts';
import { planDue } from '../../../../shared/table/items/due-items.ts';
import type { Database } from '../database.ts';
import { reactionsToRecord } from './follow.ts';

type Image = Parameters<typeof unmarshall>[0] | undefined;
const itemOf = (image: Image) => image && unmarshall(image);

/** The table's stream, read when a test wants it: what was written is planned before the test goes on. */
export const openDueFeed = async ({ endpoint, name, credentials, client }: Database) => {
  const table = client();
  const streams = new DynamoDBStreamsClient({ endpoint, credentials, region: 'eu-central-1' });
  const { streamArn: StreamArn } = await createTable(endpoint, name, credentials);
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const [shard, ...others] = StreamDescription?.Shards ?? [];
  if (!shard || others.length > 0) throw new Error('DynamoDB Local makes one shard of a small table');
  const begin = { StreamArn, ShardId: shard.ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
  let { ShardIterator: iterator } = await streams.send(new GetShardIteratorCommand(begin));
  let marks = 0;
  return {
    /** Plans what the schedule has to look at because of all that was written before. */
    catchUp: async (): Promise<void> => {
      const mark = `mark-${++marks}`;
      await table.client.send(new PutCommand({ TableName: name, Item: { pk: 'MARK', sk: mark } }));
      for (let marked = false; !marked; ) {
        const { Records = [], NextShardIterator } = await streams.send(
          new GetRecordsCommand({ ShardIterator: iterator, Limit: 1000 }),
        );
        iterator = NextShardIterator;
        await pMap(
          Records,
          async ({ dynamodb }) => {
            const after = itemOf(dynamodb?.NewImage as Image);
            if (after?.sk === mark) marked = true;
            const due = reactionsToRecord({ before: itemOf(dynamodb?.OldImage as Image), after })?.due() ?? [];
            for (const check of due) await planDue(table, check);
          },
          { concurrency: 10 },
        );
      }
    },
  };
};
