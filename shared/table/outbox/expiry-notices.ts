import { type Notice, type NoticeStep, noticeOf } from '../../domain/outbox/expiry-notice.ts';
import { readSubscription } from '../items/subscriptions.ts';
import { keys, type Pool } from '../store/keys.ts';
import { put, type Table } from '../store/table.ts';

/** Writes a notice, if that step towards that end was not noticed before: whatever runs twice, it is told once. */
export const writeNotice = async (table: Table, notice: Notice): Promise<void> => {
  await put(table, {
    Item: { ...keys.notice(notice, notice.expiresAt, notice.step), ...notice },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
};

/** Warns of a subscription's end, if that is still its end and the warning still says what is so. */
export const writeWarning = async (
  table: Table,
  pool: Pool,
  { step, expiresAt }: { step: NoticeStep; expiresAt: number },
  now: number,
): Promise<void> => {
  const subscription = await readSubscription(table, pool);
  if (subscription?.expiresAt !== expiresAt) return;
  const notice = noticeOf(subscription, step, now);
  if (notice) await writeNotice(table, notice);
};
