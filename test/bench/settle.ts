import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord } from 'aws-lambda';
import { settleAllDue } from '../../shared/table/schedule/settle-due.ts';
import type { Table } from '../../shared/table/store/table.ts';
import { createPool, type Database, metered } from './database.ts';
import { load } from './load.ts';
import { newSession, throughEngine } from './sessions.ts';

export interface Settling {
  /** Changes that the stream function reads per second, and plans a due check for. */
  planning: { changes: number; planned: number; perSecond: number };
  settling: { what: string; items: number; perSecond: number; requests: number; read: number; write: number }[];
}

/**
 * The cost of the schedule per due item: sessions are activated and left alone, the stream function plans due checks, and
 * the scheduled function does them, once while the sessions live and once after their leases have ended.
 */
export const measureSettling = async (
  { endpoint, table, streamArn }: Database,
  sessions: number,
): Promise<Settling> => {
  const pool = await createPool(table, sessions);
  const readChanges = await changesOf(endpoint, streamArn);
  const plan = await follower(table, endpoint);
  const { activate } = throughEngine(table, pool);
  const activateAll = async () => {
    const ids = Array.from({ length: sessions }, newSession);
    await load({ count: sessions, concurrency: 8 }, (index) => activate(ids[index] as string));
    return ids;
  };
  await activateAll();

  const counted = metered(table, endpoint);
  const sweep = async (what: string, afterMs: number): Promise<Settling['settling'][number]> => {
    const begin = performance.now();
    const { result, bill } = await counted.of(() =>
      settleAllDue(counted.table, { now: Date.now() + afterMs, most: 100_000, until: () => false }),
    );
    if (result.failed.length > 0) throw result.failed[0]?.error;
    const perSecond = (sessions / (performance.now() - begin)) * 1000;
    const each = { requests: bill.requests / sessions, read: bill.read / sessions, write: bill.write / sessions };
    return { what, items: sessions, perSecond, ...each };
  };

  const changes = await readChanges();
  const begin = performance.now();
  await plan(changes);
  const perSecond = (changes.length / (performance.now() - begin)) * 1000;
  const planned = changes.filter(({ dynamodb }) => dynamodb?.Keys?.sk?.S?.startsWith('SEAT#')).length;

  // A sweep comes at most 4.5 minutes after a claim, leases take 120 s.
  const settling = [await sweep('lease has ended', 300_000)];
  return { planning: { changes: changes.length, planned, perSecond }, settling };
};

/** The stream function itself, called with batches as Lambda makes them. */
export const follower = async (table: Table, endpoint: string) => {
  Object.assign(process.env, { TABLE_NAME: table.name, DYNAMODB_ENDPOINT: endpoint, POWERTOOLS_LOG_LEVEL: 'SILENT' });
  const { handler } = await import('../../functions/follow-changes.ts');
  return async (changes: readonly DynamoDBRecord[], batchSize = 100) => {
    for (let start = 0; start < changes.length; start += batchSize) {
      let left = changes.slice(start, start + batchSize);
      // As on AWS, failed changes come again: on a busy machine a request may exceed its time limit.
      for (let tries = 0; left.length > 0; tries++) {
        if (tries > 10) throw new Error('a change could not be followed');
        const { batchItemFailures } = await handler({ Records: left });
        const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
        left = left.filter(({ dynamodb }) => failed.has(dynamodb?.SequenceNumber ?? ''));
      }
    }
  };
};

/** Reads the new records of a stream, from now on. DynamoDB Local writes into the last shard. */
export const changesOf = async (endpoint: string, streamArn: string) => {
  const client = new DynamoDBStreamsClient({ endpoint });
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn: streamArn }));
  const ShardId = StreamDescription?.Shards?.at(-1)?.ShardId;
  let { ShardIterator } = await client.send(
    new GetShardIteratorCommand({ StreamArn: streamArn, ShardId, ShardIteratorType: 'LATEST' }),
  );
  return async (): Promise<DynamoDBRecord[]> => {
    const changes: DynamoDBRecord[] = [];
    for (;;) {
      const { Records = [], NextShardIterator } = await client.send(new GetRecordsCommand({ ShardIterator }));
      ShardIterator = NextShardIterator;
      if (Records.length === 0) return changes;
      changes.push(...(Records as unknown as DynamoDBRecord[]));
    }
  };
};
