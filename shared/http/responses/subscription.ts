import type * as z from 'zod';
import type { Subscription as SubscriptionBody, SubscriptionSummary } from '../../contracts/schemas/subscription.ts';
import { utc } from '../../domain/activation.ts';
import { type Subscription, statusOf } from '../../domain/subscription.ts';
import { readFigures } from '../../table/items/figures.ts';
import type { Table } from '../../table/store/table.ts';

/** Returns a subscription as any member may see it. */
export const summaryOf = (subscription: Subscription, now: number): z.input<typeof SubscriptionSummary> => ({
  organizationId: subscription.organizationId,
  product: subscription.product,
  productName: subscription.productName,
  licenseType: subscription.licenseType,
  status: statusOf(subscription, now),
});

/** Returns a subscription with its figures, counted from its seats. Only the vendor sees its note. */
export const withFigures = async (
  table: Table,
  subscription: Subscription,
  now: number,
  { isVendor = false }: { isVendor?: boolean } = {},
): Promise<z.input<typeof SubscriptionBody>> => ({
  ...summaryOf(subscription, now),
  ...(await readFigures(table, subscription, now)),
  quota: subscription.quota,
  machineQuota: subscription.machineQuota,
  expiresAt: utc(subscription.expiresAt),
  leaseSeconds: subscription.leaseSeconds,
  offline: subscription.offline,
  idleTimeoutMinutes: subscription.idleTimeoutMinutes,
  ...(subscription.suspended && { suspended: true }),
  ...(subscription.trial && { trial: true }),
  ...(isVendor && subscription.note !== undefined && { note: subscription.note }),
});
