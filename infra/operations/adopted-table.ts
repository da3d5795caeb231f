import { setTimeout } from 'node:timers/promises';
import {
  ContinuousBackupsUnavailableException,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ListTagsOfResourceCommand,
  type TableDescription,
  TagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  type UpdateTableCommandInput,
} from '@aws-sdk/client-dynamodb';
import { tableKeys } from '../../shared/table/store/keys.ts';
import { settingKey } from '../stages.ts';
import { OperatorError } from './service-secrets.ts';

/**
 * Gives a table the settings that DynamoDB does not restore: stream, deletion protection, point-in-time recovery, tags. Waits
 * until they are on. Repeating this is harmless.
 *
 * @param options.pauseMs between two looks, ms
 * @returns the ARN of its stream, and the settings that were not yet on
 * @throws OperatorError if the table is none of this service
 */
export const adoptTable = async (
  client: DynamoDBClient,
  name: string,
  { tags, pauseMs = 5000 }: { tags: Record<string, string>; pauseMs?: number },
): Promise<{ streamArn: string; changed: string[] }> => {
  const changed: string[] = [];
  /** Waits for the end of the restore, or of a change: DynamoDB makes one change at a time. */
  const whenActive = async (): Promise<TableDescription> => {
    for (;;) {
      const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
      if (Table?.TableStatus === 'ACTIVE' && Table.RestoreSummary?.RestoreInProgress !== true) return Table;
      await setTimeout(pauseMs);
    }
  };
  const change = async (what: string, input: Omit<UpdateTableCommandInput, 'TableName'>) => {
    await client.send(new UpdateTableCommand({ TableName: name, ...input }));
    changed.push(what);
  };

  let table = await whenActive();
  const ownKeys = [tableKeys.partition, tableKeys.sort].join();
  if (table.KeySchema?.map(({ AttributeName }) => AttributeName).join() !== ownKeys)
    throw new OperatorError(`The table ${name} has other keys than ${ownKeys}: name the restored table.`);
  if (table.StreamSpecification?.StreamEnabled !== true) {
    await change('stream', { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } });
    table = await whenActive();
  }
  const view = table.StreamSpecification?.StreamViewType;
  if (view !== 'NEW_AND_OLD_IMAGES')
    throw new OperatorError(`The stream of ${name} has ${view}: turn it off, and repeat this command.`);
  if (table.DeletionProtectionEnabled !== true) {
    await change('deletion protection', { DeletionProtectionEnabled: true });
    await whenActive();
  }
  if (await turnOnRecovery(client, name, pauseMs)) changed.push('point-in-time recovery');
  if (await addTags(client, table.TableArn, tags)) changed.push('tags');
  return { streamArn: String(table.LatestStreamArn), changed };
};

/** Returns the lines for the context of cdk.json that point a deployment, and no other stage, at a table. */
export const contextLines = (table: string, streamArn: string, stage: string | undefined): string =>
  `  "${settingKey(stage, 'table')}": "${table}",\n  "${settingKey(stage, 'tableStream')}": "${streamArn}",`;

/** Turns on point-in-time recovery; a new table takes it after some minutes only. Returns whether it was off. */
const turnOnRecovery = async (client: DynamoDBClient, TableName: string, pauseMs: number): Promise<boolean> => {
  for (let tries = 1; ; tries++) {
    const { ContinuousBackupsDescription: backups } = await client.send(
      new DescribeContinuousBackupsCommand({ TableName }),
    );
    if (backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED') return tries > 1;
    try {
      const on = { PointInTimeRecoveryEnabled: true };
      await client.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification: on }));
    } catch (error) {
      if (!(error instanceof ContinuousBackupsUnavailableException)) throw error;
      await setTimeout(pauseMs);
    }
  }
};

/** Adds the tags that a table does not have. Returns whether there were any. */
const addTags = async (
  client: DynamoDBClient,
  ResourceArn: string | undefined,
  tags: Record<string, string>,
): Promise<boolean> => {
  const { Tags: found = [] } = await client.send(new ListTagsOfResourceCommand({ ResourceArn }));
  const has = Object.fromEntries(found.map(({ Key, Value }) => [Key, Value]));
  const missing = Object.entries(tags).filter(([Key, Value]) => has[Key] !== Value);
  if (missing.length === 0) return false;
  await client.send(new TagResourceCommand({ ResourceArn, Tags: missing.map(([Key, Value]) => ({ Key, Value })) }));
  return true;
};
