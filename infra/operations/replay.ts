import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import * as z from 'zod';
import { handler } from '../../functions/follow-changes.ts';
import { tableConfig } from '../../shared/config.ts';

/**
 * `npm run replay -- <file or s3://bucket/key>…`: follows changes that failed for good in the stream function. A second
 * run, an interrupted run, or a run after the purge of the history does no harm; changes of 30 days ago send no webhooks and mails.
 * docs/operations.md says when to run it.
 */

/** The needed part of Lambda's report on a batch that failed for good: `payload` is the batch as text. */
const SetAside = z.object({
  payload: z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'is no JSON' });
        return z.NEVER;
      }
    })
    .pipe(z.object({ Records: z.array(z.looseObject({ eventID: z.string(), dynamodb: z.looseObject({}) })) })),
});

/** Reads a file, or an object in S3 by the AWS CLI with its credentials. */
const read = async (source: string): Promise<string> => {
  if (!source.startsWith('s3://')) return readFile(source, 'utf8');
  const { stdout } = await promisify(execFile)('aws', ['s3', 'cp', source, '-'], { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
};

/** Follows the changes of one batch; returns how many failed again. */
const replay = async (source: string): Promise<number> => {
  const parsed = SetAside.safeParse(JSON.parse(await read(source)));
  if (!parsed.success) throw new Error(`The file is no batch that Lambda set aside:\n${z.prettifyError(parsed.error)}`);
  const batch = parsed.data.payload as unknown as DynamoDBStreamEvent;
  const { batchItemFailures } = await handler(batch);
  const failed = batchItemFailures.length;
  console.log(`${source}: ${batch.Records.length - failed} of ${batch.Records.length} changes followed`);
  return failed;
};

const sources = process.argv.slice(2);
try {
  if (sources.length === 0) throw new Error('Name the files: npm run replay -- <file or s3://bucket/key>…');
  tableConfig();
  for (const source of sources) if ((await replay(source)) > 0) process.exitCode = 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
