import { Logger } from '@aws-lambda-powertools/logger';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { planDue } from '../shared/table/due.ts';
import { dueOf } from '../shared/table/plan.ts';
import { openTable, type Table } from '../shared/table/table.ts';

const logger = new Logger();
let table: Table | undefined;

type Image = NonNullable<DynamoDBRecord['dynamodb']>['NewImage'];
const itemOf = (image: Image) => image && unmarshall(image as Record<string, AttributeValue>);

/**
 * Reads the table's stream and plans what the schedule must look at. A record that comes twice plans the same again.
 * It stops at the first record that fails, so that the stream resumes there.
 */
export const handler = async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  table ??= openTable();
  for (const record of event.Records) {
    try {
      const { OldImage, NewImage } = record.dynamodb ?? {};
      const due = dueOf({ before: itemOf(OldImage), after: itemOf(NewImage) });
      if (due) await planDue(table, due);
    } catch (error) {
      logger.error('A change could not be planned', error as Error);
      return { batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber ?? '' }] };
    }
  }
  return { batchItemFailures: [] };
};
