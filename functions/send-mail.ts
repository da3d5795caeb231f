import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { contactConfig, mailConfig } from '../shared/config.ts';
import { createLogger } from '../shared/logger.ts';
import { MailJob } from '../shared/outbound/mail-job.ts';
import { type SendEmail, sendMail } from '../shared/outbound/send-mail.ts';
import { openSes } from '../shared/outbound/ses-sender.ts';
import { openTable, type Table } from '../shared/table/store/table.ts';

const logger = createLogger();
const processor = new BatchProcessor(EventType.SQS, { logger });
let table: Table | undefined;
let send: SendEmail | undefined;

const attempt = async ({ body }: SQSRecord): Promise<void> => {
  const { MAIL_FROM, CONSOLE_URL: consoleUrl } = mailConfig();
  const { VENDOR_CONTACT: contact } = contactConfig();
  table ??= openTable('service#mails');
  send ??= openSes(MAIL_FROM);
  const job = MailJob.parse(JSON.parse(body));
  const sent = await sendMail(table, job, { send, now: Date.now(), consoleUrl, contact });
  // An operator must look at a promised mail that was not sent.
  if (sent.outcome === 'parked') logger.error('A mail was given up', { ...job, ...sent });
  else logger.info('mail', { ...job, ...sent });
};

/** Takes jobs from the mail queue and makes an attempt at each. A refusal by SES is no failure of this function. */
export const handler = (event: SQSEvent): Promise<SQSBatchResponse> =>
  processPartialResponse(event, attempt, processor, { throwOnFullBatchFailure: false });
