import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { batched } from './batch-sender.ts';

/** The most entries that SQS takes in one request. */
const batchSize = 10;

/**
 * Returns a function that enqueues jobs, concurrent ones in one request. A refused job fails alone.
 *
 * @param groupOf the message group of a job. SQS serves quiet groups first, so a slow webhook, or an organization with a thousand
 *   mails, does not hold up the others
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
    const reasons = new Map(Failed.map(({ Id, Code }) => [Id, new Error(`SQS refused a job: ${Code}`)]));
    return jobs.map((_, index) => reasons.get(String(index)));
  });
