import { DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { accounts } from '../../infra/local/demo-accounts.ts';
import { blockOf } from '../../shared/domain/census.ts';
import { addMember } from '../../shared/table/items/members.ts';
import { keys, type Pool } from '../../shared/table/store/keys.ts';
import { createPool, type Database } from '../table/support/database.ts';

/** The online licenses of the crowd: five requests of the page. */
export const CROWD = 1_000;

/**
 * Puts sessions that hold seats into the table, each with its seat and its record, before the service starts.
 *
 * @returns their subscription, of an organization of the owner's
 */
export const fillCrowd = async ({ client, endpoint, name, credentials }: Database): Promise<Pool> => {
  const table = client();
  // Near its end, so that a warning takes its place above the list.
  const expiresAt = Date.now() + 20 * 86_400_000;
  const pool = await createPool(table, { quota: CROWD, leaseSeconds: 3600, expiresAt });
  const { organizationId } = pool;
  const now = Date.now();
  const { userId } = await addMember(table, { organizationId, ...accounts.owner, role: 'owner', now });
  const items = Array.from({ length: CROWD }, (_, at) => {
    const session = { sessionId: `build-${at + 1}`, machineId: `runner-${at + 1}`, userId, fence: 1 };
    const { sessionId, ...hold } = session;
    const times = { claimedAt: now, renewedAt: now, availableAt: now + 3_600_000, leaseMs: 3_600_000 };
    return [
      { ...keys.seat(pool, at + 1, blockOf(at + 1)), ...hold, ...times, holder: `session#${sessionId}` },
      {
        ...keys.session(pool, sessionId),
        ...session,
        status: 'active',
        number: at + 1,
        revision: 1,
        activatedAt: now,
        leaseSeconds: 3600,
        previous: [],
      },
    ];
  }).flat();
  const batches = Array.from({ length: Math.ceil(items.length / 25) }, (_, at) => items.slice(at * 25, at * 25 + 25));
  await pMap(
    batches,
    (batch) =>
      table.client.send(
        new BatchWriteCommand({ RequestItems: { [name]: batch.map((Item) => ({ PutRequest: { Item } })) } }),
      ),
    { concurrency: 8 },
  );
  // Begins another stream, so that the service need not follow the writes so far.
  const dynamodb = new DynamoDBClient({ endpoint, credentials, region: 'eu-central-1' });
  for (const StreamSpecification of [
    { StreamEnabled: false },
    { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' as const },
  ])
    await dynamodb.send(new UpdateTableCommand({ TableName: name, StreamSpecification }));
  return pool;
};
