import * as z from 'zod';
import { OrganizationId, ProductCode, UtcTime } from './primitives.ts';

export const LicenseType = z.enum(['floating', 'per-user']).meta({
  description: '`per-user`: a license belongs to a named user. `floating`: one running session takes one license.',
});

/** The default of the longest time that an offline license may last, days. */
export const defaultMaxDays = 60;

export const OfflineRules = z
  .object({
    allowed: z.boolean(),
    maxDays: z.int().min(1).max(3650).nullable().meta({
      description: 'The longest an offline license may last; null: until the subscription ends.',
    }),
    reserveOnline: z.int().min(0).max(100_000).meta({ description: 'Seats kept for online use.' }),
  })
  .meta({ id: 'OfflineRules' });

/** A subscription as every member may see it: without figures. */
export const SubscriptionSummary = z
  .object({
    organizationId: OrganizationId,
    product: ProductCode,
    productName: z.string(),
    licenseType: LicenseType,
    status: z.enum(['active', 'suspended', 'expired']),
  })
  .meta({ id: 'SubscriptionSummary' });

/** A subscription with its figures. */
export const Subscription = SubscriptionSummary.extend({
  quota: z.int().meta({ description: 'Subscribed licenses.' }),
  available: z.int().meta({
    description: 'floating: quota − online − offline; per-user: quota − licensed users − offline; never below 0.',
  }),
  inUse: z.object({ licensedUsers: z.int(), online: z.int(), offline: z.int() }),
  queue: z
    .object({ length: z.int(), longestWaitSeconds: z.int().nullable() })
    .meta({ description: 'How many sessions wait for a license, and for how long the first of them has.' }),
  machineQuota: z.int(),
  registeredMachines: z.int(),
  expiresAt: UtcTime,
  leaseSeconds: z.int(),
  offline: OfflineRules,
  idleTimeoutMinutes: z.int().nullable(),
  suspended: z.literal(true).optional().meta({
    description: 'Present while the vendor suspends it, also once it has expired: `status` is `expired` then.',
  }),
  trial: z.literal(true).optional().meta({ description: 'Present for a trial.' }),
  note: z.string().optional().meta({ description: 'The vendor’s note, for the vendor alone.' }),
}).meta({ id: 'Subscription' });
