import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { targetConfig } from '../shared/config.ts';
import { createLogger } from '../shared/logger.ts';
import { DeliveryJob, deliver } from '../shared/outbound/deliver-webhook.ts';
import { post } from '../shared/outbound/post-webhook.ts';
import { openTable, type Table } from '../shared/table/store/table.ts';

const logger = createLogger();
const processor = new BatchProcessor(EventType.SQS, { logger });
let table: Table | undefined;

const attempt = async ({ body }: SQSRecord): Promise<void> => {
  table ??= openTable('service#webhooks');
  const rules = { loopback: targetConfig().WEBHOOK_ALLOW_LOOPBACK };
  const job = DeliveryJob.parse(JSON.parse(body));
  const outcome = await deliver(table, job, {
    post: (url, message, options) => post(url, message, { ...rules, ...options }),
    now: Date.now(),
  });
  logger.info('attempt', { ...job, outcome });
};

/** Takes jobs from the queue and makes an attempt at each. A refusal by a target is no failure of this function. */
export const handler = (event: SQSEvent): Promise<SQSBatchResponse> =>
  processPartialResponse(event, attempt, processor, { throwOnFullBatchFailure: false });
