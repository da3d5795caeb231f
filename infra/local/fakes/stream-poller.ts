import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type Shard,
  type _Record as StreamsRecord,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { readJson, writePrivateJson } from '../data-dir/json-files.ts';
import { type BackgroundTask, repeat } from './background-loop.ts';

const BATCH_SIZE = 100;
/** The pauses between reads of an idle shard: the first, and the longest. */
const IDLE_MS = [200, 1_000] as const;
/** The pauses before a retry of a failed batch: the first, and the longest. */
const RETRY_MS = [200, 10_000] as const;
/** How often to list the shards. DynamoDB begins one every few hours. */
const SHARDS_EVERY_MS = 5_000;

/** Handles a batch, and returns its failed records, as a stream function does on AWS. */
export type Deliver = (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse | undefined>;

/** The progress in each shard: the sequence number of the last delivered record. */
interface Progress {
  streamArn: string;
  done: Record<string, string>;
}

interface Reading {
  iterator?: string;
  /** The pause before the next read; it grows while there is nothing to read. */
  idleMs: number;
  /** The pause before the next try of a batch that failed. */
  retryMs: number;
  nextAt: number;
}

/**
 * The stand-in for Lambda's event source mapping: reads every shard from its beginning, parents before children, and delivers the
 * records in order, at least once. Continues after a restart.
 *
 * @param options.progressFile the file that records the progress
 */
export const followStream = (options: {
  endpoint: string;
  streamArn: string;
  progressFile: string;
  deliver: Deliver;
}): BackgroundTask => {
  const { streamArn, progressFile, deliver } = options;
  const client = new DynamoDBStreamsClient({ endpoint: options.endpoint });
  const saved = readJson<Progress>(progressFile);
  // Another stream belongs to another table: its progress is of no use.
  const progress: Progress = saved?.streamArn === streamArn ? saved : { streamArn, done: {} };
  /** Shards that are being read, and those that were read to their end. */
  const reading = new Map<string, Reading>();
  const finished = new Set<string>();
  let shards: Shard[] = [];
  let nextListAt = 0;

  const findShards = async () => {
    shards = await listShards(client, streamArn);
    const known = new Set(shards.map(({ ShardId }) => ShardId!));
    for (const shardId of Object.keys(progress.done)) if (!known.has(shardId)) delete progress.done[shardId];
    nextListAt = performance.now() + SHARDS_EVERY_MS;
  };

  const readable = () => {
    const known = new Set(shards.map(({ ShardId }) => ShardId));
    return shards.filter(
      ({ ShardId, ParentShardId }) =>
        !finished.has(ShardId!) && (!ParentShardId || !known.has(ParentShardId) || finished.has(ParentShardId)),
    );
  };

  const readShard = async (shardId: string) => {
    const state = reading.get(shardId) ?? { idleMs: IDLE_MS[0], retryMs: RETRY_MS[0], nextAt: 0 };
    reading.set(shardId, state);
    if (performance.now() < state.nextAt) return;
    state.iterator ??= await iteratorAfter(client, streamArn, shardId, progress.done[shardId]);
    const { Records = [], NextShardIterator } = await client.send(
      new GetRecordsCommand({ ShardIterator: state.iterator, Limit: BATCH_SIZE }),
    );
    if (Records.length > 0) {
      const done = await deliverBatch(deliver, Records, streamArn);
      if (done > 0) {
        progress.done[shardId] = Records[done - 1]!.dynamodb!.SequenceNumber!;
        writePrivateJson(progressFile, progress);
      }
      if (done < Records.length) {
        state.iterator = undefined;
        state.nextAt = performance.now() + state.retryMs;
        state.retryMs = Math.min(state.retryMs * 2, RETRY_MS[1]);
        return;
      }
    }
    state.retryMs = RETRY_MS[0];
    state.idleMs = Records.length > 0 ? IDLE_MS[0] : Math.min(state.idleMs * 1.5, IDLE_MS[1]);
    state.nextAt = Records.length > 0 ? 0 : performance.now() + state.idleMs;
    state.iterator = NextShardIterator;
    if (!NextShardIterator) {
      finished.add(shardId);
      reading.delete(shardId);
      nextListAt = 0;
    }
  };

  const readShardOrRecover = async (shardId: string) => {
    try {
      await readShard(shardId);
    } catch (error) {
      reading.delete(shardId);
      // Trimmed records are gone: continue with the oldest one left.
      if (error instanceof TrimmedDataAccessException) delete progress.done[shardId];
      else if (!(error instanceof ExpiredIteratorException)) throw error;
    }
  };

  const loop = repeat(1_000, async (stopped) => {
    if (performance.now() >= nextListAt) await findShards();
    for (const { ShardId } of readable()) {
      if (stopped.aborted) break;
      await readShardOrRecover(ShardId!);
    }
    const next = Math.min(nextListAt, ...readable().map(({ ShardId }) => reading.get(ShardId!)?.nextAt ?? 0));
    return Math.max(0, next - performance.now());
  });
  return {
    stop: async () => {
      await loop.stop();
      client.destroy();
    },
  };
};

const listShards = async (client: DynamoDBStreamsClient, streamArn: string): Promise<Shard[]> => {
  const shards: Shard[] = [];
  let after: string | undefined;
  do {
    const { StreamDescription } = await client.send(
      new DescribeStreamCommand({ StreamArn: streamArn, ExclusiveStartShardId: after }),
    );
    shards.push(...(StreamDescription?.Shards ?? []));
    after = StreamDescription?.LastEvaluatedShardId;
  } while (after);
  return shards;
};

const iteratorAfter = async (client: DynamoDBStreamsClient, streamArn: string, shardId: string, done?: string) => {
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({
      StreamArn: streamArn,
      ShardId: shardId,
      ...(done
        ? { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: done }
        : { ShardIteratorType: 'TRIM_HORIZON' }),
    }),
  );
  return ShardIterator;
};

/** Delivers a batch. Returns how many of its records, from the first on, are done. */
const deliverBatch = async (deliver: Deliver, records: StreamsRecord[], streamArn: string): Promise<number> => {
  try {
    const answer = await deliver({ Records: records.map((record) => asLambdaSees(record, streamArn)) });
    const failed = new Set(answer?.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier));
    if (failed.size === 0) return records.length;
    const first = records.findIndex(({ dynamodb }) => failed.has(dynamodb!.SequenceNumber!));
    // An identifier that is not of this batch fails it as a whole, as on AWS.
    return Math.max(first, 0);
  } catch (error) {
    console.error(error);
    return 0;
  }
};

/** Converts a record to Lambda's JSON: binary as base64, times in seconds. */
const asLambdaSees = ({ dynamodb, userIdentity, ...record }: StreamsRecord, streamArn: string): DynamoDBRecord => {
  const { ApproximateCreationDateTime: at, ...change } = dynamodb!;
  const lambdaRecord = {
    ...record,
    eventSourceARN: streamArn,
    ...(userIdentity && { userIdentity }),
    dynamodb: { ...change, ...(at && { ApproximateCreationDateTime: Math.floor(at.getTime() / 1000) }) },
  };
  return JSON.parse(
    JSON.stringify(lambdaRecord, (_name, value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
    ),
  ) as DynamoDBRecord;
};
