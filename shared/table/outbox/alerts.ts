import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type * as z from 'zod';
import type { AlertTerms } from '../../contracts/schemas/alerts.ts';
import { type Alert, isWatched, judged, noAlerts, pauseOf } from '../../domain/outbox/alert.ts';
import { type Figures, statusOf } from '../../domain/subscription.ts';
import { readFigures } from '../items/figures.ts';
import { readSubscription } from '../items/subscriptions.ts';
import { updateUnderAuthority } from '../store/authority.ts';
import { keys, type Pool } from '../store/keys.ts';
import { getItem, type Table, update } from '../store/table.ts';

/** Reads the alerts of a product; undefined if nobody has set them. */
export const readAlert = (table: Table, pool: Pool): Promise<Alert | undefined> => getItem(table, keys.alert(pool));

/** Sets the alerts of a product. What was raised before is forgotten, so that the new terms tell it anew. */
export const setAlert = async (
  table: Table,
  { organizationId, product }: Pool,
  terms: z.infer<typeof AlertTerms>,
  now: number,
): Promise<Alert | undefined> => {
  const { item } = await updateUnderAuthority(table, {
    Key: keys.alert({ organizationId, product }),
    UpdateExpression:
      'SET organizationId = :organization, product = :product, usePercent = :percent, useMinutes = :minutes, ' +
      'waitMinutes = :wait, setAt = :now, settingId = :id, revision = if_not_exists(revision, :none) + :one ' +
      'REMOVE #state',
    ExpressionAttributeValues: {
      ':organization': organizationId,
      ':product': product,
      ':percent': terms.usePercent,
      ':minutes': terms.useMinutes,
      ':wait': terms.waitMinutes,
      ':now': now,
      ':id': randomUUID(),
      ':none': 0,
      ':one': 1,
    },
  });
  return item;
};

/** Asks for a test alert. */
export const testAlert = async (table: Table, { organizationId, product }: Pool, now: number): Promise<void> => {
  await update(table, {
    Key: keys.alert({ organizationId, product }),
    UpdateExpression:
      'SET organizationId = :organization, product = :product, usePercent = if_not_exists(usePercent, :never), ' +
      'useMinutes = if_not_exists(useMinutes, :minutes), waitMinutes = if_not_exists(waitMinutes, :never), ' +
      'setAt = if_not_exists(setAt, :now), settingId = if_not_exists(settingId, :id), ' +
      'revision = if_not_exists(revision, :none) + :one, #test = :test',
    ExpressionAttributeValues: {
      ':organization': organizationId,
      ':product': product,
      ':never': null,
      ':minutes': noAlerts.useMinutes,
      ':now': now,
      ':id': randomUUID(),
      ':none': 0,
      ':one': 1,
      ':test': { at: now },
    },
  });
};

const usedOf = (perUser: boolean, { inUse }: Pick<Figures, 'inUse'>): number =>
  (perUser ? inUse.licensedUsers : inUse.online) + inUse.offline;

/**
 * Compares the figures of a product with its alerts, and raises those that are due. Of two runs at once one writes.
 *
 * @param settingId the terms that the check is for
 * @returns when to check again, epoch ms; undefined if the terms were replaced, or watch nothing
 */
export const settleAlert = async (
  table: Table,
  pool: Pool,
  settingId: string,
  now: number,
): Promise<number | undefined> => {
  const [alert, subscription] = await Promise.all([readAlert(table, pool), readSubscription(table, pool)]);
  if (!alert || !subscription || alert.settingId !== settingId || !isWatched(alert)) return undefined;
  const isActive = statusOf(subscription, now) === 'active';
  const figures = isActive ? await readFigures(table, subscription, now) : undefined;
  const { quota, licenseType } = subscription;
  const waitSeconds = figures?.queue.longestWaitSeconds ?? null;
  const used = figures && usedOf(licenseType === 'per-user', figures);
  const state = used === undefined ? {} : judged(alert, { used, quota, waitSeconds }, now);
  if (!isDeepStrictEqual(state, alert.state ?? {})) {
    const isEmpty = Object.keys(state).length === 0;
    await update(table, {
      Key: keys.alert(pool),
      UpdateExpression: `SET revision = revision + :one${isEmpty ? ' REMOVE #state' : ', #state = :state'}`,
      ConditionExpression: 'revision = :read',
      ExpressionAttributeValues: { ':one': 1, ':read': alert.revision, ...(!isEmpty && { ':state': state }) },
    });
  }
  return now + pauseOf(subscription);
};
