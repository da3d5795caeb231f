import { type Notice, type NoticeStep, noticeOf } from '../../domain/outbox/expiry-notice.ts';
import { readSubscription } from '../items/subscriptions.ts';
import { keys, type Pool } from '../store/keys.ts';
import { put, type Table } from '../store/table.ts';

/**
 * Writes the notice of one step towards one end. A repetition changes nothing. A subscription that is renewed and then set back
 * ends once more, at the time of that setting.
 */
export const writeNotice = async (table: Table, notice: Notice): Promise<void> => {
  await put(table, {
    Item: { ...keys.notice(notice, notice.endedAt ?? notice.expiresAt, notice.step), ...notice },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
};

/** Warns of a subscription's end, unless the end has changed or the warning is out of date. */
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
