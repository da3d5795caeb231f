import * as z from 'zod';
import { operation, vendorOnly } from './operation.ts';
import { GivenTime, Text } from './schemas/primitives.ts';
import { hasFittingTimeout, termFields } from './schemas/product.ts';
import { LicenseType, Subscription } from './schemas/subscription.ts';

export const setSubscription = operation({
  name: 'setSubscription',
  method: 'PUT',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}',
  tag: 'Subscriptions',
  summary: 'Sell, renew, resize, suspend or resume a subscription',
  description:
    'Replaces the subscription: what is left out takes its default, but a note stays. A new subscription of a product that ' +
    'is not in the catalogue is refused, unless the catalogue is empty. One write at any quota. A smaller quota ends ' +
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
        ...termFields,
        status: z.enum(['active', 'suspended']).default('active').meta({
          description: 'A suspended one refuses activations, and ends those that run at their next heartbeat.',
        }),
        trial: z.boolean().default(false).meta({ description: 'A trial: it ends by itself, and its mails say so.' }),
        note: Text.max(1000)
          .nullable()
          .optional()
          .meta({ description: 'For the vendor alone. If it is left out, it stays as it is; null removes it.' }),
      })
      .refine((body) => hasFittingTimeout(body.licenseType, body), {
        path: ['idleTimeoutMinutes'],
        error: 'only a per-user subscription can have an idle timeout',
      }),
  },
  answers: {
    201: { description: 'Created.', body: Subscription },
    200: { description: 'Changed.', body: Subscription },
  },
  problems: ['not-found', 'product-not-in-catalogue', 'too-many-requests'],
  table: {
    ORG: ['BatchGetItem', 'PutItem', 'UpdateItem'],
    CATALOGUE: ['GetItem', 'Query'],
    POOL: ['Query', 'PutItem', 'UpdateItem'],
    TRAIL: ['UpdateItem'],
  },
  impact: 'The vendor cannot sell, renew, resize or suspend subscriptions.',
});
