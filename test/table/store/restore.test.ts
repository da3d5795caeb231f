import {
  ContinuousBackupsUnavailableException,
  DescribeTableCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, inject, it } from 'vitest';
import { adoptTable } from '../../../infra/operations/adopted-table.ts';
import { createDatabase } from '../support/database.ts';
import { localDynamoDb } from '../support/local-dynamodb.ts';

describe('a restored table', () => {
  /** DynamoDB Local knows streams and deletion protection. This answers for the rest, as DynamoDB does. */
  const withBackupsAndTags = (accessKeyId: string) => {
    const client = localDynamoDb(inject('dynamodb'), accessKeyId);
    const state = { recovery: 'DISABLED', tags: [] as unknown[], refusals: 1 };
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args: any) => {
          const answer = (output: object) => ({ response: undefined, output: { $metadata: {}, ...output } });
          switch (commandName) {
            case 'DescribeContinuousBackupsCommand':
              return answer({
                ContinuousBackupsDescription: {
                  PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: state.recovery },
                },
              });
            case 'UpdateContinuousBackupsCommand':
              if (state.refusals-- > 0) throw unavailable();
              state.recovery = 'ENABLED';
              return answer({});
            case 'ListTagsOfResourceCommand':
              return answer({ Tags: state.tags });
            case 'TagResourceCommand':
              state.tags.push(...args.input.Tags);
              return answer({});
            default:
              return next(args);
          }
        },
      { step: 'initialize' },
    );
    return { client, state };
  };
  const tags = { service: 'leasehold', stage: 'prod' };
  const unavailable = () => new ContinuousBackupsUnavailableException({ message: 'Later', $metadata: {} });

  it('gets what DynamoDB does not restore, once: stream, protection, point-in-time recovery, tags', async () => {
    const { name, credentials } = await createDatabase();
    const { client, state } = withBackupsAndTags(credentials.accessKeyId);
    const first = await adoptTable(client, name, { tags, pauseMs: 1 });
    expect(first.changed).toEqual(['stream', 'deletion protection', 'point-in-time recovery', 'tags']);
    expect(state.recovery).toBe('ENABLED');
    expect(state.tags).toEqual([
      { Key: 'service', Value: 'leasehold' },
      { Key: 'stage', Value: 'prod' },
    ]);
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    expect(Table).toMatchObject({
      DeletionProtectionEnabled: true,
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      LatestStreamArn: first.streamArn,
    });
    expect(await adoptTable(client, name, { tags, pauseMs: 1 })).toEqual({ streamArn: first.streamArn, changed: [] });
  });

  it('with a stream that lacks images is refused: the functions could not follow its changes', async () => {
    const { name, credentials } = await createDatabase();
    const { client } = withBackupsAndTags(credentials.accessKeyId);
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } as const;
    await client.send(new UpdateTableCommand({ TableName: name, StreamSpecification }));
    await expect(adoptTable(client, name, { tags, pauseMs: 1 })).rejects.toThrow('KEYS_ONLY');
  });
});
