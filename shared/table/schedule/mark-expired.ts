import { noticeOf } from '../../domain/outbox/expiry-notice.ts';
import type { Subscription } from '../../domain/subscription.ts';
import { noteOn } from '../items/subscriptions.ts';
import { writeNotice } from '../outbox/expiry-notices.ts';
import type { Key } from '../store/keys.ts';
import { type Table, update } from '../store/table.ts';

const atThisEnd = 'expiresAt = :end AND attribute_not_exists(expiredAt)';
const notRevoked = 'attribute_not_exists(revokedAt)';
const notAccepted = 'attribute_not_exists(acceptedBy)';
const notVoided = 'attribute_not_exists(voidedAt)';
const neverPending = '(attribute_not_exists(#status) OR #status = :active)';

/**
 * Marks an invitation, an API key or an offline license as expired, at its end rather than now. The mark serves the history
 * alone: the time decides the expiry. Items that were marked, used, revoked, voided or made anew do not change.
 *
 * @param end the end of the item, epoch ms
 */
export const markExpired = async (table: Table, key: Key, end: number): Promise<void> => {
  await update(table, {
    Key: key,
    UpdateExpression: 'SET expiredAt = :end',
    ConditionExpression: `${atThisEnd} AND ${notRevoked} AND ${notAccepted} AND ${notVoided} AND ${neverPending}`,
    ExpressionAttributeValues: { ':end': end, ':active': 'active' },
  });
};

/**
 * Writes the end of a subscription: a notice to its owners and admins, then its mark. In this order: a mark means that all is
 * done.
 *
 * @param subscription an expired subscription, as read
 * @param endedAt its end, epoch ms
 */
export const writeExpiryNotice = async (
  table: Table,
  subscription: Subscription,
  { endedAt, now }: { endedAt: number; now: number },
): Promise<void> => {
  const { expiresAt, expiredAt } = subscription;
  if (expiredAt === expiresAt) return;
  const notice = noticeOf(subscription, 0, now);
  if (notice) await writeNotice(table, { ...notice, endedAt });
  await noteOn(table, subscription, {
    set: 'expiredAt = :end',
    condition: atThisEnd,
    values: { ':end': expiresAt },
  });
};
