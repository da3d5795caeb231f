import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { AttemptOrder } from './deliver.ts';
import { together } from './together.ts';

/** The most entries that SQS takes in one request. */
const batchSize = 10;

/**
 * Puts orders into the queue of attempts, those that come together in one request. An order that SQS refuses fails
 * alone.
 *
 * Each webhook is a message group of its own: SQS then prefers the messages of others to those of one that keeps many
 * receivers busy, so a slow target holds up no other.
 */
export const openQueue = (url: string, client = new SQSClient({})): ((order: AttemptOrder) => Promise<void>) =>
  together(batchSize, async (orders) => {
    const { Failed = [] } = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: orders.map((order, index) => ({
          Id: String(index),
          MessageBody: JSON.stringify(order),
          MessageGroupId: order.webhookId,
        })),
      }),
    );
    const reasons = new Map(Failed.map(({ Id, Code }) => [Id, new Error(`SQS refused an order: ${Code}`)]));
    return orders.map((_, index) => reasons.get(String(index)));
  });
