import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { createTable } from '../../../../infra/local/database/create-table.ts';
import type { StreamRecord } from '../../../../shared/table/stream/change.ts';
import type { Database } from '../database.ts';

/** The changes of a database, as its real stream tells them, for tests that deliver these themselves. */
export const openChanges = async ({ endpoint, name, credentials }: Omit<Database, 'client'>) => {
  const { streamArn } = await createTable(endpoint, name, credentials);
  const client = new DynamoDBStreamsClient({ endpoint, credentials, region: 'eu-central-1' });
  const iterators = new Map<string, string | undefined>();
  const readShard = async (shardId: string): Promise<StreamRecord[]> => {
    const changes: StreamRecord[] = [];
    for (;;) {
      const { Records = [], NextShardIterator } = await client.send(
        new GetRecordsCommand({ ShardIterator: iterators.get(shardId) }),
      );
      iterators.set(shardId, NextShardIterator);
      for (const { eventID = '', dynamodb } of Records)
        changes.push({
          id: eventID,
          at: dynamodb?.ApproximateCreationDateTime?.getTime() ?? 0,
          before: dynamodb?.OldImage && unmarshall(dynamodb.OldImage as never),
          after: dynamodb?.NewImage && unmarshall(dynamodb.NewImage as never),
        });
      if (Records.length === 0 || !NextShardIterator) return changes;
    }
  };
  return {
    /** What changed since the last time, in order. */
    next: async (): Promise<StreamRecord[]> => {
      const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn: streamArn }));
      const changes: StreamRecord[] = [];
      for (const { ShardId = '' } of StreamDescription?.Shards ?? []) {
        if (!iterators.has(ShardId)) {
          const { ShardIterator } = await client.send(
            new GetShardIteratorCommand({ StreamArn: streamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
          );
          iterators.set(ShardId, ShardIterator);
        }
        if (iterators.get(ShardId)) changes.push(...(await readShard(ShardId)));
      }
      return changes;
    },
  };
};
