import type * as z from 'zod';
import type { SoldSubscription as Body } from '../../contracts/schemas/sold-subscription.ts';
import { utc } from '../../domain/activation.ts';
import { type SoldSubscription, trendOf } from '../../domain/portfolio.ts';
import { statusOf } from '../../domain/subscription.ts';

/** Returns a subscription of the vendor's list as the API shows it. */
export const soldSubscriptionBody = (sold: SoldSubscription, now: number): z.input<typeof Body> => ({
  organizationId: sold.organizationId,
  organizationName: sold.organizationName,
  product: sold.product,
  productName: sold.productName,
  licenseType: sold.licenseType,
  status: statusOf(sold, now),
  quota: sold.quota,
  expiresAt: utc(sold.expiresAt),
  trial: sold.trial,
  note: sold.note,
  inUse: sold.use?.inUse ?? null,
  countedAt: sold.use ? utc(sold.use.countedAt) : null,
  trend: trendOf(sold.use, now),
});

/** The columns of the CSV file. */
export const soldSubscriptionColumns = [
  'Organization',
  'Organization ID',
  'Product',
  'Product name',
  'License type',
  'Status',
  'Quota',
  'In use',
  'Counted',
  'Peak of 7 days',
  'Peak of the 7 days before',
  'Expires',
  'Trial',
  'Note',
] as const;

/** Returns the row of a subscription in the file. */
export const soldSubscriptionRow = (sold: SoldSubscription, now: number): (string | number)[] => {
  const body = soldSubscriptionBody(sold, now);
  const { organizationName, organizationId, product, productName, licenseType, status, quota, trend } = body;
  const use = [quota, body.inUse ?? '', body.countedAt ?? '', trend.peak ?? '', trend.before ?? ''];
  return [
    organizationName,
    organizationId,
    product,
    productName,
    licenseType,
    status,
    ...use,
    body.expiresAt,
    body.trial ? 'yes' : 'no',
    body.note ?? '',
  ];
};
