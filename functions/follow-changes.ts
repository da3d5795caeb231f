import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { sinksConfig } from '../shared/config.ts';
import { createLogger } from '../shared/logger.ts';
import type { DeliveryJob } from '../shared/outbound/deliver-webhook.ts';
import { dispatchChange, type Sinks } from '../shared/outbound/dispatch-change.ts';
import { openBus } from '../shared/outbound/event-bus.ts';
import type { MailJob } from '../shared/outbound/mail-job.ts';
import { openQueue } from '../shared/outbound/sqs-queue.ts';
import { openTable, type Table } from '../shared/table/store/table.ts';
import { WrittenPlans } from '../shared/table/store/written-plans.ts';
import { changeOf } from '../shared/table/stream/change.ts';
import { followChange } from '../shared/table/stream/follow-change.ts';

const logger = createLogger();
const processor = new BatchProcessor(EventType.DynamoDBStreams, { logger });
let table: Table | undefined;
let sinks: Sinks | undefined;
const written = new WrittenPlans();

const openSinks = (): Sinks => {
  const { WEBHOOK_QUEUE_URL, MAIL_QUEUE_URL, EVENT_BUS, EVENT_BUS_ACTIONS } = sinksConfig();
  return {
    ...(WEBHOOK_QUEUE_URL && { attempts: openQueue(WEBHOOK_QUEUE_URL, ({ webhookId }: DeliveryJob) => webhookId) }),
    ...(MAIL_QUEUE_URL && { mails: openQueue(MAIL_QUEUE_URL, ({ organizationId }: MailJob) => organizationId) }),
    ...(EVENT_BUS && { bus: openBus(EVENT_BUS, EVENT_BUS_ACTIONS) }),
  };
};

type Image = NonNullable<DynamoDBRecord['dynamodb']>['NewImage'];
const itemOf = (image: Image) => image && unmarshall(image as Record<string, AttributeValue>);

const follow = async ({ eventID = '', dynamodb }: DynamoDBRecord): Promise<void> => {
  const { OldImage, NewImage, ApproximateCreationDateTime = 0 } = dynamodb ?? {};
  table ??= openTable('service#stream');
  sinks ??= openSinks();
  const at = ApproximateCreationDateTime * 1000;
  const change = changeOf({ id: eventID, at, before: itemOf(OldImage), after: itemOf(NewImage) });
  if (!change) return;
  const event = await followChange(table, change, { written, sendsMails: sinks.mails !== undefined });
  await dispatchChange(sinks, change, event);
};

/**
 * Writes and dispatches everything derived from each change of the table's stream. Idempotent and order-independent; after a
 * failure the stream resumes at the first failed change.
 */
export const handler = (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> =>
  processPartialResponse(event, follow, processor, { throwOnFullBatchFailure: false });
