import * as z from 'zod';
import { UtcTime } from './primitives.ts';

/** The usage of a product in an interval. */
export const Usage = z
  .object({
    from: UtcTime.meta({ description: 'The beginning of the interval.' }),
    quota: z.int().meta({ description: 'The quota of that time; the highest if it changed.', example: 10 }),
    peak: z.int().meta({ description: 'The most sessions that ran at one moment.', example: 9 }),
    average: z.number().meta({
      description: 'How many ran on average; of an interval that is not over, until now.',
      example: 4.25,
    }),
    users: z.int().meta({ description: 'How many users they were of.', example: 3 }),
    machines: z.int().meta({ description: 'How many machines they ran on.', example: 12 }),
    refused: z
      .object({ licenseQuota: z.int(), machineQuota: z.int() })
      .meta({ description: 'How many sessions were refused for the first time because the quota was used up.' }),
    waited: z
      .object({
        sessions: z.int().meta({ description: 'How many of the sessions that began waited for their license.' }),
        averageSeconds: z.number().nullable().meta({ description: 'How long they did on average; null if none did.' }),
        longestSeconds: z.int().nullable().meta({ description: 'How long the one did that waited longest.' }),
      })
      .meta({
        description: 'The waiting in the queue of those who got a license.',
        example: { sessions: 4, averageSeconds: 32.5, longestSeconds: 81 },
      }),
  })
  .meta({ id: 'Usage' });
