import * as z from 'zod';
import { ProductCode, Text, UtcTime } from './primitives.ts';
import { defaultMaxDays, LicenseType, OfflineRules } from './subscription.ts';

/** The terms that a sale and a product of the catalogue have in common, with their defaults. */
export const termFields = {
  leaseSeconds: z.int().min(5).max(86_400).default(120).meta({ description: 'A lease lasts this long.' }),
  offline: z
    .strictObject({
      allowed: OfflineRules.shape.allowed,
      maxDays: OfflineRules.shape.maxDays.default(defaultMaxDays),
      reserveOnline: OfflineRules.shape.reserveOnline.optional().meta({
        description: 'Seats kept for online use. Default: 1, or 0 where the quota is 0 or 1.',
      }),
    })
    .default({ allowed: false, maxDays: defaultMaxDays }),
  idleTimeoutMinutes: z.int().min(1).max(10_080).nullable().default(null).meta({
    description: 'Per user: for how long nobody may work with an activation before it ends; null: for ever.',
    example: 120,
  }),
};

/** Returns whether only a per-user product has an idle timeout. */
export const hasFittingTimeout = (licenseType: string, { idleTimeoutMinutes }: { idleTimeoutMinutes: number | null }) =>
  licenseType === 'per-user' || idleTimeoutMinutes === null;

export const ProductTerms = z
  .strictObject({
    quota: z.int().min(0).max(100_000).default(10).meta({ description: 'How many licenses a sale has.' }),
    months: z.int().min(1).max(120).default(12).meta({ description: 'How long a sale lasts.' }),
    trialDays: z.int().min(1).max(366).default(14).meta({ description: 'How long a trial lasts.' }),
    ...termFields,
  })
  .meta({ id: 'ProductTerms' });

export const productFields = {
  name: Text.trim().min(1).max(100).meta({ example: 'Katalon Runtime Engine' }),
  licenseType: LicenseType,
};

/** A product of the vendor's catalogue. */
export const Product = z
  .object({ product: ProductCode, ...productFields, terms: ProductTerms, changedAt: UtcTime })
  .meta({ id: 'Product' });
