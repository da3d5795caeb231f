import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { vi } from 'vitest';
import { followChanges, settleDue } from '../../../../infra/functions.ts';
import { createTable } from '../../../../infra/local/database/create-table.ts';
import { followStream } from '../../../../infra/local/fakes/stream-poller.ts';
import { settleAllDue } from '../../../../shared/table/schedule/settle-due.ts';
import { withGrant } from '../../../api/support/grants.ts';
import { coldStart } from '../cold-start.ts';
import { createDatabase } from '../database.ts';

/** A database whose real stream feeds the real stream function; only the schedule's clock is the tests'. */
export const openChangeFeed = async () => {
  const database = await createDatabase({ stream: true });
  const table = database.client();
  vi.stubEnv('TABLE_NAME', database.name);
  vi.stubEnv('DYNAMODB_ENDPOINT', database.endpoint);
  vi.stubEnv('AWS_ACCESS_KEY_ID', database.credentials.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', database.credentials.secretAccessKey);
  const { handler } = await coldStart('follow-changes');
  const { streamArn } = await createTable(database.endpoint, database.name, database.credentials);
  /** What to call once the batch of a mark is followed. */
  const marks = new Map<string, () => void>();
  const stream = followStream({
    endpoint: database.endpoint,
    streamArn,
    progressFile: join(await mkdtemp(join(tmpdir(), 'leasehold-')), 'stream.json'),
    deliver: async (event) => {
      const answer = await withGrant(followChanges, () => handler(event));
      // The next batch begins with the first change that failed.
      const failures = new Set(answer?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      const first = event.Records.findIndex(({ dynamodb }) => failures.has(dynamodb?.SequenceNumber ?? ''));
      const followed = first < 0 ? event.Records : event.Records.slice(0, first);
      for (const { dynamodb } of followed) marks.get(dynamodb?.Keys?.sk?.S ?? '')?.();
      return answer;
    },
  });
  /** The due items of an organization's pools, straight from the table. */
  const dues = async ({ organizationId }: { organizationId: string }) => {
    const { Items = [] } = await table.client.send(
      new ScanCommand({
        TableName: table.name,
        ConsistentRead: true,
        FilterExpression: 'begins_with(pk, :due) AND #pool.organizationId = :organization',
        ExpressionAttributeNames: { '#pool': 'pool' },
        ExpressionAttributeValues: { ':due': 'DUE#', ':organization': organizationId },
      }),
    );
    return Items;
  };
  return {
    database,
    table,
    dues,
    /** Waits until the stream function has followed everything that was written before. */
    caughtUp: async (): Promise<void> => {
      const mark = `mark-${marks.size}`;
      const { promise: followed, resolve } = Promise.withResolvers<void>();
      marks.set(mark, resolve);
      await table.client.send(new PutCommand({ TableName: table.name, Item: { pk: 'MARK', sk: mark } }));
      const stop = new AbortController();
      const late = setTimeout(60_000, undefined, { signal: stop.signal }).then(() => {
        throw new Error('the stream function did not catch up');
      });
      await Promise.race([followed, late]).finally(() => stop.abort());
    },
    /** Runs the schedule as if it were `now` (epoch ms). */
    settle: (now: number) => withGrant(settleDue, () => settleAllDue(table, { now, most: 1000, until: () => false })),
    close: async (): Promise<void> => {
      await stream.stop();
      vi.unstubAllEnvs();
    },
  };
};
