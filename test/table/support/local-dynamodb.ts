import { Agent } from 'node:http';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** The connections of all clients of a test file: each client with its own would open thousands. */
const httpAgent = new Agent({ keepAlive: true });

/**
 * A client of DynamoDB Local, which keeps one database per access key and checks no signature: none is computed, as that is a
 * third of the work of a request.
 */
export const localDynamoDb = (endpoint: string, accessKeyId: string): DynamoDBClient => {
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=none`;
  return new DynamoDBClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId, secretAccessKey: 'secret' },
    // Under load DynamoDB Local says that it waits for a lock: the SDK retries.
    maxAttempts: 8,
    requestHandler: { httpAgent },
    signer: {
      sign: async (request) => {
        request.headers.authorization = authorization;
        return request;
      },
    },
  });
};
