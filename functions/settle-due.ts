import type { Context } from 'aws-lambda';
import { scheduleConfig } from '../shared/config.ts';
import { dayMs } from '../shared/domain/dates.ts';
import { createLogger } from '../shared/logger.ts';
import { purgeHistory } from '../shared/table/history/purge.ts';
import { surveySubscriptions } from '../shared/table/portfolio/survey.ts';
import { settleAllDue } from '../shared/table/schedule/settle-due.ts';
import { openTable, type Table } from '../shared/table/store/table.ts';

const logger = createLogger();
let table: Table | undefined;

/** The most due items of one run, and the reserve of its time, ms. */
const most = 100_000;
const reserveMs = 10_000;

/** The schedule: settles due items, then purges old history, then counts the use of all subscriptions. */
export const handler = async (_event: unknown, context: Context) => {
  table ??= openTable('service#schedule');
  const now = Date.now();
  const bounds = { most, until: () => context.getRemainingTimeInMillis() < reserveMs };
  const { HISTORY_DAYS, SURVEY_MINUTES } = scheduleConfig();
  const due = await settleAllDue(table, { now, ...bounds });
  const past = await purgeHistory(table, { before: now - HISTORY_DAYS * dayMs, ...bounds });
  const survey = await surveySubscriptions(table, { now, everyMs: SURVEY_MINUTES * 60_000, until: bounds.until });
  const failed = [...due.failed, ...past.failed];
  for (const { due, error } of failed)
    logger.error('Not settled; it stays due', { error: error as Error, due: { ...due } });
  for (const { subscription, error } of survey.failed) {
    const { organizationId, product } = subscription;
    logger.error('The use of a subscription was not counted', { organizationId, product, error: error as Error });
  }
  const more = due.more || past.more;
  const report = { settled: due.settled, purged: past.settled, counted: survey.counted, failed: failed.length, more };
  logger.info('settled', report);
  return report;
};
