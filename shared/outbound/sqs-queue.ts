import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { batched } from './batch-sender.ts';

/** The most entries that SQS takes in one request. */
const batchSize = 10;

/**
 * Puts orders into a queue, those that come together in one request. An order that SQS refuses fails alone.
 *
 * @param groupOf the message group of an order: SQS prefers the messages of others to those of one that keeps many
 *   receivers busy, so a webhook whose target is slow, or an organization with a thousand mails, holds up no other
 */
export const openQueue = <Job>(
  url: string,
  groupOf: (job: Job) => string,
  client = new SQSClient({}),
): ((job: Job) => Promise<void>) =>
  batched(batchSize, async (jobs) => {
    const { Failed = [] } = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: jobs.map((job, index) => ({
          Id: String(index),
          MessageBody: JSON.stringify(job),
          MessageGroupId: groupOf(job),
        })),
      }),
    );
    const reasons = new Map(Failed.map(({ Id, Code }) => [Id, new Error(`SQS refused an order: ${Code}`)]));
    return jobs.map((_, index) => reasons.get(String(index)));
  });
