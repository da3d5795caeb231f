import { Agent } from 'node:http';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTable, tableDefinition } from '../../../infra/local/database/create-table.ts';

/**
 * The connections of all clients of a process: each client with its own would open thousands. DynamoDB Local closes a connection
 * that is idle for 30 s, so the agent closes it earlier.
 */
const httpAgent = new Agent({ keepAlive: true, timeout: 10_000 });

/** Has a client name its credentials and sign nothing. DynamoDB Local checks no signature, and signing is a third of a request's work. */
export const signNothing = ({ config }: Pick<DynamoDBClient, 'config'>): void => {
  config.signer = async () => ({
    sign: async (request) => {
      const { accessKeyId } = await config.credentials();
      request.headers.authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=none`;
      return request;
    },
  });
};

/** A client of DynamoDB Local, which keeps one database per access key. */
export const localDynamoDb = (endpoint: string, accessKeyId: string): DynamoDBClient => {
  const client = new DynamoDBClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId, secretAccessKey: 'secret' },
    // Under load DynamoDB Local says that it waits for a lock: the SDK retries.
    maxAttempts: 8,
    requestHandler: { httpAgent },
  });
  signNothing(client);
  return client;
};

/** Creates an empty table. Without its stream a write costs DynamoDB Local a third less. */
export const createLocalTable = async (
  endpoint: string,
  name: string,
  { accessKeyId, stream }: { accessKeyId: string; stream: boolean },
): Promise<void> => {
  if (stream) await createTable(endpoint, name, { accessKeyId, secretAccessKey: 'secret' });
  else await localDynamoDb(endpoint, accessKeyId).send(new CreateTableCommand({ TableName: name, ...tableDefinition }));
};
