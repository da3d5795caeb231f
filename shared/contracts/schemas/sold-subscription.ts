import * as z from 'zod';
import { UtcTime } from './primitives.ts';
import { SubscriptionSummary } from './subscription.ts';

/** A subscription in the vendor's list of all. */
export const SoldSubscription = SubscriptionSummary.extend({
  organizationName: z.string(),
  quota: z.int(),
  expiresAt: UtcTime,
  trial: z.literal(true).optional(),
  note: z.string().optional(),
  inUse: z.int().nullable().meta({
    description: 'How many licenses were in use at the last count; null before the first count.',
  }),
  countedAt: UtcTime.nullable().meta({ description: 'When the service last counted: it does so once an hour.' }),
  trend: z
    .object({ peak: z.int().nullable(), before: z.int().nullable() })
    .meta({ description: 'The most in use at a count of the last seven days, and of the seven days before.' }),
}).meta({ id: 'SoldSubscription' });
