import * as z from 'zod';
import { UtcTime } from './primitives.ts';

/** When the owners and admins are told about a product. */
export const AlertTerms = z
  .object({
    usePercent: z
      .union([z.literal(80), z.literal(90), z.literal(100)])
      .nullable()
      .meta({ description: 'The used part of the quota; null: never.' }),
    useMinutes: z.int().min(1).max(60).meta({ description: 'For how long the use must have been so high.' }),
    waitMinutes: z.int().min(1).max(1440).nullable().meta({
      description: 'For how long somebody must have waited for a license; null: never.',
    }),
  })
  .meta({ id: 'AlertTerms' });

export const Alerts = AlertTerms.extend({
  useRaisedAt: UtcTime.nullable().meta({ description: 'Since when the use is told as too high; null: it is not.' }),
  waitRaisedAt: UtcTime.nullable().meta({ description: 'Since when the wait is told as too long; null: it is not.' }),
}).meta({ id: 'Alerts' });
