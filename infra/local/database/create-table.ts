import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb';
import { tableKeys } from '../../../shared/table/store/keys.ts';
import { StartupError } from '../startup-error.ts';

interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

/** The table's keys and billing. */
export const tableDefinition = {
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: tableKeys.partition, AttributeType: 'S' },
    { AttributeName: tableKeys.sort, AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: tableKeys.partition, KeyType: 'HASH' },
    { AttributeName: tableKeys.sort, KeyType: 'RANGE' },
  ],
} satisfies Omit<CreateTableCommandInput, 'TableName'>;

/**
 * Creates the table as on AWS: the same keys, on demand, with a stream. Leaves an existing table alone. For the local stack and
 * the tests only.
 *
 * @param credentials select the database of an in-memory DynamoDB Local; default: the environment's
 * @returns the ARN of its stream
 */
export const createTable = async (
  endpoint: string,
  tableName: string,
  credentials?: Credentials,
): Promise<{ streamArn: string }> => {
  const client = new DynamoDBClient({
    endpoint,
    ...(credentials && { credentials, region: process.env.AWS_REGION ?? 'us-east-1' }),
  });
  try {
    await client.send(
      new CreateTableCommand({
        TableName: tableName,
        ...tableDefinition,
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  try {
    return { streamArn: await activeStream(client, tableName) };
  } finally {
    client.destroy();
  }
};

/** Waits until the table is active. */
const activeStream = async (client: DynamoDBClient, tableName: string): Promise<string> => {
  for (;;) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
    if (Table?.TableStatus === 'ACTIVE') {
      if (Table.LatestStreamArn) return Table.LatestStreamArn;
      throw new StartupError(`The table ${tableName} has no stream: enable one with new and old images.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};
