import * as z from 'zod';
import { Activation } from './activation.ts';
import { MachineId, SessionId, UtcTime } from './primitives.ts';
import { SubscriptionSummary } from './subscription.ts';

/** A product, as its member uses it. */
export const YourLicense = SubscriptionSummary.extend({
  expiresAt: UtcTime.meta({ description: 'When the subscription ends.' }),
  licensedAt: UtcTime.nullable().meta({
    description: 'Since when you have a license of a per-user product; null without one, and of a floating product.',
  }),
  activations: z.array(Activation).meta({ description: 'Your live sessions, at most 50.' }),
  refusals: z
    .array(
      z.object({
        at: UtcTime,
        sessionId: SessionId,
        machineId: MachineId,
        reason: z.enum(['license-quota', 'machine-quota']),
        quota: z.int(),
        inUse: z.int(),
      }),
    )
    .meta({
      description: 'Your latest refusals of the last 7 days, at most 5, among the latest 500 of the product.',
    }),
}).meta({ id: 'YourLicense' });
