import { Logger } from '@aws-lambda-powertools/logger';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { inBatches } from '../shared/table/batches.ts';
import { planDue } from '../shared/table/due.ts';
import { dueOf } from '../shared/table/plan.ts';
import { openTable, type Table } from '../shared/table/table.ts';

const logger = new Logger();
let table: Table | undefined;

type Image = NonNullable<DynamoDBRecord['dynamodb']>['NewImage'];
const itemOf = (image: Image) => image && unmarshall(image as Record<string, AttributeValue>);

const plan = async (record: DynamoDBRecord): Promise<void> => {
  const { OldImage, NewImage } = record.dynamodb ?? {};
  const due = dueOf({ before: itemOf(OldImage), after: itemOf(NewImage) });
  table ??= openTable('service#stream');
  if (due) await planDue(table, due);
};

/**
 * Reads the table's stream and plans what the schedule must look at. A change that comes twice plans the same again,
 * so the order does not matter, and after a failure the stream resumes at the first change that failed.
 */
export const handler = async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  const failures = await inBatches(25, event.Records, async (record) => {
    try {
      await plan(record);
      return [];
    } catch (error) {
      logger.error('A change could not be planned', error as Error);
      return [{ itemIdentifier: record.dynamodb?.SequenceNumber ?? '' }];
    }
  });
  return { batchItemFailures: failures.flat().slice(0, 1) };
};
