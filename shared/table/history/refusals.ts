import type { SessionRequest } from '../../domain/activation.ts';
import type { Refusal } from '../../domain/history/refusal.ts';
import type { HolderRecord } from '../../domain/holder-record.ts';
import { type Acquired, inUse } from '../engine/claimant.ts';
import { keys, type Pool } from '../store/keys.ts';
import { put, type Table } from '../store/table.ts';
import { recountUsage } from './usage-cache.ts';

/** Returns the quota that refused; undefined for other outcomes. */
const quotaOf = <R extends HolderRecord>(
  result: Acquired<R>,
): Pick<Refusal, 'reason' | 'quota' | 'inUse'> | undefined => {
  if (result.outcome === 'exhausted')
    return { reason: 'license-quota', quota: result.subscription.quota, inUse: inUse(result) };
  if (result.outcome === 'machines-exhausted')
    return { reason: 'machine-quota', quota: result.machineQuota, inUse: result.registered };
  return undefined;
};

/**
 * Notes that a quota refused an activation, in one write. Only the first refusal of a session counts: its runner may ask
 * again. Other outcomes are not noted.
 */
export const noteRefusal = async <R extends HolderRecord>(
  table: Table,
  { organizationId, product }: Pool,
  { sessionId, userId, machineId, hostname }: SessionRequest,
  result: Acquired<R>,
  at: number,
): Promise<void> => {
  const quota = quotaOf(result);
  if (!quota) return;
  const refusal: Refusal = { organizationId, product, sessionId, userId, machineId, hostname, at, ...quota };
  await put(table, {
    Item: { ...keys.refusal(refusal, sessionId, quota.reason), ...refusal },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
};

/** Writes a refusal by its time. A repetition changes nothing. */
export const recordRefusal = async (table: Table, refusal: Refusal): Promise<void> => {
  const { sessionId, reason, at } = refusal;
  await put(table, { Item: { ...keys.refused(refusal, at, sessionId, reason), ...refusal } });
  await recountUsage(table, refusal, { from: at, to: at + 1 });
};
