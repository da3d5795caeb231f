import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, expect, inject, it, vi } from 'vitest';
import { createTable } from '../../infra/local/database/create-table.ts';
import { type Deliver, followStream } from '../../infra/local/fakes/stream-poller.ts';
import { eventually } from '../eventually.ts';

const endpoint = inject('dynamodb');
let directory: string;
let client: DynamoDBClient;
let streamArn: string;
let table: string;
let putSoFar: number;

beforeAll(() => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  // Every access key has a database of its own.
  vi.stubEnv('AWS_ACCESS_KEY_ID', randomBytes(10).toString('hex'));
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'none');
  vi.stubEnv('AWS_REGION', 'us-east-1');
});
afterAll(() => {
  vi.unstubAllEnvs();
});
beforeEach(async () => {
  table = `stream-${randomBytes(4).toString('hex')}`;
  directory = mkdtempSync(join(tmpdir(), 'leasehold-stream-'));
  client = new DynamoDBClient({ endpoint });
  ({ streamArn } = await createTable(endpoint, table));
  putSoFar = 0;
  return () => {
    client.destroy();
    rmSync(directory, { recursive: true });
  };
});

const put = async (count: number) => {
  for (let i = 0; i < count; i++) {
    const Item = { pk: { S: 'p' }, sk: { S: String(putSoFar++) }, bytes: { B: new Uint8Array([1, 2]) } };
    await client.send(new PutItemCommand({ TableName: table, Item }));
  }
};
const follow = (deliver: Deliver) =>
  followStream({ endpoint, streamArn, progressFile: join(directory, 'stream.json'), deliver });
const number = (record: DynamoDBRecord) => Number(record.dynamodb!.Keys!.sk!.S);

it('delivers every change in order, as Lambda shows it', async () => {
  const records: DynamoDBRecord[] = [];
  await put(2);
  const stream = follow(async ({ Records }) => {
    records.push(...Records);
    return undefined;
  });
  await eventually(() => expect(records).toHaveLength(2));
  await put(1);
  await eventually(() => expect(records).toHaveLength(3));
  await stream.stop();

  expect(records.map(number)).toEqual([0, 1, 2]);
  expect(records[0]).toEqual({
    eventID: expect.any(String),
    eventName: 'INSERT',
    eventVersion: expect.any(String),
    eventSource: 'aws:dynamodb',
    awsRegion: expect.any(String),
    eventSourceARN: streamArn,
    dynamodb: {
      ApproximateCreationDateTime: expect.any(Number),
      Keys: { pk: { S: 'p' }, sk: { S: '0' } },
      NewImage: { pk: { S: 'p' }, sk: { S: '0' }, bytes: { B: 'AQI=' } },
      SequenceNumber: expect.any(String),
      SizeBytes: expect.any(Number),
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  });
});

it('goes on after a restart where it was', async () => {
  const first: number[] = [];
  const before = follow(async ({ Records }) => void first.push(...Records.map(number)) as undefined);
  await put(3);
  await eventually(() => expect(first).toEqual([0, 1, 2]));
  await before.stop();

  await put(2);
  const second: number[] = [];
  const after = follow(async ({ Records }) => void second.push(...Records.map(number)) as undefined);
  await eventually(() => expect(second).toEqual([3, 4]));
  await after.stop();
});

it('goes on while the clock of the computer is set back', async () => {
  const begun = Date.now();
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => begun - 1000 * performance.now());
  const delivered: number[] = [];
  const stream = follow(async ({ Records }) => void delivered.push(...Records.map(number)) as undefined);
  for (let count = 1; count <= 3; count++) {
    await put(1);
    await eventually(() => expect(delivered).toHaveLength(count));
  }
  clock.mockRestore();
  await stream.stop();
});

it('tries again from the record that failed', async () => {
  const batches: number[][] = [];
  await put(3);
  const stream = follow(async ({ Records }) => {
    batches.push(Records.map(number));
    if (batches.length > 2) return { batchItemFailures: [] };
    return { batchItemFailures: [{ itemIdentifier: Records.find((r) => number(r) === 1)!.dynamodb!.SequenceNumber! }] };
  });
  await eventually(() =>
    expect(batches).toEqual([
      [0, 1, 2],
      [1, 2],
      [1, 2],
    ]),
  );
  await stream.stop();
});

it('tries the whole batch again when the function throws', async () => {
  const batches: number[][] = [];
  await put(2);
  const stream = follow(async ({ Records }) => {
    batches.push(Records.map(number));
    if (batches.length === 1) throw new Error('once');
    return undefined;
  });
  await eventually(() =>
    expect(batches).toEqual([
      [0, 1],
      [0, 1],
    ]),
  );
  await stream.stop();
});
