import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { together } from './batch-sender.ts';

/** The most entries that SQS takes in one request. */
const batchSize = 10;

/**
 * Puts orders into a queue, those that come together in one request. An order that SQS refuses fails alone.
 *
 * @param groupOf the message group of an order: SQS prefers the messages of others to those of one that keeps many
 *   receivers busy, so a webhook whose target is slow, or an organization with a thousand mails, holds up no other
 */
export const openQueue = <Order>(
  url: string,
  groupOf: (order: Order) => string,
  client = new SQSClient({}),
): ((order: Order) => Promise<void>) =>
  together(batchSize, async (orders) => {
    const { Failed = [] } = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: orders.map((order, index) => ({
          Id: String(index),
          MessageBody: JSON.stringify(order),
          MessageGroupId: groupOf(order),
        })),
      }),
    );
    const reasons = new Map(Failed.map(({ Id, Code }) => [Id, new Error(`SQS refused an order: ${Code}`)]));
    return orders.map((_, index) => reasons.get(String(index)));
  });
