import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { adoptTable, contextLines } from './adopted-table.ts';
import { OperatorError } from './service-secrets.ts';

/**
 * `npm run adopt-table -- --table <name> [--stage <stage>]`: makes a restored table like one that the app creates, and prints the
 * settings that point the app at it. A repetition changes nothing. docs/runbooks/restore.md says when to run it.
 */
const Options = z.object({ table: z.string('--table is the name of a table').min(3), stage: z.string().optional() });

try {
  const { values } = parseArgs({ options: { table: { type: 'string' }, stage: { type: 'string' } } });
  const parsed = Options.safeParse(values);
  if (!parsed.success) throw new OperatorError(parsed.error.issues.map(({ message }) => message).join('\n'));
  const { table, stage } = parsed.data;
  const endpoint = process.env.DYNAMODB_ENDPOINT;
  const client = new DynamoDBClient({ ...(endpoint && { endpoint }) });
  const tags = { service: 'leasehold', ...(stage !== undefined && { stage }) };
  const { streamArn, changed } = await adoptTable(client, table, { tags });
  console.log(changed.length > 0 ? `Turned on: ${changed.join(', ')}.` : 'Everything was on.');
  console.log(`Put these lines into the context of cdk.json:\n${contextLines(table, streamArn, stage)}`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
