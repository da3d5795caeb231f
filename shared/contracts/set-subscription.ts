import * as z from 'zod';
import { operation, vendorOnly } from './operation.ts';
import { GivenTime, Text } from './schemas/primitives.ts';
import { defaultMaxDays, LicenseType, OfflineRules, Subscription } from './schemas/subscription.ts';

export const setSubscription = operation({
  name: 'setSubscription',
  method: 'PUT',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}',
  tag: 'Subscriptions',
  summary: 'Sell, renew, resize, suspend or resume a subscription',
  description:
    'Replaces the subscription: what is left out takes its default. One write at any quota. A smaller quota ends ' +
    'nobody: no new session comes in until fewer than the new quota are in use. A suspension or an earlier expiry ' +
    'ends running activations at their next heartbeat.',
  access: vendorOnly,
  input: {
    body: z
      .strictObject({
        licenseType: LicenseType.meta({ description: 'It cannot be changed later.' }),
        productName: Text.min(1).max(100).optional().meta({ description: 'Default: the product code.' }),
        quota: z.int().min(0).max(100_000).meta({ description: 'How many licenses are sold.', example: 10 }),
        machineQuota: z
          .int()
          .min(0)
          .max(100_000)
          .optional()
          .meta({ description: 'On how many machines at most. Default: the quota.' }),
        expiresAt: GivenTime,
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
        status: z.enum(['active', 'suspended']).default('active').meta({
          description: 'A suspended one refuses activations, and ends those that run at their next heartbeat.',
        }),
      })
      .refine((body) => body.licenseType === 'per-user' || body.idleTimeoutMinutes === null, {
        path: ['idleTimeoutMinutes'],
        error: 'only a per-user subscription can have an idle timeout',
      }),
  },
  answers: {
    201: { description: 'Created.', body: Subscription },
    200: { description: 'Changed.', body: Subscription },
  },
  problems: ['not-found', 'too-many-requests'],
  table: {
    ORG: ['BatchGetItem', 'PutItem'],
    POOL: ['Query'],
    TRAIL: ['UpdateItem'],
  },
  impact: 'The vendor cannot sell, renew, resize or suspend subscriptions.',
});
